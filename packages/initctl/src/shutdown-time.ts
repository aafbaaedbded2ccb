import { InitctlError } from './errors.js';

const number = (text: string, most: number): number | undefined => {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return value <= most ? value : undefined;
};

const MINUTES_A_DAY = 24 * 60;

const minutesUntil = (clock: string, now: Date): number => {
  const [hourText = '', minuteText = ''] = clock.split(/:(.*)/s);
  const hour = number(hourText, 23);
  if (hour === undefined) throw new InitctlError('illegal-hour', {});
  const minute = number(minuteText, 59);
  if (minute === undefined) throw new InitctlError('illegal-minute', {});
  const difference = hour * 60 + minute - (now.getHours() * 60 + now.getMinutes());
  return (difference + MINUTES_A_DAY) % MINUTES_A_DAY;
};

/**
 * The minutes from now until the time that is meant: `now`, `+m` or `m`, or `hh:mm`, the next time that the clock shows it.
 * @throws InitctlError `illegal-hour`, `illegal-minute`, `illegal-time`
 * @see shutdown(8)
 */
export const minutesFrom = (time: string, now: Date): number => {
  if (time === 'now') return 0;
  if (time.includes(':')) return minutesUntil(time, now);
  const minutes = number(time.replace(/^\+/, ''), Number.MAX_SAFE_INTEGER);
  if (minutes === undefined) throw new InitctlError('illegal-time', {});
  return minutes;
};

/** From when on nobody may log in any more, in minutes. */
export const NOLOGIN_MINUTES = 5;

/** The nearer the end, the more often it is told: below a number of minutes, every so many. */
const WARNINGS = [
  { below: 10, every: 1 },
  { below: 60, every: 15 },
  { below: 180, every: 30 },
  { below: Number.POSITIVE_INFINITY, every: 60 },
] as const;

/** Is everybody told when so many minutes are left? */
export const isWarned = (minutes: number): boolean => {
  const every = WARNINGS.find(({ below }) => minutes < below)?.every ?? 1;
  return minutes % every === 0;
};

/** What the machine goes down for. */
export type Purpose = 'maintenance' | 'reboot' | 'halt' | 'power off';

/** The line that everybody is told. */
export const banner = (purpose: Purpose, minutes: number): string => {
  const when = minutes === 0 ? 'NOW' : `in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`;
  return `The system is going down for ${purpose} ${when}!`;
};
