import type { Caller, Engine, ExplainSubject, Explanation, InstanceView } from '@maverick/engine';
import { processStartTime } from '@maverick/spawner';
import type { UnstampedInput } from './engine-loop.js';
import type { SupervisorNotice } from './event.js';
import { detailsOf, type HandedOver } from './handed-over.js';
import type { InstanceGroups } from './instance-groups.js';
import type { Listeners } from './listeners.js';
import type { SupervisorOptions } from './options.js';
import type { RunningProcess } from './process-table.js';
import { findAncestor } from './process-tree.js';
import type { DefinedJob } from './recovery.js';
import type { Requests } from './requests.js';
import { RuntimeParts, type RuntimePorts } from './runtime-parts.js';
import { type SupervisedInstance, supervisedInstance } from './supervised-instance.js';

/** The engine at work, from taking over what an earlier supervisor has left to an end, or to handing over to the next one. */
export class Runtime {
  readonly engine: Engine;
  readonly requests: Requests;
  readonly groups: InstanceGroups;
  readonly listeners: Listeners;
  readonly #parts: RuntimeParts;

  constructor(options: SupervisorOptions, ports: RuntimePorts) {
    this.#parts = new RuntimeParts(options, ports);
    const { engine, requests, groups, chronicle } = this.#parts;
    this.engine = engine;
    this.requests = requests;
    this.groups = groups;
    this.listeners = chronicle.listeners;
  }

  /** What an earlier supervisor of the same run had started is ours now. */
  get isContinued(): boolean {
    return this.#parts.takeOver.isContinued;
  }

  /** How the engine was told to end before we took it over; undefined if it was not. */
  get ending(): 'shutdown' | 'logout' | undefined {
    return this.#parts.earlier.saved?.ending;
  }

  /** The system's job environment table as it was at the start: `KEY=VALUE`. */
  get initialEnvironment(): readonly string[] {
    return this.#parts.engineOptions.env ?? [];
  }

  /** Monotonic milliseconds. */
  get now(): number {
    return this.#parts.clock.now();
  }

  get stopped(): boolean {
    return this.#parts.loop.stopped;
  }

  /** Begin to keep what happens, and take over what an earlier supervisor has left. */
  begin(): void {
    this.#parts.chronicle.begin(this.isContinued, this.#parts.engineOptions);
    this.#beginKeeping();
    this.#parts.takeOver.begin();
  }

  /**
   * Define the jobs that there are, and take over what lives of a run whose state is lost.
   * @returns false where there is no such run, or not any more: then nothing has been done
   */
  recover(jobs: readonly DefinedJob[]): boolean {
    return this.#parts.takeOver.recover(jobs);
  }

  #beginKeeping(): void {
    const { state, clock, engineOptions, engine, table, requests } = this.#parts;
    if (state === undefined) return;
    const warn = (message: string): void => this.#parts.warn(message);
    if (state.unreadable !== undefined) warn(`The state of an earlier supervisor can't be read: ${state.unreadable}`);
    state.begin({
      clock,
      options: engineOptions,
      engine: () => engine,
      table,
      lastRequest: () => requests.last,
      warn,
    });
  }

  /** Resolves when nothing is on its way that can't be handed over, or after so long. */
  atRest(limitMs: number): Promise<void> {
    return this.#parts.rest.within(limitMs);
  }

  /** Stop, and leave everything to who comes next in this process: no job notices. */
  handOver(): HandedOver {
    const { processes, loop, table, state, engine, requests, launcher, readiness, files, leftovers, timers, journal } =
      this.#parts;
    const news = this.#parts.holdNews();
    const log = processes.handOverLogs?.();
    loop.stop();
    const lock = state?.handOver();
    const handed: HandedOver = {
      version: 1,
      runId: this.#parts.runId,
      options: this.#parts.engineOptions,
      snapshot: engine.snapshot(),
      lastRequest: requests.last,
      ...(this.#parts.endingType === undefined ? {} : { ending: this.#parts.endingType }),
      // Of one whose end is only to be told the start time is not known any more, and not needed.
      processes: [...table].map((entry) => [entry.process, entry.pid, this.#startTimeOf(entry) ?? 0] as const),
      details: detailsOf(table),
      pending: launcher.pending,
      news,
      channels: readiness.handOver(),
      files: files.handOver(),
      groups: leftovers.groups,
      ...(lock === undefined ? {} : { lock }),
      ...(log === undefined ? {} : { log }),
    };
    timers.clearAll();
    requests.forget();
    launcher.close();
    processes.close();
    journal?.closeNow?.();
    return handed;
  }

  #startTimeOf(entry: RunningProcess): number | undefined {
    return this.#parts.state?.startTimeOf(entry) ?? processStartTime(entry.pid);
  }

  /** Tell the engine something; nothing any more once {@link quiesce} or {@link close} has stopped it. */
  send(input: UnstampedInput): void {
    this.#parts.loop.send(input);
  }

  /** Tell listeners and the journal something of the supervisor's own. */
  tell(notice: SupervisorNotice): void {
    this.#parts.tell(notice);
  }

  /** Ages are counted to this moment. */
  explain(subject: ExplainSubject): Explanation | undefined {
    return this.engine.explain(subject, this.#parts.clock.now());
  }

  /** What the engine knows of an instance, and what only we see. */
  supervised(view: InstanceView): SupervisedInstance {
    return supervisedInstance(view, this.#parts.table);
  }

  /** The job process that a PID is or descends from. */
  callerOf(pid: number): Caller | undefined {
    const { table, tree } = this.#parts;
    const found = findAncestor(pid, tree, (candidate) => table.byPid(candidate));
    return found && { instance: found.instance, process: found.process };
  }

  /** Write now what output could not be written before. */
  flushLogs(): void {
    this.#parts.processes.flushLogs?.();
  }

  /** Open every log file anew by its name at its next output. */
  reopenLogs(): void {
    this.#parts.processes.reopenLogs?.();
  }

  /** Write out and close every log file, and no more until {@link resumeLogs}. */
  async pauseLogs(): Promise<void> {
    await this.#parts.processes.pauseLogs?.();
  }

  resumeLogs(): void {
    this.#parts.processes.resumeLogs?.();
  }

  /** Write the journal there from now on; undefined: nowhere. */
  async moveJournal(dir: string | undefined): Promise<void> {
    await this.#parts.journal?.moveTo?.(dir);
  }

  /** Have the engine end all jobs, then end what they left. */
  quiesce(type: 'shutdown' | 'logout', withinMs?: number): Promise<void> {
    return this.#parts.ending.run(type, withinMs);
  }

  async close(): Promise<void> {
    const { loop, timers, requests, readiness, files, processes, state, journal, launcher } = this.#parts;
    loop.stop();
    launcher.close();
    timers.clearAll();
    requests.close();
    readiness.close();
    files.close();
    processes.close();
    state?.close();
    await journal?.close();
  }
}
