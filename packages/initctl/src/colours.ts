/**
 * The terminal's own colours, which its owner has chosen for its background: only those that are readable on light and on
 * dark ones (no yellow, no white, no black, no blue).
 */
const CODES = {
  bold: ['1', '22'],
  faint: ['2', '22'],
  inverse: ['7', '27'],
  good: ['32', '39'],
  bad: ['31', '39'],
  busy: ['35', '39'],
  event: ['36', '39'],
} as const;

export type Colour = keyof typeof CODES;
export type Paint = (colour: Colour, text: string) => string;

/** Paint, or leave as it is. */
export const painter = (on: boolean): Paint =>
  on
    ? (colour, text) => {
        const [begin, end] = CODES[colour];
        return text === '' ? '' : `\x1b[${begin}m${text}\x1b[${end}m`;
      }
    : (_, text) => text;

/** At rest, as wanted, or on its way. */
export const stateColour = (goal: string, state: string): Colour => {
  if (state === 'waiting') return 'faint';
  if (state === 'running' && goal === 'start') return 'good';
  return 'busy';
};
