import { InitctlError } from './errors.js';

const UNITS = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof UNITS;

const SPAN = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|min|h|d)?$/;

/** How a span of time is written, for error texts. */
export const SPAN_SYNOPSIS = 'a number and ms, s, min, h or d';

/** `500ms`, `2s`, `1.5min`; a number alone is seconds. @returns milliseconds; undefined for what is none */
export const readSpan = (text: string): number | undefined => {
  const [, number, unit = 's'] = SPAN.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * UNITS[unit as Unit];
};

/** @throws InitctlError `illegal-choice` */
export const spanOption = (option: string, text: string): number => {
  const span = readSpan(text);
  if (span === undefined) {
    throw new InitctlError('illegal-choice', { option: `--${option}`, value: text, choices: SPAN_SYNOPSIS });
  }
  return span;
};

/** `0 ms`, `1.25 s`, `2 min 5 s`: the way to write a distance in time that is exact enough for people. */
export const spanText = (ms: number): string => {
  if (ms < 1000) return `${Number(ms.toFixed(ms < 10 ? 1 : 0))} ms`;
  if (ms < 60_000) return `${Number((ms / 1000).toFixed(2))} s`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.round((ms - minutes * 60_000) / 1000);
  const hours = Math.floor(minutes / 60);
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min ${seconds} s`;
};
