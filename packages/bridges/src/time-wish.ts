import { readCalendar } from './calendar.js';
import { ConditionError } from './condition-error.js';
import { readDuration } from './duration.js';
import { readVariables } from './variables.js';

/** The clocks that times go by: that of the day, which may be set, and the one since boot, sleep included. */
export type TimeClock = 'realtime' | 'boottime';

/** Times that a job asks for. */
export interface TimeWish {
  readonly key: string;
  readonly clock: TimeClock;
  /** The first one after this, in milliseconds of the clock; undefined: there is none. */
  readonly next: (afterMs: number) => number | undefined;
  /** Each time is put off by a random part of this. */
  readonly jitterMs: number;
  /** Times that were over when the bridge was first started since boot count, too. */
  readonly countsFromBoot: boolean;
  /** The variables of the event, in order. */
  readonly env: readonly string[];
}

const VARIABLES = ['CALENDAR', 'EVERY', 'AFTER_BOOT', 'JITTER'] as const;
type Variable = (typeof VARIABLES)[number];

const NAMES: ReadonlyMap<string, Variable> = new Map(VARIABLES.map((name) => [name, name] as const));

/** A star is a word of calendars. */
const NOT_PLAIN = /[?[\]$]/;

const durationOf = (name: Variable, text: string): number => {
  const ms = readDuration(text);
  if (ms === undefined) {
    throw new ConditionError(
      'bad-value',
      `${name}=${text} is not understood: expected a time such as 30s, 5min or 1h 30min`,
    );
  }
  return ms;
};

type Times = Pick<TimeWish, 'clock' | 'next' | 'countsFromBoot'>;

const SHORTEST_MS = 100;

const TIMES = {
  CALENDAR: (text) => {
    const calendar = readCalendar(text);
    if (calendar !== undefined) return { clock: 'realtime', next: calendar.next, countsFromBoot: false };
    throw new ConditionError(
      'bad-value',
      `CALENDAR=${text} is not understood: expected a time such as "Mon..Fri 09:00" or "*-*-01 00:00"`,
    );
  },
  EVERY: (text) => {
    const ms = durationOf('EVERY', text);
    if (ms < SHORTEST_MS) throw new ConditionError('bad-value', `EVERY=${text} is too short: expected 100ms or more`);
    return { clock: 'boottime', next: (after) => (Math.floor(after / ms) + 1) * ms, countsFromBoot: false };
  },
  AFTER_BOOT: (text) => {
    const ms = durationOf('AFTER_BOOT', text);
    return { clock: 'boottime', next: (after) => (after < ms ? ms : undefined), countsFromBoot: true };
  },
} as const satisfies Partial<Record<Variable, (text: string) => Times>>;

/**
 * Read what a condition says of time: `EVERY=5min`, `CALENDAR="Mon..Fri 09:00" JITTER=1min`.
 * @throws ConditionError
 */
export const readTimeWish = (args: readonly string[]): TimeWish => {
  const given = readVariables(args, NAMES, NOT_PLAIN);
  const asked = (Object.keys(TIMES) as (keyof typeof TIMES)[]).filter((name) => given.has(name));
  const [name, other] = asked;
  if (name === undefined) throw new ConditionError('missing-variable', 'CALENDAR, EVERY or AFTER_BOOT is missing');
  if (other !== undefined)
    throw new ConditionError('not-together', `${name} and ${other} are two events: join them by 'or'`);
  const jitter = given.get('JITTER');
  const env = VARIABLES.flatMap((variable) => (given.has(variable) ? [`${variable}=${given.get(variable)}`] : []));
  return {
    key: env.join('\n'),
    ...TIMES[name](given.get(name) ?? ''),
    jitterMs: jitter === undefined ? 0 : durationOf('JITTER', jitter),
    env,
  };
};
