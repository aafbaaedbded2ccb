/** Milliseconds of each unit, as systemd.time(7) names them. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['sec', 1_000],
  ['m', 60_000],
  ['min', 60_000],
  ['h', 3_600_000],
  ['hour', 3_600_000],
  ['d', 86_400_000],
  ['day', 86_400_000],
  ['w', 604_800_000],
  ['week', 604_800_000],
]);

const WHOLE = /^(?:\d{1,9}\s*[a-z]*\s*)+$/;

/**
 * Read `5min`, `1h 30min`, `90` (seconds).
 * @returns milliseconds; undefined for what is no length of time
 */
export const readDuration = (text: string): number | undefined => {
  if (!WHOLE.test(text)) return undefined;
  let total = 0;
  for (const [, number = '', unit = ''] of text.matchAll(/(\d+)\s*([a-z]*)/g)) {
    const factor = UNITS.get(unit === '' ? 's' : unit) ?? UNITS.get(unit.replace(/s$/, ''));
    if (factor === undefined) return undefined;
    total += Number(number) * factor;
  }
  return total;
};
