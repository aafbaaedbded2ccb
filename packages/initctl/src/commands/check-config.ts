import { INIT_EVENTS, JOB_EVENTS, matchGlob } from '@maverick/conf';
import type { JobProperties } from '@maverick/dbus/client';
import { bridgeEvents } from '../bridge-events.js';
import type { CommandContext, CommandHandler } from '../command.js';
import { type Condition, type ConditionEvent, operatorOf, readEvent } from '../condition.js';
import { AnsweredNo, InitctlError } from '../errors.js';
import { tellIfTooOld } from '../too-old.js';

/** The event that ends a user's session. */
const SESSION_END = 'session-end';

/** What is wrong with an event of a condition; nothing if it can happen. */
type Judge = (event: ConditionEvent) => string | undefined;

/**
 * Judge by all jobs: an event is known if somebody says that it is emitted, a job if it exists or only the system can tell.
 * @param emitted patterns of what others emit, as `emits` has them
 */
const judgeBy = (jobs: readonly JobProperties[], given: readonly string[], emitted: readonly string[]): Judge => {
  const events = new Set([...INIT_EVENTS, ...JOB_EVENTS, ...given]);
  const names = new Set(jobs.map(({ name }) => name));
  const globs = [...emitted, ...jobs.flatMap(({ emits }) => emits ?? [])];
  const isKnownJob = (job: string): boolean => job.startsWith('$') || names.has(job);
  const isKnownEvent = (name: string): boolean => events.has(name) || globs.some((glob) => matchGlob(glob, name));
  return ({ event, job }) => {
    if (job !== undefined && !isKnownJob(job)) return `unknown job ${job}`;
    return isKnownEvent(event) ? undefined : `unknown event ${event}`;
  };
};

/** An event, or an operator with its two sides. */
interface Checked {
  /** It can hold, as far as is known. */
  readonly holds: boolean;
  /** What is wrong in it: the right side before the left, as the original says it. */
  readonly faults: readonly string[];
  /** The right side, then the left; none of an event. */
  readonly sides: readonly Checked[];
}

const leaf = (fault: string | undefined): Checked =>
  fault === undefined ? { holds: true, faults: [], sides: [] } : { holds: false, faults: [fault], sides: [] };

/** @param strict an `or` needs both sides, too */
const checkCondition = (condition: Condition, judge: Judge, strict: boolean): Checked => {
  const stack: Checked[] = [];
  for (const element of condition) {
    const operator = operatorOf(element[0]);
    if (operator === undefined) {
      stack.push(leaf(judge(readEvent(element))));
      continue;
    }
    const [left = leaf(undefined), right = leaf(undefined)] = stack.splice(-2);
    const holds = operator === 'or' && !strict ? left.holds || right.holds : left.holds && right.holds;
    stack.push({ holds, faults: [...right.faults, ...left.faults], sides: [right, left] });
  }
  return stack.at(-1) ?? leaf(undefined);
};

/** The condition if it can't hold, else its first operator that can't, from the outside in. Only this one is reported. */
const brokenPart = (whole: Checked): Checked | undefined => {
  if (!whole.holds) return whole;
  const pending = [whole];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (!part.holds) return part;
    pending.push(...part.sides.filter(({ sides }) => sides.length > 0).toReversed());
  }
  return undefined;
};

/** An event or a job that a condition waits for in vain. */
interface ConfigFault {
  readonly stanza: 'start on' | 'stop on';
  readonly fault: string;
}

const faultsIn = (
  stanza: ConfigFault['stanza'],
  condition: Condition | undefined,
  judge: Judge,
  strict: boolean,
): ConfigFault[] =>
  (brokenPart(checkCondition(condition ?? [], judge, strict))?.faults ?? []).map((fault) => ({ stanza, fault }));

const faultLine = ({ stanza, fault }: ConfigFault): string => `  ${stanza}: ${fault}`;

const givenEvents = ({ options, isUserSession }: CommandContext): string[] => [
  ...(options.get('ignore-events') ?? '').split(','),
  ...(isUserSession() ? [SESSION_END] : []),
];

/**
 * `check-config [JOB]`: the events and jobs that conditions wait for in vain.
 * @see initctl(8), "check-config"
 */
export const checkConfig: CommandHandler = async (context) => {
  if (context.options.has('proof')) return (await import('./proof.js')).proof(context);
  const {
    operands: [only],
    options,
    output,
  } = context;
  const upstart = await context.connect();
  const emitted = await bridgeEvents(upstart);
  const jobs = (await upstart.definitions()).map(({ properties }) => properties);
  if (only !== undefined && !jobs.some(({ name }) => name === only)) {
    throw new InitctlError('invalid-job-class', { job: only });
  }
  // What can't be checked is not in order.
  if (tellIfTooOld(jobs, output.error)) throw new AnsweredNo();
  const judge = judgeBy(jobs, givenEvents(context), emitted);
  const strict = options.has('warn');
  const broken = jobs.flatMap(({ name, startOn, stopOn }) => {
    if (only !== undefined && name !== only) return [];
    const faults = [...faultsIn('start on', startOn, judge, strict), ...faultsIn('stop on', stopOn, judge, strict)];
    return faults.length === 0 ? [] : [{ job: name, faults }];
  });
  output.answer(
    () => ({ jobs: broken }),
    () => broken.flatMap(({ job, faults }) => [job, ...faults.map(faultLine)]).join('\n'),
  );
  if (broken.length > 0) throw new AnsweredNo();
};
