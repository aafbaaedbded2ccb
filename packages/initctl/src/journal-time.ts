import { InitctlError } from './errors.js';
import type { OptionKey, OptionValues } from './option.js';

/** A time as the journal has it, or a beginning of one: a day, an hour, a second. */
const WRITTEN = /^(\d{4}(?:-\d\d(?:-\d\d)?)?)(?:[T ](\d\d(?::\d\d(?::\d\d(?:\.\d{1,3})?)?)?)Z?)?$/;

const DISTANCE = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|min|h|d)$/;

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** No thirteenth month, no 25 o'clock. @param clock may be a beginning of one */
const isTime = (day: string, clock = '00:00'): boolean =>
  !Number.isNaN(
    Date.parse(`${day}${'-01-01'.slice(day.length - '2026'.length)}T${clock.length === 2 ? `${clock}:00` : clock}Z`),
  );

/**
 * A point in time that an option names: as the journal has it (UTC), or a distance back from now.
 * @returns as the journal has it, so that it can be compared as text
 * @throws InitctlError `illegal-time-point`
 */
export const timeOption = (options: OptionValues, key: OptionKey, now: () => Date): string | undefined => {
  const value = options.get(key);
  if (value === undefined) return undefined;
  const [, day, clock] = WRITTEN.exec(value) ?? [];
  if (day !== undefined && isTime(day, clock)) return clock === undefined ? day : `${day}T${clock}`;
  const [, count, unit = ''] = DISTANCE.exec(value) ?? [];
  if (count === undefined) throw new InitctlError('illegal-time-point', { option: `--${key}`, value });
  return new Date(now().getTime() - Number(count) * (UNITS_MS[unit] ?? 0)).toISOString();
};

/** A beginning of a point in time as a whole one: milliseconds since 1970. */
export const wallMs = (text: string): number => Date.parse(`${text}${'0000-01-01T00:00:00.000Z'.slice(text.length)}`);

/** What `--since` and `--until` name: each as the journal has times. */
export interface WrittenSpan {
  readonly since?: string;
  readonly until?: string;
}

/**
 * The span that `--since` and `--until` name.
 * @throws InitctlError `illegal-time-point`, `time-to-come` for a beginning that is, `no-span` for an end before the beginning
 */
export const spanOptions = (options: OptionValues, clock: () => Date): WrittenSpan => {
  const moment = clock();
  const now = (): Date => moment;
  const [since, until] = [timeOption(options, 'since', now), timeOption(options, 'until', now)];
  if (since !== undefined && wallMs(since) > moment.getTime())
    throw new InitctlError('time-to-come', { moment: since });
  if (since !== undefined && until !== undefined && wallMs(until) <= wallMs(since)) {
    throw new InitctlError('no-span', { since, until });
  }
  return { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
};
