import { Cron } from 'croner';

/** Times of the calendar. */
export interface Calendar {
  /** The first one after this, both in milliseconds since 1970; undefined: there is none. */
  next(afterMs: number): number | undefined;
}

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const LONG_DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** Words for whole expressions. @see systemd.time(7), "CALENDAR EVENTS" */
const SHORTHANDS: ReadonlyMap<string, string> = new Map([
  ['minutely', '*-*-* *:*:00'],
  ['hourly', '*-*-* *:00:00'],
  ['daily', '*-*-* 00:00:00'],
  ['weekly', 'Mon *-*-* 00:00:00'],
  ['monthly', '*-*-01 00:00:00'],
  ['quarterly', '*-01,04,07,10-01 00:00:00'],
  ['semiannually', '*-01,07-01 00:00:00'],
  ['yearly', '*-01-01 00:00:00'],
  ['annually', '*-01-01 00:00:00'],
]);

/** What does not read as a time of the calendar. */
class NotACalendar extends Error {}

/** The highest value of each part that can be stepped through from somewhere. */
const HIGHEST = { second: 59, minute: 59, hour: 23, day: 31, month: 12, year: 9999 } as const;

/** `*`, `5`, `1..5`, `0/15`, `1..9/2` and lists of them, in cron's words. */
const part = (text: string, name: keyof typeof HIGHEST): string => {
  const one = (word: string): string => {
    const found = /^(?:(\*)|(\d{1,4})(?:\.\.(\d{1,4}))?)(?:\/(\d{1,4}))?$/.exec(word);
    if (found === null) throw new NotACalendar();
    const [, any, from, to, step] = found;
    if (any !== undefined) return step === undefined ? '*' : `*/${step}`;
    const last = to ?? (step === undefined ? undefined : HIGHEST[name]);
    return `${Number(from)}${last === undefined ? '' : `-${Number(last)}`}${step === undefined ? '' : `/${step}`}`;
  };
  return text.split(',').map(one).join(',');
};

const dayNumber = (word: string): number => {
  const name = word.toLowerCase();
  const index = Math.max(DAYS.indexOf(name as (typeof DAYS)[number]), LONG_DAYS.indexOf(name));
  if (index < 0) throw new NotACalendar();
  return index;
};

/** `Mon..Fri`, `Sat,Sun`; `Fri..Mon` goes round. */
const weekdays = (text: string): string => {
  const days = text.split(',').flatMap((word) => {
    const [from = '', to = from] = word.split('..');
    const [first, last] = [dayNumber(from), dayNumber(to)];
    return Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, index) => (first + index) % 7);
  });
  return [...new Set(days)].join(',');
};

const isTimeZone = (word: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: word });
    return true;
  } catch {
    return false;
  }
};

const dateFields = (text: string): readonly [day: string, month: string, year: string] => {
  const parts = text.split('-');
  const [year = '', month = '', day = ''] = parts.length === 2 ? ['*', ...parts] : parts;
  if (parts.length > 3) throw new NotACalendar();
  return [part(day, 'day'), part(month, 'month'), part(year, 'year')];
};

const timeFields = (text: string): readonly [second: string, minute: string, hour: string] => {
  const [hour = '', minute = '', second = '00', ...more] = text.split(':');
  if (more.length > 0) throw new NotACalendar();
  return [part(second, 'second'), part(minute, 'minute'), part(hour, 'hour')];
};

/** The words that are left, and the first of them where it is of this kind. */
const take = (words: readonly string[], kind: RegExp): readonly [word: string | undefined, rest: readonly string[]] => {
  const [first, ...rest] = words;
  return first !== undefined && kind.test(first) ? [first, rest] : [undefined, words];
};

const cronOf = (text: string): Cron => {
  const all = text.trim().split(/\s+/);
  const zone = all.at(-1);
  const hasZone = all.length > 1 && zone !== undefined && /^[A-Z]/.test(zone) && isTimeZone(zone);
  const words = hasZone ? all.slice(0, -1) : all;
  const expression = words.length === 1 ? (SHORTHANDS.get(words[0]?.toLowerCase() ?? '') ?? words[0]) : words.join(' ');
  const [days, afterDays] = take(expression?.split(' ') ?? [], /^[A-Za-z]/);
  const [date, afterDate] = take(afterDays, /-/);
  const [time, rest] = take(afterDate, /:/);
  if (rest.length > 0 || expression === '') throw new NotACalendar();
  const [day, month, year] = dateFields(date ?? '*-*-*');
  const fields = [...timeFields(time ?? '00:00:00'), day, month, days === undefined ? '*' : weekdays(days), year];
  return new Cron(fields.join(' '), {
    mode: '7-part',
    domAndDow: true,
    paused: true,
    ...(hasZone ? { timezone: zone } : {}),
  });
};

/**
 * Read a time of the calendar: `Mon..Fri 09:00`, `*-*-01 00:00:00`, `hourly`, `2026-12-24 18:00 Europe/Berlin`. Without a zone it is
 * the machine's. @see systemd.time(7), "CALENDAR EVENTS"
 * @returns undefined for what does not read as one
 */
export const readCalendar = (text: string): Calendar | undefined => {
  try {
    const cron = cronOf(text);
    return { next: (afterMs) => cron.nextRun(new Date(afterMs))?.getTime() };
  } catch {
    // Ours or the library's: a part is wrong, or out of its range.
    return undefined;
  }
};
