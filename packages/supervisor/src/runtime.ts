import { closeSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ExitStatus } from '@maverick/conf';
import {
  type Effect,
  Engine,
  type EngineOptions,
  type ExplainSubject,
  type Explanation,
  type InstanceRef,
  type InstanceView,
  type ProcessId,
  type SpawnFailure,
} from '@maverick/engine';
import { type ChildEvent, isLogProcess, processStartTime, type TrackEvent } from '@maverick/spawner';
import { Adoption } from './adoption.js';
import { Cgroups } from './cgroups.js';
import { type Clock, systemClock } from './clock.js';
import { displayName } from './display-name.js';
import { type EffectPorts, isAction, perform } from './effects.js';
import { EngineLoop, type UnstampedInput } from './engine-loop.js';
import { jobEnvironment } from './environment.js';
import type { Moment, SupervisorNotice } from './event.js';
import { factLine, inputLine, type JournalLine, type JournalSink } from './journal.js';
import { Launcher, type LauncherPorts } from './launcher.js';
import { Leftovers } from './leftovers.js';
import { Listeners } from './listeners.js';
import { Narrator, type NarratorPorts } from './narrator.js';
import type { SupervisorOptions } from './options.js';
import { openSpawner, type ProcessPort } from './ports.js';
import type { ProcessDefaults } from './process-spec.js';
import { ProcessTable, type RunningProcess } from './process-table.js';
import { type ProcessTree, procTree } from './process-tree.js';
import { Readiness } from './readiness.js';
import { Requests } from './requests.js';
import { RunState } from './run-state.js';
import type { SavedEngine } from './saved-engine.js';
import type { SupervisedInstance } from './supervised-instance.js';
import { Timers } from './timers.js';
import { unreachable } from './unreachable.js';
import { type Usage, usageOf } from './usage.js';

const engineOptions = ({ semantics, sessionMode = true, env, initEnv }: SupervisorOptions): EngineOptions => ({
  ...(semantics === undefined ? {} : { semantics }),
  env: env ?? jobEnvironment(process.env, sessionMode),
  initEnv: initEnv ?? jobEnvironment(process.env, true),
});

const processDefaults = (options: SupervisorOptions): ProcessDefaults => {
  const { logDir, pamService, sessionAddress, sessionMode = true, defaultConsole = 'log' } = options;
  return {
    ...(logDir === undefined ? {} : { logDir: resolve(logDir) }),
    ...(pamService === undefined ? {} : { pamService }),
    console: defaultConsole,
    sessionMode,
    env: sessionAddress === undefined ? [] : [`UPSTART_SESSION=${sessionAddress}`],
  };
};

/** Of a process whose end nobody can tell nothing is held against it. */
const UNKNOWN_END = { kind: 'exited', code: 0 } as const satisfies ExitStatus;

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
      onChild: (event) => this.#onChild(event),
      onWarning: ({ message }) => this.tell({ kind: 'message', priority: 'warn', message }),
      onTrack: (event) => this.#onTrack(event),
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
      [...new Set([...strays(), ...this.#leftInGroups()])].filter((pid) => !isLogProcess(pid)),
    );
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
    this.#adoption = new Adoption(saved, {
      engine: this.engine,
      processes: this.processes,
      table: this.table,
      readiness: this.#readiness,
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
  async quiesce(type: 'shutdown' | 'logout'): Promise<void> {
    const quiesced = new Promise<void>((resolve) => {
      this.#quiesced = resolve;
    });
    this.send({ kind: 'quiesce', type });
    await quiesced;
    this.#timers.clearAll();
    await this.#leftovers.end();
    this.#cgroups?.killAll();
    this.#cgroups?.tidy();
    this.#state?.remove();
    this.requests.close();
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

  #onChild(event: ChildEvent): void {
    switch (event.kind) {
      case 'exited':
        this.#ended(event.pid, { kind: 'exited', code: event.code });
        break;
      case 'signalled':
        this.#ended(event.pid, { kind: 'signalled', signal: event.signal });
        break;
      case 'stopped':
        this.#stopped(event.pid, event.signal);
        break;
      // Nobody can tell how it ended: then nothing is held against it.
      case 'vanished':
        this.#vanished(event.pid);
        break;
      case 'continued':
        this.#continued(event.pid);
        break;
      case 'executed':
        this.#resumed(event.pid);
        break;
      case 'exec-failed':
        this.#execFailed(event.pid, event.error);
        break;
      default:
        unreachable(event);
    }
  }

  /** Of an adopted process nobody has followed the forks. */
  #hasForkedAway({ process, role, instance: ref }: RunningProcess): boolean {
    const isStarting = this.engine.instance(ref.session, ref.job, ref.instance)?.state === 'spawned';
    return isStarting && (this.#adoption?.movedOn(process, role, ref) ?? false);
  }

  #vanished(pid: number): void {
    const entry = this.table.byPid(pid);
    if (entry !== undefined) {
      const message = `${displayName(entry.instance)} ${entry.role} process (${pid}) has ended: how is not known`;
      this.tell({ kind: 'message', priority: 'warn', message });
    }
    this.#ended(pid, UNKNOWN_END);
  }

  /** What a main process that forks away has come to. Its end is told by its child event. */
  #onTrack(event: TrackEvent): void {
    const process = this.table.byPid(event.kind === 'forked' ? event.from : event.pid)?.process;
    if (process === undefined) return;
    switch (event.kind) {
      case 'forked':
        this.send({ kind: 'process-forked', process, pid: event.pid });
        break;
      case 'executed':
        this.send({ kind: 'process-execed', process });
        break;
      case 'settled':
        this.send({ kind: 'process-ready', process });
        break;
      case 'lost':
        break;
      default:
        unreachable(event);
    }
  }

  /** A process of the job says that another one serves. */
  #moveMain(process: ProcessId, pid: number): void {
    const startTime = processStartTime(pid);
    if (startTime === undefined || this.processes.adopt?.(pid, startTime).ok !== true) return;
    this.send({ kind: 'process-forked', process, pid });
  }

  #setStatus(process: ProcessId, text: string): void {
    const entry = this.table.byProcess(process);
    if (entry === undefined) return;
    this.table.add({ ...entry, status: text });
    const { instance, role, pid } = entry;
    this.tell({ kind: 'process-status', instance, role, pid, text });
  }

  /** A pause before the program is no sign of readiness. @see spec: engine.md section 11 */
  #stopped(pid: number, signal: number): void {
    const entry = this.table.byPid(pid);
    if (entry === undefined || entry.pause === 'paused') return;
    if (!this.table.pause(pid)) {
      this.send({ kind: 'process-stopped', process: entry.process, signal });
      return;
    }
    const { instance, role } = entry;
    this.tell({ kind: 'process-paused', instance, role, pid });
    const message = `Pausing ${displayName(instance)} (${pid}) [pre-exec] for debug: kill -CONT ${pid} lets it go on`;
    this.tell({ kind: 'message', priority: 'message', message });
  }

  #continued(pid: number): void {
    const entry = this.table.byPid(pid);
    if (entry === undefined) return;
    const message = `${displayName(entry.instance)} ${entry.role} process (${pid}) continued by CONT signal`;
    this.tell({ kind: 'message', priority: 'info', message });
    this.#resumed(pid);
  }

  #resumed(pid: number): void {
    const entry = this.table.byPid(pid);
    if (entry === undefined || !this.table.resume(pid)) return;
    const { instance, role } = entry;
    this.tell({ kind: 'process-resumed', instance, role, pid });
  }

  /** Only of a process that had been paused: the engine believes that it runs, and will hear of its end. */
  #execFailed(pid: number, failure: SpawnFailure): void {
    const entry = this.table.byPid(pid);
    if (entry === undefined) return;
    const { instance, role } = entry;
    this.tell({ kind: 'spawn-failed', instance, role, failure });
    const message = `Failed to spawn ${displayName(instance)} ${role} process: ${failure.message}`;
    this.tell({ kind: 'message', priority: 'warn', message });
  }

  #ended(pid: number, status: ExitStatus): void {
    if (this.#launcher.ended(pid, status)) return;
    const known = this.table.byPid(pid);
    if (known !== undefined && this.#hasForkedAway(known)) return;
    // Its last words may be that another process goes on in its place.
    if (known !== undefined) this.#readiness.ended(known.process);
    const entry = this.table.remove(pid);
    if (entry !== undefined) {
      const { instance, role, process } = entry;
      this.tell({ kind: 'process-ended', instance, role, pid, status });
      this.send({ kind: 'process-exited', process, status });
      this.#leftovers.ended(pid);
    }
    this.#leftovers.look();
  }

  #effect(effect: Effect, moment: Moment): void {
    this.#write(() => factLine(effect, moment));
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

  #moved(process: ProcessId, pid: number): void {
    this.table.move(process, pid);
    const startTime = this.#state?.started(process, pid);
    const entry = this.table.byProcess(process);
    if (entry !== undefined && startTime !== undefined) this.table.add({ ...entry, startTime });
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
      exit: () => {
        // What comes after this could only start something again.
        this.#loop.stop();
        this.#quiesced();
      },
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
      mainPid: (process, pid) => this.#moveMain(process, pid),
      status: (process, text) => this.#setStatus(process, text),
      ...(this.#state === undefined ? {} : { notifyAddress: (process) => this.#state?.notifyAddress(process) ?? '' }),
    });
  }

  #keeping(): Pick<LauncherPorts, 'keep' | 'startTime'> {
    const state = this.#state;
    if (state === undefined) return {};
    return { keep: (process) => state.keep(process), startTime: (process, pid) => state.started(process, pid) };
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
      started: (pid) => this.#leftovers.started(pid),
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
