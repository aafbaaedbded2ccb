import { closeSync } from 'node:fs';
import {
  type Effect,
  Engine,
  type EngineOptions,
  type ExplainSubject,
  type Explanation,
  type InstanceRef,
  type InstanceView,
  type ProcessId,
  SYSTEM,
} from '@maverick/engine';
import { isLogProcess } from '@maverick/spawner';
import { Adoption } from './adoption.js';
import { Cgroups } from './cgroups.js';
import { ChildNews, UNKNOWN_END } from './child-news.js';
import { type Clock, systemClock } from './clock.js';
import { displayName } from './display-name.js';
import { type EffectPorts, isAction, perform } from './effects.js';
import { EngineLoop, type UnstampedInput } from './engine-loop.js';
import type { Moment, SupervisorNotice } from './event.js';
import { factLine, inputLine, isNews, type JournalLine, type JournalSink } from './journal.js';
import { Launcher, type LauncherPorts } from './launcher.js';
import { Leftovers } from './leftovers.js';
import { Listeners } from './listeners.js';
import { Narrator, type NarratorPorts } from './narrator.js';
import { engineOptions, processDefaults } from './option-defaults.js';
import type { SupervisorOptions } from './options.js';
import { openSpawner, type ProcessPort } from './ports.js';
import { ProcessTable } from './process-table.js';
import { type ProcessTree, procTree } from './process-tree.js';
import { Readiness } from './readiness.js';
import { Requests } from './requests.js';
import { RunState } from './run-state.js';
import type { SavedEngine } from './saved-engine.js';
import type { SupervisedInstance } from './supervised-instance.js';
import { findSurvivors } from './survivors.js';
import { Timers } from './timers.js';
import { type Usage, usageOf } from './usage.js';

/** The engine at work: its inputs from children, timers and requests, its effects on processes, listeners and the journal. */
export class Runtime {
  readonly engine: Engine;
  readonly listeners = new Listeners();
  readonly table = new ProcessTable();
  readonly requests: Requests;
  /** What an earlier supervisor of the same run had started is ours now. */
  readonly isContinued: boolean;
  readonly tree: ProcessTree;
  readonly #clock: Clock;
  readonly #state: RunState | undefined;
  readonly #engineOptions: EngineOptions;
  readonly #journal: JournalSink | undefined;
  readonly #timers: Timers;
  readonly processes: ProcessPort;
  readonly #loop: EngineLoop;
  readonly #narrator: Narrator;
  readonly #cgroups: Cgroups | undefined;
  readonly #readiness: Readiness;
  readonly #launcher: Launcher;
  readonly #effects: EffectPorts;
  readonly #leftovers: Leftovers;
  readonly #news: ChildNews;
  #adoption: Adoption | undefined;
  #inputs = 0;
  #quiesced: () => void = () => {};

  constructor(options: SupervisorOptions, overrideOf: NarratorPorts['overrideOf'] = () => undefined) {
    this.tree = options.processTree ?? procTree;
    this.#clock = options.clock ?? systemClock;
    this.#journal = options.journal;
    if (options.onEvent !== undefined) this.listeners.add(options.onEvent);
    this.#timers = new Timers(this.#clock, (timer) => this.send({ kind: 'timer-fired', timer }));
    this.#state = options.stateDir === undefined ? undefined : new RunState(options.stateDir);
    this.isContinued = this.#state?.saved !== undefined;
    this.requests = new Requests(this.#state?.saved?.lastRequest);
    const logAddress = this.#state?.logAddress;
    this.processes = (options.spawner ?? openSpawner)({
      ...(logAddress === undefined ? {} : { log: { address: logAddress } }),
      onChild: (event) => this.#news.child(event),
      onWarning: ({ message }) => this.tell({ kind: 'message', priority: 'warn', message }),
      onTrack: (event) => this.#news.track(event),
    });
    this.#engineOptions = engineOptions(options);
    this.engine = this.#state?.saved?.engine ?? new Engine(this.#engineOptions);
    this.#narrator = this.#createNarrator(overrideOf);
    this.#loop = this.#createLoop();
    this.#cgroups = options.cgroups && new Cgroups(options.cgroups);
    this.#readiness = this.#createReadiness();
    this.#launcher = this.#createLauncher(options);
    this.#effects = this.#createEffectPorts(options);
    const strays = options.strays ?? (() => []);
    this.#leftovers = this.#createLeftovers(() =>
      [...new Set([...strays(), ...this.#leftInGroups(), ...this.#leftOfRun()])].filter((pid) => !isLogProcess(pid)),
    );
    this.#news = this.#createNews();
  }

  /** How the engine was told to end before we took it over; undefined if it was not. */
  get ending(): 'shutdown' | 'logout' | undefined {
    return this.#state?.saved?.ending;
  }

  /** Begin to keep what happens, and take over what an earlier supervisor has left. */
  begin(): void {
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
    if (state.saved === undefined) return;
    this.#takeOver(state.saved);
    state.save();
  }

  #takeOver(saved: SavedEngine): void {
    for (const { timer, dueAt } of this.engine.timers()) this.#timers.set(timer, dueAt);
    this.#adoptGroups();
    this.#adoption = new Adoption(saved, {
      engine: this.engine,
      processes: this.processes,
      table: this.table,
      readiness: this.#readiness,
      started: (process, pid) => this.#state?.started(process, pid),
      launch: (action) => this.#launcher.launch(action),
      perform: (action) => perform(action, this.#effects),
      send: (input) => this.send(input),
      say: (priority, message) => this.tell({ kind: 'message', priority, message }),
      endedUnknown: (process) => this.send({ kind: 'process-exited', process, status: UNKNOWN_END }),
    });
    const counts = this.#adoption.run();
    this.tell({ kind: 'taken-over', ...counts });
    const message = `Taken over from a supervisor that died: ${counts.adopted} processes, ${counts.ended} ended meanwhile`;
    this.tell({ kind: 'message', priority: 'message', message });
  }

  /** The groups of the instances that there are. */
  #adoptGroups(): void {
    if (this.#cgroups === undefined) return;
    for (const { definition, instances } of this.engine.jobs(SYSTEM)) {
      for (const { ref, env } of instances) this.#cgroups.adopt(ref, definition, env);
    }
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

  usage({ ref, processes }: InstanceView): Usage {
    const pids = processes.flatMap(({ pid }) => pid ?? []);
    return usageOf(ref, pids, this.#cgroups);
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
    this.#cgroups?.killAll();
    this.#cgroups?.tidy();
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
      perform(effect, this.#effects);
      return;
    }
    if (effect.kind === 'process-moved') this.#moved(effect.process, effect.pid);
    if (effect.kind === 'instance-removed') this.#killLeft(effect.instance);
    this.listeners.publish(effect, moment);
    this.#narrator.effect(effect);
  }

  #leftInGroups(): number[] {
    return this.#cgroups?.left.map(({ pid }) => pid) ?? [];
  }

  /** What an earlier supervisor's jobs have left is nobody's child and in no group that we know: its environment tells. */
  #leftOfRun(): number[] {
    if (this.#state === undefined || !this.isContinued) return [];
    return [...findSurvivors(this.#state.runId).values()].flat().map(({ pid }) => pid);
  }

  #moved(process: ProcessId, pid: number): void {
    this.table.move(process, pid);
    this.#state?.started(process, pid);
  }

  /** A run of a job with a group of its own leaves nobody behind. */
  #killLeft(instance: InstanceRef): void {
    const cgroups = this.#cgroups;
    if (cgroups === undefined) return;
    const isAsked = (this.engine.job(instance.session, instance.job)?.definition.cgroups.length ?? 0) > 0;
    const left = isAsked ? cgroups.kill(instance) : [];
    if (left.length > 0) {
      const names = left.map(({ pid, name }) => `${name} (${pid})`).join(', ');
      this.tell({
        kind: 'message',
        priority: 'info',
        message: `Killed what ${displayName(instance)} has left: ${names}`,
      });
    }
    cgroups.release(instance);
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
        this.#state?.input(input);
      },
      perform: (effect, moment) => this.#effect(effect, moment),
      settled: () => {
        this.#narrator.settled();
        this.#state?.settled(this.#launcher.isBusy);
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
      say: (priority, message) => this.listeners.publish({ kind: 'message', priority, message }, this.#now()),
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
    return { keep: (process) => state.keep(process) };
  }

  #createLauncher(options: SupervisorOptions): Launcher {
    return new Launcher({
      processes: this.processes,
      table: this.table,
      readiness: this.#readiness,
      ...this.#keeping(),
      defaults: processDefaults(options),
      ...(this.#cgroups === undefined ? {} : { cgroups: this.#cgroups }),
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
      stateOf: ({ session, job, instance }) => this.engine.instance(session, job, instance)?.state,
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
