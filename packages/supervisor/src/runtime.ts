import { closeSync } from 'node:fs';
import {
  type Effect,
  Engine,
  type EngineOptions,
  type ExplainSubject,
  type Explanation,
  type InstanceView,
  type ProcessId,
  SYSTEM,
} from '@maverick/engine';
import { type ChildEvent, isLogProcess, processStartTime } from '@maverick/spawner';
import { Adoption, type AdoptionPorts } from './adoption.js';
import { ChildNews, UNKNOWN_END } from './child-news.js';
import { type Clock, systemClock } from './clock.js';
import { type EffectPorts, isAction, perform } from './effects.js';
import { EngineLoop, type UnstampedInput } from './engine-loop.js';
import type { Moment, SupervisorNotice } from './event.js';
import { detailsOf, type HandedOver, restoreHandedOver } from './handed-over.js';
import { InstanceGroups } from './instance-groups.js';
import { factLine, inputLine, isNews, type JournalLine, type JournalSink } from './journal.js';
import { Launcher, type LauncherPorts } from './launcher.js';
import { Leftovers } from './leftovers.js';
import { Listeners } from './listeners.js';
import type { LostRun } from './lost-run.js';
import { Narrator, type NarratorPorts } from './narrator.js';
import { engineOptions, processDefaults } from './option-defaults.js';
import type { SupervisorOptions } from './options.js';
import { openSpawner, type ProcessListener, type ProcessPort } from './ports.js';
import { ProcessTable, type RunningProcess } from './process-table.js';
import { type ProcessTree, procTree } from './process-tree.js';
import { Readiness } from './readiness.js';
import { type DefinedJob, planRecovery } from './recovery.js';
import { Requests } from './requests.js';
import { Rest } from './rest.js';
import { RunState } from './run-state.js';
import { recoveredEngine, type SavedEngine } from './saved-engine.js';
import type { SupervisedInstance } from './supervised-instance.js';
import { findSurvivors } from './survivors.js';
import { handedPorts, type Predecessor, takenOverMessages } from './taken-over.js';
import { Timers } from './timers.js';

/** What may be done before the processes are there that were asked for earlier: they are started together. */
const BESIDE_STARTS: ReadonlySet<Effect['kind']> = new Set(['spawn', 'set-timer', 'clear-timer']);

/** The engine at work: its inputs from children, timers and requests, its effects on processes, listeners and the journal. */
export class Runtime {
  readonly engine: Engine;
  readonly listeners = new Listeners();
  readonly table = new ProcessTable();
  readonly requests: Requests;
  readonly tree: ProcessTree;
  readonly #clock: Clock;
  readonly #state: RunState | undefined;
  readonly #engineOptions: EngineOptions;
  readonly #journal: JournalSink | undefined;
  readonly #timers: Timers;
  readonly processes: ProcessPort;
  readonly #loop: EngineLoop;
  readonly #narrator: Narrator;
  readonly groups: InstanceGroups;
  readonly #readiness: Readiness;
  readonly #launcher: Launcher;
  readonly #effects: EffectPorts;
  readonly #leftovers: Leftovers;
  readonly #news: ChildNews;
  #adoption: Adoption | undefined;
  #inputs = 0;
  readonly #saved: SavedEngine | undefined;
  /** Until it is clear that nothing of it can be gone on with. */
  #lost: LostRun | undefined;
  readonly #handed: HandedOver | undefined;
  /** While we hand over: what becomes of processes is for who comes next. */
  #heldNews: ChildEvent[] | undefined;
  readonly #rest: Rest;
  #ending: 'shutdown' | 'logout' | undefined;
  #quiesced: () => void = () => {};

  constructor(options: SupervisorOptions, overrideOf: NarratorPorts['overrideOf'] = () => undefined) {
    this.tree = options.processTree ?? procTree;
    this.#clock = options.clock ?? systemClock;
    this.#journal = options.journal;
    if (options.onEvent !== undefined) this.listeners.add(options.onEvent);
    this.#timers = new Timers(this.#clock, (timer) => this.send({ kind: 'timer-fired', timer }));
    this.#handed = options.handedOver;
    const handed = this.#handed && restoreHandedOver(this.#handed);
    this.#state =
      options.stateDir === undefined ? undefined : new RunState(options.stateDir, handed, this.#handed?.lock);
    this.#saved = handed ?? this.#state?.saved;
    this.#ending = this.#saved?.ending;
    this.#lost = this.#saved === undefined ? this.#state?.lost : undefined;
    this.requests = new Requests(this.#saved?.lastRequest);
    this.processes = (options.spawner ?? openSpawner)({
      ...this.#logOptions(),
      onChild: (event) => {
        if (this.#heldNews === undefined) this.#news.child(event);
        else this.#heldNews.push(event);
      },
      onWarning: ({ message }) => this.tell({ kind: 'message', priority: 'warn', message }),
      onTrack: (event) => this.#news.track(event),
    });
    this.#engineOptions = engineOptions(options);
    this.engine = this.#saved?.engine ?? new Engine(this.#engineOptions);
    this.#narrator = this.#createNarrator(overrideOf);
    this.#loop = this.#createLoop();
    this.groups = new InstanceGroups(options.cgroups, { engine: this.engine, tell: (notice) => this.tell(notice) });
    this.#readiness = this.#createReadiness();
    this.#launcher = this.#createLauncher(options);
    this.#effects = this.#createEffectPorts(options);
    const strays = options.strays ?? (() => []);
    this.#leftovers = this.#createLeftovers(() =>
      [...new Set([...strays(), ...this.groups.left, ...this.#leftOfRun()])].filter((pid) => !isLogProcess(pid)),
    );
    this.#news = this.#createNews();
    this.#rest = new Rest({ clock: this.#clock, engine: this.engine, isStarting: () => this.#launcher.isBusy });
  }

  /** What an earlier supervisor of the same run had started is ours now. */
  get isContinued(): boolean {
    return this.#saved !== undefined || this.#lost !== undefined;
  }

  /** How the engine was told to end before we took it over; undefined if it was not. */
  get ending(): 'shutdown' | 'logout' | undefined {
    return this.#saved?.ending;
  }

  /** Begin to keep what happens, and take over what an earlier supervisor has left. */
  begin(): void {
    this.#beginKeeping();
    if (this.#saved === undefined) return;
    this.#takeOver(this.#saved);
    this.#state?.save();
  }

  /**
   * Define the jobs that there are, and take over what lives of a run whose state is lost.
   * @returns false where there is no such run, or not any more: then nothing has been done
   */
  recover(jobs: readonly DefinedJob[]): boolean {
    const lost = this.#lost;
    if (lost === undefined || this.#adoption !== undefined) return false;
    const known = this.engine.jobs(SYSTEM).filter(({ name }) => !jobs.some((job) => job.name === name));
    const { input, processes, left } = planRecovery(lost, [...known, ...jobs]);
    for (const message of left) this.tell({ kind: 'message', priority: 'warn', message });
    const living = new Set<number>();
    for (const { startTime, ...found } of processes) {
      if (this.processes.adopt?.(found.pid, startTime).ok !== true) continue;
      living.add(found.pid);
      this.table.add(found);
    }
    this.send(input);
    if (processes.length > 0) {
      this.#takeOver(recoveredEngine(this.engine, lost.runId, processes), { isToldOf: (pid) => living.has(pid) });
    } else this.#lost = undefined;
    this.#state?.save();
    return true;
  }

  #beginKeeping(): void {
    const state = this.#state;
    if (state === undefined) return;
    const warn = (message: string): void => this.tell({ kind: 'message', priority: 'warn', message });
    if (state.unreadable !== undefined) warn(`The state of an earlier supervisor can't be read: ${state.unreadable}`);
    state.begin({
      clock: this.#clock,
      options: this.#engineOptions,
      engine: () => this.engine,
      table: this.table,
      lastRequest: () => this.requests.last,
      warn,
    });
  }

  /** Resolves when nothing is on its way that can't be handed over, or after so long. */
  atRest(limitMs: number): Promise<void> {
    return this.#rest.within(limitMs);
  }

  /** Stop, and leave everything to who comes next in this process: no job notices. */
  handOver(): HandedOver {
    this.#heldNews = [];
    const log = this.processes.handOverLogs?.();
    this.#loop.stop();
    const { table } = this;
    const lock = this.#state?.handOver();
    const handed: HandedOver = {
      version: 1,
      runId: this.#state?.runId ?? this.#saved?.runId ?? '',
      options: this.#engineOptions,
      snapshot: this.engine.snapshot(),
      lastRequest: this.requests.last,
      ...(this.#ending === undefined ? {} : { ending: this.#ending }),
      // Of one whose end is only to be told the start time is not known any more, and not needed.
      processes: [...table].map((entry) => [entry.process, entry.pid, this.#startTimeOf(entry) ?? 0] as const),
      details: detailsOf(table),
      pending: this.#launcher.pending,
      news: this.#heldNews,
      channels: this.#readiness.handOver(),
      groups: this.#leftovers.groups,
      ...(lock === undefined ? {} : { lock }),
      ...(log === undefined ? {} : { log }),
    };
    this.#timers.clearAll();
    this.requests.forget();
    this.processes.close();
    this.#journal?.closeNow?.();
    return handed;
  }

  #startTimeOf(entry: RunningProcess): number | undefined {
    return this.#state?.startTimeOf(entry) ?? processStartTime(entry.pid);
  }

  #logOptions(): Pick<ProcessListener, 'log'> {
    const address = this.#state?.logAddress;
    const control = this.#handed?.log;
    if (address === undefined && control === undefined) return {};
    return { log: { ...(address === undefined ? {} : { address }), ...(control === undefined ? {} : { control }) } };
  }

  #takeOver(saved: SavedEngine, ports: Partial<AdoptionPorts> = this.#handedPorts()): void {
    for (const { timer, dueAt } of this.engine.timers()) this.#timers.set(timer, dueAt);
    this.groups.adopt();
    this.#adoption = new Adoption(saved, {
      engine: this.engine,
      processes: this.processes,
      table: this.table,
      readiness: this.#readiness,
      started: (process, pid) => this.#state?.started(process, pid),
      launch: (action) => {
        this.#launcher.launch(action);
        this.#launcher.startGathered();
      },
      perform: (action) => perform(action, this.#effects),
      send: (input) => this.send(input),
      say: (priority, message) => this.tell({ kind: 'message', priority, message }),
      endedUnknown: (process) => this.send({ kind: 'process-exited', process, status: UNKNOWN_END }),
      ...ports,
    });
    const counts = this.#adoption.run();
    const { news, groups } = this.#handed ?? { news: [], groups: [] };
    this.#leftovers.adopt(groups);
    for (const event of news) this.#news.child(event);
    this.tell({ kind: 'taken-over', ...counts });
    for (const notice of takenOverMessages(this.#predecessor, counts)) this.tell(notice);
  }

  get #predecessor(): Predecessor {
    if (this.#handed !== undefined) return 'handed over';
    return this.#lost === undefined ? 'died' : 'lost';
  }

  #handedPorts(): Partial<AdoptionPorts> {
    return this.#handed === undefined ? {} : handedPorts(this.#handed, (channel) => this.#readiness.inherit(channel));
  }

  /** Tell the engine something; nothing any more once {@link quiesce} or {@link close} has stopped it. */
  send(input: UnstampedInput): void {
    this.#loop.send(input);
  }

  /** Ages are counted to this moment. */
  explain(subject: ExplainSubject): Explanation | undefined {
    return this.engine.explain(subject, this.#clock.now());
  }

  async moveJournal(dir: string | undefined): Promise<void> {
    await this.#journal?.moveTo?.(dir);
  }

  flushLogs(): void {
    this.processes.flushLogs?.();
  }

  /** What the engine knows of an instance, and what only we see. */
  supervised(view: InstanceView): SupervisedInstance {
    const processes = view.processes.map((process) => {
      const { pause, status } = this.table.byProcess(process.process) ?? {};
      return {
        ...process,
        ...(pause === undefined ? {} : { paused: true as const }),
        ...(status === undefined ? {} : { status }),
      };
    });
    return { ...view, processes };
  }

  get stopped(): boolean {
    return this.#loop.stopped;
  }

  /** Lines are made only for a journal that wants them: there are dozens to each start of a job. */
  #write(line: () => JournalLine): void {
    if (this.#journal !== undefined && this.#journal.wanted !== false) this.#journal.write(line());
  }

  /** Tell listeners and the journal something of the supervisor's own. */
  tell(notice: SupervisorNotice, moment: Moment = this.#now()): void {
    this.#write(() => factLine(notice, moment));
    this.listeners.publish(notice, moment);
  }

  /** Have the engine end all jobs, then end what they left. */
  async quiesce(type: 'shutdown' | 'logout', withinMs?: number): Promise<void> {
    const quiesced = new Promise<void>((resolve) => {
      this.#quiesced = resolve;
    });
    const cancel = withinMs === undefined ? undefined : this.#stopIn(withinMs);
    this.send({ kind: 'quiesce', type });
    await quiesced;
    cancel?.();
    this.#timers.clearAll();
    await this.#leftovers.end();
    this.groups.end();
    this.#state?.remove();
    this.requests.close();
  }

  /** Leave the jobs no more time than this. Returns what cancels it. */
  #stopIn(withinMs: number): () => void {
    return this.#clock.at(this.#clock.now() + withinMs, () => {
      const message = 'Jobs are still there at the end of the time that they had: they are killed';
      this.tell({ kind: 'message', priority: 'warn', message });
      this.#stopLoop();
    });
  }

  #stopLoop(): void {
    // What comes after this could only start something again.
    this.#loop.stop();
    this.#quiesced();
  }

  async close(): Promise<void> {
    this.#loop.stop();
    this.#timers.clearAll();
    this.requests.close();
    this.#readiness.close();
    this.processes.close();
    this.#state?.close();
    await this.#journal?.close();
  }

  #effect(effect: Effect, moment: Moment): void {
    if (isNews(effect)) this.#write(() => factLine(effect, moment));
    if (isAction(effect)) {
      this.#state?.flush();
      if (!BESIDE_STARTS.has(effect.kind)) this.#launcher.startGathered();
      perform(effect, this.#effects);
      return;
    }
    if (effect.kind === 'process-moved') this.#moved(effect.process, effect.pid);
    if (effect.kind === 'instance-removed') this.groups.release(effect.instance);
    this.listeners.publish(effect, moment);
    this.#narrator.effect(effect);
  }

  /** What an earlier supervisor's jobs have left is nobody's child and in no group that we know: its environment tells. */
  #leftOfRun(): number[] {
    const runId = this.#saved?.runId ?? this.#state?.lost?.runId ?? '';
    return runId === '' ? [] : [...findSurvivors(runId).values()].flat().map(({ pid }) => pid);
  }

  #moved(process: ProcessId, pid: number): void {
    this.table.move(process, pid);
    this.#state?.started(process, pid);
  }

  #now(): Moment {
    return { at: this.#clock.now(), wall: this.#clock.wall() };
  }

  #createLoop(): EngineLoop {
    return new EngineLoop(this.engine, {
      clock: this.#clock,
      taken: (input, moment) => {
        this.#inputs += 1;
        this.#write(() => inputLine(input, this.#inputs, moment));
        this.#narrator.input(input);
        if (input.kind === 'process-exited') this.#state?.ended(input.process);
        if (input.kind === 'quiesce') this.#ending ??= input.type;
        this.#state?.input(input);
      },
      perform: (effect, moment) => this.#effect(effect, moment),
      performed: () => this.#launcher.startGathered(),
      settled: () => {
        this.#narrator.settled();
        this.#state?.settled(this.#launcher.isBusy);
        this.#rest.look();
      },
      fault: (during, error, moment) => this.tell({ kind: 'fault', during, error }, moment),
    });
  }

  #createEffectPorts(options: SupervisorOptions): EffectPorts {
    return {
      processes: this.processes,
      table: this.table,
      launcher: this.#launcher,
      timers: this.#timers,
      requests: this.requests,
      wakeToKill: options.semantics !== 'upstart',
      tell: (notice) => this.tell(notice),
      exit: () => this.#stopLoop(),
      closeFd: closeSync,
    };
  }

  #createNarrator(overrideOf: NarratorPorts['overrideOf']): Narrator {
    return new Narrator({
      // For people: the journal has the same as facts.
      say: (priority, message, instance) =>
        this.listeners.publish({ kind: 'message', priority, message, instance }, this.#now()),
      explain: (instance) => this.explain(instance),
      mainPid: ({ session, job, instance }) =>
        this.engine.instance(session, job, instance)?.processes.find(({ role }) => role === 'main')?.pid,
      overrideOf,
    });
  }

  #createReadiness(): Readiness {
    return new Readiness({
      send: (input) => this.send(input),
      pidOf: (process) => this.table.byProcess(process)?.pid,
      mainPid: (process, pid) => this.#news.moveMain(process, pid),
      status: (process, text) => this.#news.setStatus(process, text),
      ...(this.#state === undefined ? {} : { notifyAddress: (process) => this.#state?.notifyAddress(process) ?? '' }),
    });
  }

  #keeping(): Pick<LauncherPorts, 'keep'> {
    const state = this.#state;
    if (state === undefined) return {};
    return { keep: (process, role) => state.keep(process, role) };
  }

  #createLauncher(options: SupervisorOptions): Launcher {
    return new Launcher({
      processes: this.processes,
      table: this.table,
      readiness: this.#readiness,
      ...this.#keeping(),
      defaults: processDefaults(options),
      ...(this.groups.cgroups === undefined ? {} : { cgroups: this.groups.cgroups }),
      send: (input) => this.send(input),
      tell: (notice) => this.tell(notice),
      started: (pid, process) => {
        this.#leftovers.started(pid);
        if (process !== undefined) this.#state?.started(process, pid);
      },
    });
  }

  #createNews(): ChildNews {
    return new ChildNews({
      table: this.table,
      launcher: this.#launcher,
      readiness: this.#readiness,
      leftovers: this.#leftovers,
      send: (input) => this.send(input),
      tell: (notice) => this.tell(notice),
      adopt: (pid, startTime) => this.processes.adopt?.(pid, startTime).ok ?? false,
      movedOn: (process, role, instance) => this.#adoption?.movedOn(process, role, instance) ?? false,
    });
  }

  #createLeftovers(strays: () => readonly number[]): Leftovers {
    return new Leftovers({
      clock: this.#clock,
      processes: this.processes,
      table: this.table,
      tree: this.tree,
      strays,
      warn: (message) => this.tell({ kind: 'message', priority: 'warn', message }),
    });
  }
}
