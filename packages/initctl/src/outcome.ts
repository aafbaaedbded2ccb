import { signalName } from '@maverick/conf';
import type {
  ConditionExplanation,
  Effect,
  Engine,
  InstanceRef,
  JobExplanation,
  JobState,
  SessionId,
  Simulation,
} from '@maverick/engine';

/** What a simulation says of jobs, as data. */

export interface Outcome {
  /** In the order in which things happened. */
  readonly steps: readonly Step[];
  /** Every instance that something happened to, in the order in which it did. */
  readonly instances: readonly InstanceOutcome[];
  /** Jobs that have seen something of what would start them, and need more. */
  readonly waiting: readonly WaitingJob[];
  readonly endedAtMs: number;
  readonly cameToRest: boolean;
  /** What starts again and again while no time passes: why it did not come to rest. */
  readonly loop: { readonly job: string; readonly instance: string } | null;
}

/** Something that happened. */
export type Step =
  | { readonly atMs: number; readonly what: 'event'; readonly event: string; readonly env: readonly string[] }
  | {
      readonly atMs: number;
      readonly what: JobStep;
      readonly job: string;
      readonly instance: string;
      /** What led to it, or more about it. */
      readonly note: string;
    };

export type JobStep = 'starts' | 'runs' | 'stops' | 'ended' | 'failed' | 'respawns' | 'refused' | 'deadlock' | 'loop';

interface InstanceOutcome {
  readonly job: string;
  readonly instance: string;
  /** It was started, and it came to run (a task: it began to). */
  readonly started: boolean;
  readonly ran: boolean;
  readonly failed: boolean;
  /** Where it is at the end; `waiting` where it is not there any more. */
  readonly state: JobState;
  /** What gave it its first goal; empty where nothing did. */
  readonly because: string;
  /** Why it is neither up nor down at the end, for people. */
  readonly stuck: readonly string[];
}

interface WaitingJob {
  readonly job: string;
  readonly instance: string | null;
  readonly seen: readonly string[];
  readonly missing: string;
}

/** As in `status`. */
export const displayName = ({ job, instance }: Pick<InstanceRef, 'job' | 'instance'>): string =>
  instance === '' ? job : `${job} (${instance})`;

const failureText = ({ process, status }: Extract<Effect, { kind: 'job-failed' }>): string => {
  if (process === 'respawn') return 'respawned too fast';
  if (process === 'timeout') return 'took too long to start';
  if (status < 0) return `${process} process could not be started`;
  return status < 256
    ? `${process} process ended with status ${status}`
    : `${process} process ended by signal ${signalName(status >> 8) ?? status >> 8}`;
};

/** Walks the effects of a simulation once. */
class Teller {
  readonly steps: Step[] = [];
  readonly seen = new Map<
    string,
    { ref: InstanceRef; started: boolean; ran: boolean; failed: boolean; because: string }
  >();
  readonly #events = new Map<number, string>();
  readonly #session: SessionId;

  constructor(session: SessionId) {
    this.#session = session;
  }

  tell(atMs: number, effect: Effect): void {
    if (effect.kind === 'event-queued') {
      this.#event(atMs, effect);
      return;
    }
    const ref = 'instance' in effect ? effect.instance : undefined;
    if (effect.kind === 'deadlock') this.#deadlock(atMs, effect);
    if (ref === undefined || ref.session !== this.#session) return;
    switch (effect.kind) {
      case 'goal-changed':
        if (effect.to === 'start') this.#about(ref).because ||= this.#reason(effect);
        break;
      case 'state-changed':
        this.#state(atMs, effect);
        break;
      case 'job-failed':
        this.#about(ref).failed = true;
        this.#step(atMs, 'failed', ref, failureText(effect));
        break;
      case 'job-respawning':
        this.#step(atMs, 'respawns', ref, '');
        break;
      case 'start-refused':
        this.#step(atMs, 'refused', ref, 'its while does not hold');
        break;
      case 'start-loop':
        this.#step(atMs, 'loop', ref, 'it would start itself for ever');
        break;
      default:
    }
  }

  #event(atMs: number, { event, session, name, env, cause }: Extract<Effect, { readonly failed: boolean }>): void {
    this.#events.set(event, [name, ...env.filter((entry) => isTelling(name, entry))].join(' '));
    // Those of jobs are told as what the job does; one that is emitted by its name is nobody's.
    const isOfJob = JOB_EVENTS.has(name) && cause.instance !== undefined;
    if (session === this.#session && !isOfJob) this.steps.push({ atMs, what: 'event', event: name, env });
  }

  #state(atMs: number, { instance: ref, from, to, cause }: Extract<Effect, { kind: 'state-changed' }>): void {
    const about = this.#about(ref);
    if (to === 'starting' && from === 'waiting') {
      about.started = true;
      this.#step(atMs, 'starts', ref, this.#reason({ cause }) || about.because);
    } else if (to === 'running' && from !== 'pre-stop') {
      about.ran = true;
      this.#step(atMs, 'runs', ref, '');
    } else if (to === 'stopping') this.#step(atMs, 'stops', ref, this.#reason({ cause }));
    else if (to === 'waiting') this.#step(atMs, 'ended', ref, '');
  }

  /** Whoever is in it is told of a deadlock. */
  #deadlock(atMs: number, { chain }: Extract<Effect, { kind: 'deadlock' }>): void {
    const [first] = chain.flatMap((node) => ('instance' in node && node.instance ? [node.instance] : []));
    const words = chain.map((node) => {
      if (node.kind === 'job') return `job ${displayName(node.instance)}`;
      if (node.kind === 'event') return `event ${node.name}${node.hook ? ` ${displayName(node.hook)}` : ''}`;
      return `${node.call} of ${node.target}`;
    });
    if (first) this.#step(atMs, 'deadlock', first, words.join(', which waits for '));
  }

  #reason({ cause }: Pick<Effect, 'cause'>): string {
    return cause.event === undefined ? '' : (this.#events.get(cause.event) ?? '');
  }

  #about(ref: InstanceRef) {
    const key = JSON.stringify([ref.job, ref.instance]);
    const known = this.seen.get(key) ?? { ref, started: false, ran: false, failed: false, because: '' };
    this.seen.set(key, known);
    return known;
  }

  #step(atMs: number, what: JobStep, { job, instance }: InstanceRef, note: string): void {
    this.steps.push({ atMs, what, job, instance, note });
  }
}

const JOB_EVENTS: ReadonlySet<string> = new Set(['starting', 'started', 'stopping', 'stopped']);

/** Of a job's events the name of the job says enough. */
const isTelling = (name: string, entry: string): boolean =>
  !JOB_EVENTS.has(name) || /^(?:JOB|INSTANCE|RESULT)=./.test(entry);

const waitingIn = (explanation: JobExplanation, since: number): WaitingJob[] =>
  explanation.startOn.flatMap((condition: ConditionExplanation) => {
    const seen = condition.operands.filter((operand) => operand.seen !== undefined && operand.seen.at >= since);
    return seen.length > 0 && condition.missing !== ''
      ? {
          job: explanation.job,
          instance: condition.instance ?? null,
          seen: seen.map(({ text }) => text),
          missing: condition.missing,
        }
      : [];
  });

const RESTS: ReadonlySet<JobState> = new Set(['waiting', 'running']);

const stuckIn = (engine: Engine, { session, job, instance }: InstanceRef): readonly string[] => {
  const view = engine.instance(session, job, instance);
  if (view === undefined || RESTS.has(view.state)) return [];
  const explanation = engine.explain({ session, job, instance });
  return explanation?.kind === 'instance' && explanation.awaits?.kind === 'hook' ? explanation.sentences.slice(1) : [];
};

/** @param since the time of the engine at which it began */
export const outcomeOf = (
  { timeline, engine, endedAt, cameToRest, loop }: Omit<Simulation, 'recording'>,
  session: SessionId,
  since: number,
): Outcome => {
  const teller = new Teller(session);
  for (const { at, effect } of timeline) teller.tell(at, effect);
  return {
    steps: teller.steps,
    instances: [...teller.seen.values()].map(({ ref, ...facts }) => ({
      job: ref.job,
      instance: ref.instance,
      ...facts,
      state: engine.instance(session, ref.job, ref.instance)?.state ?? 'waiting',
      stuck: stuckIn(engine, ref),
    })),
    waiting: engine.jobs(session).flatMap(({ name, instances }) => {
      const isUp = instances.some(({ goal }) => goal === 'start');
      const explanation = isUp ? undefined : engine.explain({ session, job: name });
      return explanation?.kind === 'job' ? waitingIn(explanation, since) : [];
    }),
    endedAtMs: endedAt,
    cameToRest,
    loop: loop ? { job: loop.job, instance: loop.instance } : null,
  };
};

/** A difference between two outcomes of the same events. */
export interface Difference {
  readonly job: string;
  readonly instance: string;
  /** `not-started`: only the first has it started; `started`: only the other; `other`: it goes another way. */
  readonly what: 'not-started' | 'started' | 'other';
  /** In the first, and in the other. */
  readonly before: string;
  readonly after: string;
  /** Why it is not started in the other one. */
  readonly why: string;
}

const inWords = (one: InstanceOutcome | undefined): string => {
  if (one === undefined || !one.started) return one === undefined ? 'untouched' : one.state;
  return one.failed ? `failed, ${one.state}` : one.state;
};

/** Why a job that could have been started was not. */
export const whyNotStarted = (engine: Engine, session: SessionId, job: string): string => {
  const explanation = engine.explain({ session, job });
  if (explanation?.kind !== 'job') return 'there is no such job';
  const { startOn, while: states } = explanation;
  if (startOn.length === 0 && !states) return 'nothing starts it but a command';
  const missing = startOn.map((condition) => condition.missing).filter((text) => text !== '');
  if (missing.length > 0) return `its start on still needs: ${missing[0]}`;
  return states && !states.holds ? 'its while does not hold' : '';
};

const keyOf = ({ job, instance }: Pick<InstanceOutcome, 'job' | 'instance'>): string => JSON.stringify([job, instance]);

/** What the second outcome has otherwise. */
export const compareOutcomes = (first: Outcome, second: Outcome, why: (job: string) => string): Difference[] => {
  const before = new Map(first.instances.map((one) => [keyOf(one), one]));
  const after = new Map(second.instances.map((one) => [keyOf(one), one]));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => {
    const [one, other] = [before.get(key), after.get(key)];
    const about = one ?? other;
    if (!about) return [];
    const [was, is] = [inWords(one), inWords(other)];
    const startedNow = other?.started === true;
    if ((one?.started === true) === startedNow && was === is) return [];
    const what = (one?.started === true) === startedNow ? 'other' : startedNow ? 'started' : 'not-started';
    const facts = { job: about.job, instance: about.instance, before: was, after: is };
    return { ...facts, what, why: what === 'not-started' ? why(about.job) : '' } as const;
  });
};
