import { closeSync } from 'node:fs';
import type {
  Confirming,
  ExplainSubject,
  Explanation,
  InstanceRef,
  JobView,
  Reply,
  RequestId,
  SessionId,
} from '@maverick/engine';
import type { Allowance } from './allowance.js';
import type { ConfiguredJobs } from './configured-jobs.js';
import { logFileOf, type ProcessDefaults } from './process-spec.js';
import { requestInput, type SupervisorRequest } from './request.js';
import type { AnswerCallback } from './requests.js';
import type { Runtime } from './runtime.js';
import type { SupervisedInstance } from './supervised-instance.js';
import type { Usage } from './usage.js';

/** What a caller may do so often only, and how much of the session's {@link Allowance} it takes: about as much work as it makes. */
const COSTS = { request: 1, 'reload-configuration': 50, close: 50 } as const;

type Refusal = Extract<Reply, { ok: false }>;

type WithoutSession<T> = T extends unknown ? Omit<T, 'session'> : never;
/** What to explain, in the session that is asked. */
export type SubjectInSession = WithoutSession<ExplainSubject>;

/** The jobs of one session: what is asked and commanded here neither sees nor touches those of another. */
export class SessionScope {
  readonly session: SessionId;
  readonly #runtime: Runtime;
  readonly #jobs: ConfiguredJobs;
  readonly #defaults: ProcessDefaults;
  readonly #allowance: Allowance | undefined;

  /** @param allowance how often something may be asked for. Default: as often as anybody likes */
  constructor(
    session: SessionId,
    runtime: Runtime,
    jobs: ConfiguredJobs,
    defaults: ProcessDefaults,
    allowance?: Allowance,
  ) {
    this.session = session;
    this.#runtime = runtime;
    this.#jobs = jobs;
    this.#defaults = defaults;
    this.#allowance = allowance;
  }

  /** Count what is about to be asked for. @returns why it may not be now; undefined where it may */
  spend(what: keyof typeof COSTS): Refusal | undefined {
    if (this.#allowance === undefined || this.#allowance.take(COSTS[what])) return undefined;
    const { burst, perSecond } = this.#allowance.rate;
    return {
      ok: false,
      code: 'LimitsExceeded',
      message: `Too many requests: the session may make ${burst} at once, and then ${perSecond} a second`,
    };
  }

  /**
   * Ask for something and be called back once with the answer: from within this call if it is known at once. With `wait`
   * absent the answer comes as soon as the request is accepted.
   * @returns the number of the request: after a hand-over the answer is waited for by it
   */
  request(request: SupervisorRequest, answer: AnswerCallback): RequestId {
    const { requests } = this.#runtime;
    const refusal = this.spend('request');
    const id = requests.open(answer);
    if (refusal !== undefined) {
      if (request.kind === 'emit') for (const fd of request.fds ?? []) closeSync(fd);
      requests.answer(id, refusal);
      return id;
    }
    this.#jobs.settle();
    if (this.#runtime.stopped) requests.close();
    this.#runtime.send(requestInput(request, id, this.session));
    return id;
  }

  /**
   * Read every configuration directory again. Jobs whose definition is the same are not touched; a job whose file is broken
   * now keeps its last good definition and is stale; one whose file is gone is removed.
   * @returns why it was not done now: it is asked for too often; undefined where it was
   */
  reloadConfiguration(): Refusal | undefined {
    const refusal = this.spend('reload-configuration');
    if (refusal !== undefined) return refusal;
    const { session } = this;
    this.#runtime.tell({ kind: 'message', priority: 'info', message: 'Reloading configuration', session });
    this.#jobs.load();
    return undefined;
  }

  /** Whether starts are to be confirmed, and which; undefined where none are. */
  confirming(): Confirming | undefined {
    return this.#runtime.engine.confirming(this.session);
  }

  /** The starts that wait to be confirmed, and how long still; absent: for ever. */
  heldStarts(): { readonly instance: InstanceRef; readonly remainingMs?: number }[] {
    const now = this.#runtime.now;
    return this.#runtime.engine
      .heldStarts(this.session)
      .map(({ instance, until }) => ({ instance, ...(until === undefined ? {} : { remainingMs: until - now }) }));
  }

  /** Every registered job class, in the order of definition. */
  jobs(): readonly JobView[] {
    return this.#runtime.engine.jobs(this.session);
  }

  job(name: string): JobView | undefined {
    return this.#runtime.engine.job(this.session, name);
  }

  instance(job: string, instance = ''): SupervisedInstance | undefined {
    const view = this.#runtime.engine.instance(this.session, job, instance);
    return view && this.#runtime.supervised(view);
  }

  /** What a start of the job with this environment would call its instance. */
  instanceName(job: string, env: readonly string[] = []): { ok: true; name: string } | Extract<Reply, { ok: false }> {
    return this.#runtime.engine.instanceName(this.session, job, env);
  }

  /** The job environment table, `KEY=VALUE`, in order. */
  environment(): readonly string[] {
    return this.#runtime.engine.environment(this.session);
  }

  /**
   * Why a job, an instance, or an event is as it is.
   * @returns undefined for what is not known, and for an event of another session
   */
  explain(subject: SubjectInSession): Explanation | undefined {
    if (!('event' in subject)) return this.#runtime.explain({ session: this.session, ...subject });
    const isOurs = this.#runtime.engine.sessionOfEvent(subject.event) === this.session;
    return isOurs ? this.#runtime.explain(subject) : undefined;
  }

  /**
   * What an instance uses of the machine now: from its cgroup, where it has one, else from `/proc`.
   * @returns undefined for an instance that is not there
   */
  usage(job: string, instance = ''): Usage | undefined {
    const view = this.#runtime.engine.instance(this.session, job, instance);
    return view && this.#runtime.groups.usage(view);
  }

  /** The directory of the cgroup v2 that an instance has for itself; undefined where it has none. */
  cgroupOf(job: string, instance = ''): string | undefined {
    return this.#runtime.groups.pathOf({ session: this.session, job, instance });
  }

  /** The broken file because of which a job keeps an older definition; undefined for a job that is as its files say. */
  staleBecauseOf(job: string): string | undefined {
    return this.#jobs.staleBecauseOf(job);
  }

  /** The files that define a job, as far as they are in force; undefined for one that no file defines. */
  filesOf(job: string): { readonly file: string; readonly override?: string } | undefined {
    return this.#jobs.filesOf(job);
  }

  /**
   * The file that the output of an instance goes to, whether it runs or not; a chroot's as it is seen from outside.
   * @returns undefined for a job that is not known, and where its console is none or no log
   */
  logFile(job: string, instance: string): string | undefined {
    const definition = this.job(job)?.definition;
    return definition && logFileOf({ session: this.session, job, instance }, definition, this.#defaults);
  }
}
