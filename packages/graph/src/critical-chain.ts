import type { Cause, InstanceRef } from '@maverick/engine';
import { eventText, inputText, instanceText } from './cause-words.js';
import type { Came, History, InputFact, ProcessFact, Run } from './history.js';

/** One stretch of time on the way to something: what was waited for, and what its end was told by. */
export interface ChainLink {
  /** What took the time: a job's process, a timer, or what the daemon knows nothing of. */
  readonly kind: 'process' | 'timer' | 'outside';
  /** Monotonic milliseconds. Of what came from outside both are when it came. */
  readonly from: number;
  readonly to: number;
  /** It took at least so long: it had begun before the journal did. */
  readonly isCut?: boolean;
  readonly process?: ProcessFact;
  /** What the engine was told then: the end of the process, its message, an event that it emitted … */
  readonly input: InputFact;
  /** The events through which that led on, the first one first. */
  readonly through: readonly string[];
}

/** The events that were handled in one input, from the first to the one that led on. */
const throughOf = (history: History, { input, event }: Cause): string[] => {
  const names: string[] = [];
  for (let number = event; number !== undefined; ) {
    const fact = history.events.get(number);
    if (fact === undefined) break;
    names.unshift(eventText(fact));
    // One that an earlier input had queued was held, and this input let it go on.
    const next = fact.cause.input === input ? fact.cause.event : undefined;
    number = next !== undefined && next < number ? next : undefined;
  }
  return names;
};

/** Whose work an input tells the end of. */
const workerOf = (history: History, { process, caller }: InputFact): ProcessFact | undefined => {
  const number = process ?? caller?.process;
  return number === undefined ? undefined : history.processes.get(number);
};

/** What a process came from: its start, or the last answer that it had to wait for; a call is made and answered before its end. */
const sourceOf = ({ answers, askedAt, cause }: ProcessFact, { number }: InputFact): Partial<Came> & { at: number } =>
  answers.findLast((answer) => answer.cause.input < number) ??
  (cause === undefined ? { at: askedAt } : { at: askedAt, cause });

/** A link without the events that led on, and the cause of its beginning. */
type Step = Omit<ChainLink, 'through'> & { readonly before: Cause | undefined };

const stepOf = (history: History, cause: Cause): Step | undefined => {
  const input = history.inputs.get(cause.input);
  if (input === undefined) return undefined;
  const process = workerOf(history, input);
  if (process !== undefined) {
    const { at: from, cause: before } = sourceOf(process, input);
    const isCut = before === undefined ? { isCut: true } : {};
    return { kind: 'process', from, to: input.at, ...isCut, process, input, before };
  }
  const set = input.timer === undefined ? undefined : history.timers.get(input.timer);
  if (set !== undefined) {
    return { kind: 'timer', from: history.inputs.get(set.input)?.at ?? input.at, to: input.at, input, before: set };
  }
  return { kind: 'outside', from: input.at, to: input.at, input, before: undefined };
};

/** Causes lie before what they lead to: a journal that says otherwise is not followed for ever. */
const causeBefore = ({ before, input }: Step): Cause | undefined =>
  before !== undefined && before.input < input.number ? before : undefined;

/**
 * What led to something, back to what came from outside: each link is what the next one had really waited for. A condition of
 * several events waited for the last of them, a hook for the last that held it.
 * @param most so many links, the last ones; jobs that go on starting each other make chains without end
 * @returns the first cause first; empty where the journal does not know the cause
 */
export const chainTo = (history: History, cause: Cause, most: number = Number.POSITIVE_INFINITY): ChainLink[] => {
  const links: ChainLink[] = [];
  for (let next: Cause | undefined = cause; next !== undefined && links.length < most; ) {
    const step = stepOf(history, next);
    if (step === undefined) break;
    const { before: _, ...link } = step;
    links.push({ ...link, through: throughOf(history, next) });
    next = causeBefore(step);
  }
  return links.reverse();
};

/** When a run had done its part: a task when it was done, all else when it was up. Of one that is cut it is not known. */
export const arrivalOf = ({ isTask, isCut, up, ended, phases }: Run): Came | undefined => {
  if (isCut) return undefined;
  if (!isTask) return up;
  const last = phases.at(-1);
  return ended === undefined || last === undefined ? undefined : { at: ended.at, cause: last.cause };
};

/** What the boot began with: the first event. */
const startOf = ({ inputs }: History): InputFact | undefined =>
  [...inputs.values()].find(({ kind }) => kind === 'emit');

const runOf = (runs: ReadonlyMap<string, Run[]>, { instance, askedAt }: ProcessFact): Run | undefined =>
  runs.get(keyOf(instance))?.findLast(({ began }) => began.at <= askedAt);

const keyOf = ({ session, job, instance }: InstanceRef): string => `${session}\0${job}\0${instance}`;

/**
 * Whether a link is still the boot. What a service does that is up, be it that it emits an event or that it ends, is its own
 * business, and may be days later.
 */
const isOfBoot = (runs: ReadonlyMap<string, Run[]>, { kind, process, input }: Step): boolean => {
  if (kind !== 'process' || process === undefined) return true;
  const run = runOf(runs, process);
  if (run === undefined || run.isTask || run.up === undefined) return true;
  return input.at <= run.up.at;
};

/** Tells of causes whether they lead back to the first event, and are the boot all the way. Each input is looked at once. */
const bootCauses = (history: History, runs: ReadonlyMap<string, Run[]>): ((cause: Cause) => boolean) => {
  const start = startOf(history);
  const known = new Map<number, boolean>();
  return (cause) => {
    const steps: Step[] = [];
    let isBoot = false;
    for (let next: Cause | undefined = cause; next !== undefined; ) {
      const told = known.get(next.input);
      const step = told === undefined ? stepOf(history, next) : undefined;
      if (told !== undefined) isBoot = told;
      if (step === undefined) break;
      steps.push(step);
      isBoot = step.input === start;
      next = causeBefore(step);
    }
    for (const step of steps.reverse()) {
      isBoot &&= isOfBoot(runs, step);
      known.set(step.input.number, isBoot);
    }
    return isBoot;
  };
};

/** The runs that the boot consists of: those to which a chain leads from the first event. */
export const bootRuns = (history: History): Run[] => {
  // The first event that is left is not the one that the boot began with.
  if (history.isCut) return [];
  const runs = new Map<string, Run[]>();
  for (const run of history.runs) {
    const key = keyOf(run.ref);
    const known = runs.get(key);
    if (known) known.push(run);
    else runs.set(key, [run]);
  }
  const isOfBootCause = bootCauses(history, runs);
  return history.runs.filter((run) => {
    const came = arrivalOf(run);
    // Its own part, up to its arrival, is always of the boot.
    return came !== undefined && !run.isRespawn && isOfBootCause(came.cause);
  });
};

/** The run that came last in a boot. @returns undefined where the journal does not tell of the boot's beginning */
export const lastOfBoot = (history: History): Run | undefined => {
  let last: Run | undefined;
  for (const run of bootRuns(history)) {
    const [at, before] = [arrivalOf(run)?.at ?? 0, last && arrivalOf(last)?.at];
    if (before === undefined || at > before) last = run;
  }
  return last;
};

/** What a link was, in words: who did it, and what that ended in. */
export const linkText = (history: History, { kind, process, input, through }: ChainLink): string => {
  const led = through.length === 0 ? '' : ` -> ${through.join(' -> ')}`;
  if (kind !== 'process' || process === undefined) {
    // An event that was emitted is the first that it led to.
    return input.kind === 'emit' && through.length > 0 ? `event${led.slice(3)}` : `${inputText(history, input)}${led}`;
  }
  const pid = process.pid === undefined ? '' : ` ${process.pid}`;
  const who = `${instanceText(process.instance)}: ${process.role} process${pid}`;
  const did = input.caller === undefined ? (DEEDS[input.kind] ?? input.kind) : `called ${input.kind}`;
  return `${who} ${did}${led}`;
};

/** What the process has done, by what the engine was told. */
const DEEDS: Readonly<Record<string, string>> = {
  'process-started': 'started',
  'process-exited': 'ended',
  'process-stopped': 'was ready',
  'process-forked': 'forked',
  'process-execed': 'executed',
  'process-ready': 'was ready',
  'spawn-failed': 'could not be started',
};
