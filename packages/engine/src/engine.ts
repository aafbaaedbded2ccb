import type { JobDefinition } from '@maverick/conf';
import { findClass, nameInstance } from './commands.js';
import { unconfirmedIn } from './confirm.js';
import { dispatch } from './dispatch.js';
import type { Effect, Reply } from './effect.js';
import { explain } from './explain.js';
import type { ExplainSubject, Explanation } from './explanation.js';
import type { Input, InstanceRef, SessionId, TimerId } from './input.js';
import type { Confirming } from './job-class.js';
import { MAVERICK_RULES } from './maverick-rules.js';
import { unknownJob } from './reply.js';
import type { Rules } from './rules.js';
import { type EngineSnapshot, restoreSnapshot, snapshotText, takeSnapshot } from './snapshot.js';
import { UPSTART_RULES } from './upstart-rules.js';
import type { InstanceView, JobView } from './view.js';
import { viewClass, viewInstance } from './views.js';
import { newWorld, type World } from './world.js';

/** Whose rules apply: Maverick's own, or the original's with its quirks. */
export type Semantics = 'maverick' | 'upstart';

export interface EngineOptions {
  /** Default `maverick`. */
  readonly semantics?: Semantics;
  /** The system session's job environment table, `KEY=VALUE`. Default empty. */
  readonly env?: readonly string[];
  /** The init daemon's own environment, where a bare `env KEY` takes its value. Default: the same as `env`. */
  readonly initEnv?: readonly string[];
  /** How long half a condition may hold a `starting` or `stopping` (rule E7), milliseconds; 0 = for ever. Default 90 000. */
  readonly hookTimeoutMs?: number;
}

const HOOK_TIMEOUT_MS = 90_000;

const RULES = { maverick: MAVERICK_RULES, upstart: UPSTART_RULES } as const satisfies Record<Semantics, Rules>;

/**
 * Events, states, jobs and sessions as a deterministic machine: the same inputs in the same order give the same effects.
 * It touches nothing outside: perform the effects and tell it what came of them.
 */
export class Engine {
  #world: World;

  constructor({
    semantics = 'maverick',
    env = [],
    initEnv = env,
    hookTimeoutMs = HOOK_TIMEOUT_MS,
  }: EngineOptions = {}) {
    this.#world = newWorld(RULES[semantics], env, initEnv, hookTimeoutMs);
  }

  /** Take one input to its end and return what follows from it, in order. Never throws for what an input says. */
  dispatch(input: Input): Effect[] {
    return dispatch(this.#world, input);
  }

  /** How many inputs it has taken since it was new: the number of the last one, as causes have it. */
  get inputs(): number {
    return this.#world.input;
  }

  /** Every session, the system's first, then in the order in which they were opened. `closing`: it goes with its last job. */
  sessions(): { readonly session: SessionId; readonly closing: boolean }[] {
    return [...this.#world.sessions.values()].map(({ id, closing }) => ({ session: id, closing }));
  }

  /** Every registered job class of a session, in the order of definition. */
  jobs(session: SessionId): JobView[] {
    const classes = this.#world.sessions.get(session)?.classes.values() ?? [];
    return [...classes].map((jobClass) => viewClass(this.#world, jobClass));
  }

  job(session: SessionId, name: string): JobView | undefined {
    const jobClass = findClass(this.#world, session, name);
    return jobClass && viewClass(this.#world, jobClass);
  }

  instance(session: SessionId, job: string, instance: string): InstanceView | undefined {
    const found = findClass(this.#world, session, job)?.instances.get(instance);
    return found && viewInstance(this.#world, found);
  }

  /** The definition that an instance runs with: its job may have been defined anew since. */
  definitionOf({ session, job, instance }: InstanceRef): JobDefinition | undefined {
    return findClass(this.#world, session, job)?.instances.get(instance)?.definition.conf;
  }

  /** The instance name that a start of the job with this environment would have (D-Bus `GetInstance`). */
  instanceName(
    session: SessionId,
    job: string,
    env: readonly string[],
  ): { ok: true; name: string } | Extract<Reply, { ok: false }> {
    const jobClass = findClass(this.#world, session, job);
    return jobClass ? nameInstance(this.#world, jobClass, env, true) : unknownJob(job);
  }

  /** A session's environment table, in order; empty for a session that is not known. */
  environment(session: SessionId): readonly string[] {
    return this.#world.sessions.get(session)?.env ?? [];
  }

  /** The session of an event that has not finished; undefined for one that is not known. */
  sessionOfEvent(event: number): SessionId | undefined {
    return this.#world.events.get(event)?.session;
  }

  /** Whether starts of a session are to be confirmed, and which; undefined where none are, as in a session that is not known. */
  confirming(session: SessionId): Confirming | undefined {
    return this.#world.sessions.get(session)?.confirming;
  }

  /** The starts of a session that wait to be confirmed. `until`: monotonic milliseconds; absent: for ever. */
  heldStarts(session: SessionId): { readonly instance: InstanceRef; readonly until?: number }[] {
    return unconfirmedIn(this.#world, session).map(({ ref: instance, unconfirmed }) => {
      const until = unconfirmed?.timer === undefined ? undefined : this.#world.timers.get(unconfirmed.timer)?.dueAt;
      return { instance, ...(until === undefined ? {} : { until }) };
    });
  }

  /** The timers that are set: whoever restores a snapshot sets them again. `dueAt`: monotonic milliseconds. */
  timers(): { readonly timer: TimerId; readonly dueAt: number }[] {
    return [...this.#world.timers.values()].map(({ id, dueAt }) => ({ timer: id, dueAt }));
  }

  /**
   * Why a job, an instance or an unfinished event is as it is: what led to it, back to the first cause; what it waits for
   * and who waits for it; what a job that does not run still needs.
   * @param at the present time, that ages are counted from; default: the time of the last input
   * @returns `undefined` for what is not known
   */
  explain(subject: ExplainSubject, at: number = this.#world.now): Explanation | undefined {
    return explain(this.#world, subject, at);
  }

  /** The whole state as JSON-safe data; it shares nothing with the engine. */
  snapshot(): EngineSnapshot {
    return takeSnapshot(this.#world);
  }

  /** {@link snapshot} as JSON: for whoever writes it, in half of the time. */
  snapshotText(): string {
    return snapshotText(this.#world);
  }

  /**
   * An engine that goes on exactly where the snapshot was taken: set its {@link timers} again, and its processes are
   * still known by their numbers.
   * @param options `initEnv` and `hookTimeoutMs`; semantics and environment tables are those of the snapshot
   * @throws SnapshotError where the snapshot is of another version, or damaged
   */
  static restore(
    snapshot: EngineSnapshot,
    { initEnv, hookTimeoutMs = HOOK_TIMEOUT_MS }: Pick<EngineOptions, 'initEnv' | 'hookTimeoutMs'> = {},
  ): Engine {
    const engine = new Engine();
    engine.#world = restoreSnapshot(snapshot, RULES, initEnv, hookTimeoutMs);
    return engine;
  }
}
