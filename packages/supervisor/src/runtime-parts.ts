import { closeSync } from 'node:fs';
import { type Effect, Engine, type EngineOptions, type ProcessId } from '@maverick/engine';
import { type ChildEvent, isLogProcess } from '@maverick/spawner';
import { ChildNews } from './child-news.js';
import { Chronicle } from './chronicle.js';
import { type Clock, systemClock } from './clock.js';
import { EarlierRun } from './earlier-run.js';
import { type EffectPorts, isAction, perform } from './effects.js';
import { Ending } from './ending.js';
import { EngineLoop, type UnstampedInput } from './engine-loop.js';
import type { Moment, SupervisorNotice } from './event.js';
import { InstanceGroups } from './instance-groups.js';
import type { JournalSink } from './journal.js';
import { KeptFiles } from './kept-files.js';
import { Launcher, type LauncherPorts } from './launcher.js';
import { Leftovers } from './leftovers.js';
import type { NarratorPorts } from './narrator.js';
import { engineOptions } from './option-defaults.js';
import type { SupervisorOptions } from './options.js';
import { openSpawner, type ProcessListener, type ProcessPort } from './ports.js';
import { ProcessTable } from './process-table.js';
import { type ProcessTree, procTree } from './process-tree.js';
import { Readiness } from './readiness.js';
import { Requests } from './requests.js';
import { Rest } from './rest.js';
import type { RunState } from './run-state.js';
import { findSurvivors } from './survivors.js';
import { TakeOver } from './take-over.js';
import { Timers } from './timers.js';

/** What may be done before the processes are there that were asked for earlier: they are started together. */
const BESIDE_STARTS: ReadonlySet<Effect['kind']> = new Set(['spawn', 'set-timer', 'clear-timer']);

/** What is known of the jobs and sessions around the engine. */
export interface RuntimePorts {
  readonly overrideOf: NarratorPorts['overrideOf'];
  readonly defaultsOf: LauncherPorts['defaults'];
}

/** What a supervisor is made of, and how its parts hear of one another. */
export class RuntimeParts {
  readonly clock: Clock;
  readonly earlier: EarlierRun;
  /** Where the run is kept; undefined where it is not. */
  readonly state: RunState | undefined;
  readonly engine: Engine;
  readonly engineOptions: EngineOptions;
  readonly journal: JournalSink | undefined;
  readonly chronicle: Chronicle;
  readonly requests: Requests;
  readonly timers: Timers;
  readonly loop: EngineLoop;
  readonly processes: ProcessPort;
  readonly table = new ProcessTable();
  readonly tree: ProcessTree;
  readonly groups: InstanceGroups;
  readonly readiness: Readiness;
  readonly files: KeptFiles;
  readonly launcher: Launcher;
  readonly leftovers: Leftovers;
  readonly takeOver: TakeOver;
  readonly rest: Rest;
  readonly ending: Ending;
  readonly #effects: EffectPorts;
  readonly #news: ChildNews;
  /** While we hand over: what becomes of processes is for who comes next. */
  #heldNews: ChildEvent[] | undefined;
  /** How the engine was told to end; undefined as long as it was not. */
  endingType: 'shutdown' | 'logout' | undefined;

  constructor(options: SupervisorOptions, ports: RuntimePorts) {
    this.tree = options.processTree ?? procTree;
    this.clock = options.clock ?? systemClock;
    this.journal = options.journal;
    this.chronicle = this.#createChronicle(ports.overrideOf);
    if (options.onEvent !== undefined) this.chronicle.listeners.add(options.onEvent);
    this.timers = new Timers(this.clock, (timer) => this.send({ kind: 'timer-fired', timer }));
    this.earlier = new EarlierRun(options);
    this.state = this.earlier.state;
    this.endingType = this.earlier.saved?.ending;
    this.requests = new Requests(this.earlier.saved?.lastRequest);
    this.processes = this.#openProcesses(options);
    this.engineOptions = engineOptions(options);
    this.engine = this.earlier.saved?.engine ?? new Engine(this.engineOptions);
    this.loop = this.#createLoop();
    this.groups = new InstanceGroups(options.cgroups, { engine: this.engine, tell: (notice) => this.tell(notice) });
    this.files = new KeptFiles((message) => this.warn(message), this.earlier.handed?.files);
    this.readiness = this.#createReadiness();
    this.launcher = this.#createLauncher(ports.defaultsOf);
    const strays = options.strays ?? (() => []);
    this.leftovers = this.#createLeftovers(() =>
      [...new Set([...strays(), ...this.groups.left, ...this.#leftOfRun()])].filter((pid) => !isLogProcess(pid)),
    );
    this.ending = this.#createEnding();
    this.#effects = this.#createEffectPorts(options);
    this.takeOver = this.#createTakeOver();
    this.#news = this.#createNews();
    this.rest = new Rest({ clock: this.clock, engine: this.engine, isStarting: () => this.launcher.isBusy });
  }

  /** Of the run that goes on; empty where nobody could go on with it. */
  get runId(): string {
    return this.state?.runId ?? this.earlier.runId;
  }

  /** Tell the engine something; nothing any more once its loop was stopped. */
  send(input: UnstampedInput): void {
    this.loop.send(input);
  }

  /** Tell listeners and the journal something of the supervisor's own. */
  tell(notice: SupervisorNotice, moment?: Moment): void {
    this.chronicle.notice(notice, moment);
  }

  warn(message: string): void {
    this.tell({ kind: 'message', priority: 'warn', message });
  }

  /** From now on what becomes of processes is only noted. @returns where */
  holdNews(): readonly ChildEvent[] {
    this.#heldNews = [];
    return this.#heldNews;
  }

  #effect(effect: Effect, moment: Moment): void {
    this.chronicle.fact(effect, moment);
    if (isAction(effect)) {
      this.state?.flush();
      if (!BESIDE_STARTS.has(effect.kind)) this.launcher.startGathered();
      perform(effect, this.#effects);
      return;
    }
    if (effect.kind === 'process-moved') this.#moved(effect.process, effect.pid);
    if (effect.kind === 'instance-removed') {
      this.groups.release(effect.instance);
      this.files.release(effect.instance);
    }
    this.chronicle.notification(effect, moment);
  }

  /** What an earlier supervisor's jobs have left is nobody's child and in no group that we know: its environment tells. */
  #leftOfRun(): number[] {
    const { runId } = this.earlier;
    return runId === '' ? [] : [...findSurvivors(runId).values()].flat().map(({ pid }) => pid);
  }

  #moved(process: ProcessId, pid: number): void {
    this.table.move(process, pid);
    this.state?.started(process, pid);
  }

  #createChronicle(overrideOf: NarratorPorts['overrideOf']): Chronicle {
    return new Chronicle({
      clock: this.clock,
      engine: () => this.engine,
      journal: this.journal,
      explain: (instance) => this.engine.explain(instance, this.clock.now()),
      overrideOf,
    });
  }

  #openProcesses(options: SupervisorOptions): ProcessPort {
    return (options.spawner ?? openSpawner)({
      ...this.#logOptions(),
      onChild: (event) => {
        if (this.#heldNews === undefined) this.#news.child(event);
        else this.#heldNews.push(event);
      },
      onWarning: ({ message }) => this.warn(message),
      onTrack: (event) => this.#news.track(event),
    });
  }

  #logOptions(): Pick<ProcessListener, 'log'> {
    const address = this.state?.logAddress;
    const control = this.earlier.handed?.log;
    if (address === undefined && control === undefined) return {};
    return { log: { ...(address === undefined ? {} : { address }), ...(control === undefined ? {} : { control }) } };
  }

  #createLoop(): EngineLoop {
    return new EngineLoop(this.engine, {
      clock: this.clock,
      taken: (input, moment) => {
        this.chronicle.input(input, moment);
        if (input.kind === 'process-exited') this.state?.ended(input.process);
        if (input.kind === 'quiesce') this.endingType ??= input.type;
        this.state?.input(input);
      },
      perform: (effect, moment) => this.#effect(effect, moment),
      performed: () => this.launcher.startGathered(),
      settled: () => {
        this.chronicle.settled();
        this.state?.settled(this.launcher.isBusy);
        this.rest.look();
      },
      fault: (during, error, moment) => this.tell({ kind: 'fault', during, error }, moment),
    });
  }

  #createEnding(): Ending {
    return new Ending({
      clock: this.clock,
      loop: this.loop,
      timers: this.timers,
      leftovers: this.leftovers,
      groups: this.groups,
      state: this.state,
      requests: this.requests,
      warn: (message) => this.warn(message),
    });
  }

  #createEffectPorts(options: SupervisorOptions): EffectPorts {
    return {
      processes: this.processes,
      table: this.table,
      launcher: this.launcher,
      timers: this.timers,
      requests: this.requests,
      wakeToKill: options.semantics !== 'upstart',
      tell: (notice) => this.tell(notice),
      exit: () => this.ending.stopLoop(),
      closeFd: closeSync,
    };
  }

  #createReadiness(): Readiness {
    return new Readiness({
      send: (input) => this.send(input),
      pidOf: (process) => this.table.byProcess(process)?.pid,
      mainPid: (process, pid) => this.#news.moveMain(process, pid),
      status: (process, text) => this.#news.setStatus(process, text),
      files: (process, message, fds) => {
        const instance = this.table.byProcess(process)?.instance;
        if (instance !== undefined) this.files.take(instance, message, fds);
      },
      ...(this.state === undefined ? {} : { notifyAddress: (process) => this.state?.notifyAddress(process) ?? '' }),
    });
  }

  #keeping(): Pick<LauncherPorts, 'keep'> {
    const state = this.state;
    if (state === undefined) return {};
    return { keep: (...process) => state.keep(...process) };
  }

  #createLauncher(defaults: LauncherPorts['defaults']): Launcher {
    return new Launcher({
      processes: this.processes,
      table: this.table,
      readiness: this.readiness,
      filesOf: (instance) => this.files.of(instance),
      ...this.#keeping(),
      defaults,
      ...(this.groups.cgroups === undefined ? {} : { cgroups: this.groups.cgroups }),
      send: (input) => this.send(input),
      tell: (notice) => this.tell(notice),
      started: (pid, process) => {
        this.leftovers.started(pid);
        if (process !== undefined) this.state?.started(process, pid);
      },
    });
  }

  #createTakeOver(): TakeOver {
    return new TakeOver(this.earlier, {
      clock: this.clock,
      engine: this.engine,
      processes: this.processes,
      table: this.table,
      timers: this.timers,
      groups: this.groups,
      readiness: this.readiness,
      launcher: this.launcher,
      leftovers: this.leftovers,
      news: () => this.#news,
      perform: (action) => perform(action, this.#effects),
      send: (input) => this.send(input),
      tell: (notice) => this.tell(notice),
    });
  }

  #createNews(): ChildNews {
    return new ChildNews({
      table: this.table,
      launcher: this.launcher,
      readiness: this.readiness,
      leftovers: this.leftovers,
      send: (input) => this.send(input),
      tell: (notice) => this.tell(notice),
      adopt: (pid, startTime) => this.processes.adopt?.(pid, startTime).ok ?? false,
      movedOn: (process, role, instance) => this.takeOver.movedOn(process, role, instance),
    });
  }

  #createLeftovers(strays: () => readonly number[]): Leftovers {
    return new Leftovers({
      clock: this.clock,
      processes: this.processes,
      table: this.table,
      tree: this.tree,
      strays,
      warn: (message) => this.warn(message),
    });
  }
}
