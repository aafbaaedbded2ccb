import type { JobDefinition } from '@maverick/conf';
import {
  type Caller,
  type EngineSnapshot,
  type Explanation,
  type InstanceRef,
  type JobView,
  type Reply,
  type RequestId,
  type SessionId,
  SYSTEM,
} from '@maverick/engine';
import { ConfiguredJobs } from './configured-jobs.js';
import { SupervisorError } from './errors.js';
import type { SupervisorListener } from './event.js';
import type { HandedOver } from './handed-over.js';
import { processDefaults } from './option-defaults.js';
import type { SupervisorOptions } from './options.js';
import type { EmitOptions, JobCommandOptions, SupervisorRequest } from './request.js';
import type { Answer, AnswerCallback } from './requests.js';
import { Runtime } from './runtime.js';
import type { SessionCaller } from './session-contact.js';
import type { SessionSpec } from './session-id.js';
import { SessionScope, type SubjectInSession } from './session-scope.js';
import { type SessionClosedCallback, type SessionInfo, type SessionResult, Sessions } from './sessions.js';
import type { SupervisedInstance } from './supervised-instance.js';
import type { Usage } from './usage.js';

/** The engine names the instance in its answers to start and restart. */
const instanceOf = (job: string, { instance }: Extract<Answer, { ok: true }>): InstanceRef =>
  instance ?? { session: SYSTEM, job, instance: '' };

/**
 * Runs the jobs of configuration directories: parses them, feeds the engine, performs what it asks for, and tells
 * listeners what happens. No D-Bus, no global state, no output of its own.
 *
 * It holds its resources (children's signals, timers, the journal) from its construction to {@link close}.
 */
export class Supervisor {
  readonly #runtime: Runtime;
  readonly #jobs: ConfiguredJobs;
  readonly #system: SessionScope;
  readonly #sessions: Sessions;
  #ending: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: SupervisorOptions) {
    this.#runtime = new Runtime(options, {
      overrideOf: ({ session, job }) => this.#sessions.jobsOf(session)?.overrideOf(job),
      defaultsOf: (session) => this.#sessions.defaultsOf(session),
    });
    const defaults = processDefaults(options);
    this.#jobs = new ConfiguredJobs(this.#runtime, {
      session: SYSTEM,
      hasCgroups: options.cgroups !== undefined,
      places: options,
    });
    this.#system = new SessionScope(SYSTEM, this.#runtime, this.#jobs, defaults);
    this.#sessions = new Sessions(options, this.#runtime, { jobs: this.#jobs, scope: this.#system, defaults });
  }

  /**
   * Load the configuration and begin: every bad file is one `diagnostic`, all others are loaded; then the startup event is
   * emitted. From now on every change of the files is taken in by itself.
   * @param startupEvent default `startup`; `undefined`, given as such, emits none
   * @param loaded called when the jobs are known, before the startup event
   */
  start(
    { startupEvent, loaded }: { readonly startupEvent: string | undefined; readonly loaded?: () => void } = {
      startupEvent: 'startup',
    },
  ): void {
    this.#runtime.begin();
    if (this.#runtime.isContinued) this.#jobs.seed();
    this.#jobs.load();
    this.#sessions.goOn();
    loaded?.();
    // It had been told to end when it died: then that is what it goes on with.
    if (this.#runtime.ending !== undefined) void this.shutdown(this.#runtime.ending);
    if (this.#runtime.isContinued) return;
    if (startupEvent !== undefined) this.#runtime.send({ kind: 'emit', session: SYSTEM, name: startupEvent, env: [] });
  }

  /**
   * Define a job of the program's own, or another definition of it: no file is behind it, and none is looked for. A file of
   * the same name would take its place. Where jobs of an earlier run are taken over, before {@link start}.
   */
  defineJob(name: string, definition: JobDefinition): void {
    this.#jobs.defineOwn(name, definition);
  }

  /**
   * Read every configuration directory again. Jobs whose definition is the same are not touched; a job whose file is broken
   * now keeps its last good definition and is stale; one whose file is gone is removed.
   */
  reloadConfiguration(): void {
    this.#system.reloadConfiguration();
  }

  /**
   * Ask for something and be called back once with the answer: from within this call if it is known at once. With `wait`
   * absent the answer comes as soon as the request is accepted.
   * @returns the number of the request: after a {@link handOver} the answer is waited for by it
   */
  request(request: SupervisorRequest, answer: AnswerCallback): RequestId {
    return this.#system.request(request, answer);
  }

  /** Be called back with the answer to a request that the supervisor before this one has taken, and handed over. */
  awaitAnswer(request: RequestId, answer: AnswerCallback): void {
    this.#runtime.requests.await(request, answer);
  }

  /**
   * Resolves when nothing is under way that a {@link handOver} could only break off: a PAM session that opens, a program whose
   * forks are followed. At most after so many milliseconds.
   */
  atRest(limitMs: number): Promise<void> {
    return this.#runtime.atRest(limitMs);
  }

  /**
   * Let go of everything at once, for a supervisor that takes this one's place in the same process, as its option `handedOver`:
   * after an `exec` that keeps the descriptors of {@link descriptorsOf} open, or where that has failed. No job notices, and
   * requests are answered by the next one. Call it from the event loop, not from a listener.
   */
  handOver(): HandedOver {
    this.#jobs.release();
    this.#sessions.release();
    this.#closing ??= Promise.resolve();
    return { ...this.#runtime.handOver(), looksAtRoots: this.looksAtRoots };
  }

  /**
   * Emit an event and wait until all that it causes is done: services run, tasks are over.
   * @throws SupervisorError `EventFailed` if a job failed because of it
   */
  async emit(name: string, { wait = true, ...options }: EmitOptions = {}): Promise<void> {
    await this.#ask({ kind: 'emit', name, wait, ...options });
  }

  /**
   * Start a job and wait until it runs (a task: until it is over).
   * @returns the instance that was started
   * @throws SupervisorError, such as `UnknownJob`, `AlreadyStarted`, `JobFailed`
   */
  async startJob(job: string, { wait = true, ...options }: JobCommandOptions = {}): Promise<InstanceRef> {
    return instanceOf(job, await this.#ask({ kind: 'start', job, wait, ...options }));
  }

  /**
   * Stop a job and wait until it is down.
   * @throws SupervisorError, such as `UnknownInstance`, `AlreadyStopped`
   */
  async stopJob(job: string, { wait = true, ...options }: JobCommandOptions = {}): Promise<void> {
    await this.#ask({ kind: 'stop', job, wait, ...options });
  }

  /**
   * Stop a running job and start it again, and wait until it runs.
   * @throws SupervisorError, such as `UnknownInstance`, `JobFailed`
   */
  async restartJob(job: string, { wait = true, ...options }: JobCommandOptions = {}): Promise<InstanceRef> {
    return instanceOf(job, await this.#ask({ kind: 'restart', job, wait, ...options }));
  }

  /**
   * Send the job's reload signal to the main process of an instance.
   * @throws SupervisorError, such as `NotRunning`
   */
  async reload(job: string, instance = ''): Promise<void> {
    await this.#ask({ kind: 'reload', job, instance });
  }

  /** Whether this supervisor goes on where another one with the same `stateDir` was when it died. */
  get isContinued(): boolean {
    return this.#runtime.isContinued;
  }

  /** Whether {@link shutdown} has begun: also where an earlier supervisor with the same `stateDir` died in the midst of it. */
  get isEnding(): boolean {
    return this.#ending !== undefined;
  }

  /** The sessions that there are, the system's first, then in the order in which they were opened. */
  sessions(): readonly SessionInfo[] {
    return this.#sessions.list();
  }

  /** The jobs of one session; undefined for one that is not open. The system's is always there. */
  scope(session: SessionId): SessionScope | undefined {
    return this.#sessions.scope(session);
  }

  /** Whether it matters which root directory a caller has: there are sessions of chroots, or there were or can be such. */
  get looksAtRoots(): boolean {
    return this.#sessions.looksAtRoots;
  }

  /**
   * Whose session a caller is in. Where there is none yet, and the options have such sessions, it is opened.
   * @returns also why a caller has none: then nothing of any session is for them
   */
  contact(caller: SessionCaller): SessionResult {
    return this.#sessions.contact(caller);
  }

  /**
   * Open the session of a root directory or a user: its jobs are loaded, and its files watched. One that is open stays as it is.
   * @param startupEvent emitted in the session when it was opened by this. Default: none, and only what is asked for starts
   */
  openSession(spec: SessionSpec, { startupEvent }: { readonly startupEvent?: string } = {}): SessionResult {
    return this.#sessions.open(spec, startupEvent);
  }

  /**
   * Look at the files of all sessions but the system's again, and close those of what is not there any more: after something
   * that no file system tells, such as a mount.
   */
  lookAtSessions(): void {
    this.#sessions.lookAgain();
  }

  /**
   * Stop the jobs of a session, and forget it.
   * @param answer comes when all is down; `UnknownSession` where there is none, and for the system's
   */
  closeSession(session: SessionId, answer: SessionClosedCallback = () => {}): void {
    this.#sessions.close(session, answer);
  }

  /** Every registered job class of the system, in the order of definition. */
  jobs(): readonly JobView[] {
    return this.#system.jobs();
  }

  job(name: string): JobView | undefined {
    return this.#system.job(name);
  }

  instance(job: string, instance = ''): SupervisedInstance | undefined {
    return this.#system.instance(job, instance);
  }

  /**
   * What an instance uses of the machine now: from its cgroup, where it has one, else from `/proc`.
   * @returns undefined for an instance that is not there
   */
  usage(job: string, instance = ''): Usage | undefined {
    return this.#system.usage(job, instance);
  }

  /** The directory of the cgroup v2 that an instance has for itself; undefined where it has none. */
  cgroupOf(job: string, instance = ''): string | undefined {
    return this.#system.cgroupOf(job, instance);
  }

  /** What a start of the job with this environment would call its instance. */
  instanceName(job: string, env: readonly string[] = []): { ok: true; name: string } | Extract<Reply, { ok: false }> {
    return this.#system.instanceName(job, env);
  }

  /** The job environment table, `KEY=VALUE`, in order. */
  environment(): readonly string[] {
    return this.#system.environment();
  }

  /**
   * Why a job, an instance, or an event is as it is.
   * @returns undefined for what is not known
   */
  explain(subject: SubjectInSession): Explanation | undefined {
    return this.#system.explain(subject);
  }

  /** The whole state of the engine as JSON-safe data. */
  snapshot(): EngineSnapshot {
    return this.#runtime.engine.snapshot();
  }

  /** Write now what output could not be written before, such as while the log directory was read-only. */
  flushLogs(): void {
    this.#runtime.flushLogs();
  }

  /** The broken file because of which a job keeps an older definition; undefined for a job that is as its files say. */
  staleBecauseOf(job: string): string | undefined {
    return this.#system.staleBecauseOf(job);
  }

  /** The files that define a job, as far as they are in force; undefined for one that no file defines. */
  filesOf(job: string): { readonly file: string; readonly override?: string } | undefined {
    return this.#system.filesOf(job);
  }

  /**
   * The file that the output of an instance goes to, whether it runs or not.
   * @returns undefined for a job that is not known, and where its console is none or no log
   */
  logFile(job: string, instance: string): string | undefined {
    return this.#system.logFile(job, instance);
  }

  /** Open every log file anew by its name at its next output: for a rotation that renames files. */
  reopenLogs(): void {
    this.#runtime.reopenLogs();
  }

  /**
   * Hold nothing open, so that file systems can be unmounted or mounted read-only: logs are written out and closed (what jobs
   * write meanwhile waits where they write it), files are not watched any more, and the journal goes where `journalDir` says,
   * or nowhere. Jobs run on.
   */
  async releaseFiles({ journalDir }: { readonly journalDir?: string | undefined } = {}): Promise<void> {
    await Promise.all([this.#runtime.pauseLogs(), this.releaseConfiguration({ journalDir })]);
  }

  /** A part of {@link releaseFiles}: logs are written on, and their files are open; {@link reopenLogs} closes them for once. */
  async releaseConfiguration({ journalDir }: { readonly journalDir?: string | undefined } = {}): Promise<void> {
    this.#jobs.release();
    this.#sessions.release();
    await this.#runtime.moveJournal(journalDir);
  }

  /** After {@link releaseFiles}: write logs again, and the journal where `journalDir` says; read and watch the configuration. */
  async resumeFiles({ journalDir }: { readonly journalDir?: string | undefined } = {}): Promise<void> {
    this.#runtime.resumeLogs();
    this.#jobs.resume();
    this.#sessions.resume();
    await this.#runtime.moveJournal(journalDir);
  }

  /** The job process that a PID is or descends from. */
  callerOf(pid: number): Caller | undefined {
    return this.#runtime.callerOf(pid);
  }

  /** Hear of everything that happens, in order, as it happens. Returns what ends it. */
  subscribe(listener: SupervisorListener): () => void {
    return this.#runtime.listeners.add(listener);
  }

  /**
   * Stop every job in the order of the dependencies, and leave nothing behind: what outlasts the jobs' kill timeouts is
   * killed. Asking again changes nothing and resolves with the first.
   * @param type as `session-end` tells it
   * @param options.withinMs what is not down by then is killed, whatever its kill timeout. Default: no limit
   */
  shutdown(type: 'shutdown' | 'logout' = 'shutdown', { withinMs }: { readonly withinMs?: number } = {}): Promise<void> {
    this.#ending ??= this.#runtime.quiesce(type, withinMs);
    return this.#ending;
  }

  /** Let go of everything. Jobs that still run go on without a supervisor: {@link shutdown} ends them first. */
  close(): Promise<void> {
    this.#jobs.release();
    this.#sessions.release();
    this.#closing ??= this.#runtime.close();
    return this.#closing;
  }

  async #ask(request: SupervisorRequest): Promise<Extract<Answer, { ok: true }>> {
    const answer = await new Promise<Answer>((resolve) => this.request(request, resolve));
    if (!answer.ok) throw new SupervisorError(answer.code, answer.message);
    return answer;
  }
}
