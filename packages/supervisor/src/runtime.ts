import { closeSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ExitStatus } from '@maverick/conf';
import { type Effect, Engine, type ExplainSubject, type Explanation } from '@maverick/engine';
import type { ChildEvent } from '@maverick/spawner';
import { type Clock, systemClock } from './clock.js';
import { type EffectPorts, isAction, perform } from './effects.js';
import { EngineLoop, type UnstampedInput } from './engine-loop.js';
import { jobEnvironment } from './environment.js';
import type { Moment, SupervisorNotice } from './event.js';
import { factLine, inputLine, type JournalSink } from './journal.js';
import { Leftovers } from './leftovers.js';
import { Listeners } from './listeners.js';
import type { SupervisorOptions } from './options.js';
import { openSpawner, type ProcessPort } from './ports.js';
import type { ProcessDefaults } from './process-spec.js';
import { ProcessTable } from './process-table.js';
import { type ProcessTree, procTree } from './process-tree.js';
import { Requests } from './requests.js';
import { Timers } from './timers.js';
import { unreachable } from './unreachable.js';

const createEngine = ({ semantics, sessionMode = true, env, initEnv }: SupervisorOptions): Engine =>
  new Engine({
    ...(semantics === undefined ? {} : { semantics }),
    env: env ?? jobEnvironment(process.env, sessionMode),
    initEnv: initEnv ?? jobEnvironment(process.env, true),
  });

const processDefaults = (options: SupervisorOptions): ProcessDefaults => {
  const { logDir, sessionAddress, sessionMode = true, defaultConsole = 'log' } = options;
  return {
    ...(logDir === undefined ? {} : { logDir: resolve(logDir) }),
    console: defaultConsole,
    sessionMode,
    env: sessionAddress === undefined ? [] : [`UPSTART_SESSION=${sessionAddress}`],
  };
};

/** The engine at work: its inputs from children, timers and requests, its effects on processes, listeners and the journal. */
export class Runtime {
  readonly engine: Engine;
  readonly listeners = new Listeners();
  readonly table = new ProcessTable();
  readonly requests = new Requests();
  readonly tree: ProcessTree;
  readonly #clock: Clock;
  readonly #journal: JournalSink | undefined;
  readonly #timers: Timers;
  readonly #processes: ProcessPort;
  readonly #loop: EngineLoop;
  readonly #effects: EffectPorts;
  readonly #leftovers: Leftovers;
  #inputs = 0;
  #quiesced: () => void = () => {};

  constructor(options: SupervisorOptions) {
    this.tree = options.processTree ?? procTree;
    this.#clock = options.clock ?? systemClock;
    this.#journal = options.journal;
    if (options.onEvent !== undefined) this.listeners.add(options.onEvent);
    this.#timers = new Timers(this.#clock, (timer) => this.send({ kind: 'timer-fired', timer }));
    this.#processes = (options.spawner ?? openSpawner)({
      onChild: (event) => this.#onChild(event),
      onWarning: ({ message }) => this.tell({ kind: 'message', priority: 'warn', message }),
    });
    this.engine = createEngine(options);
    this.#loop = this.#createLoop();
    this.#effects = this.#createEffectPorts(options);
    this.#leftovers = this.#createLeftovers(options.strays ?? (() => []));
  }

  /** Tell the engine something; nothing any more once {@link quiesce} or {@link close} has stopped it. */
  send(input: UnstampedInput): void {
    this.#loop.send(input);
  }

  /** Ages are counted to this moment. */
  explain(subject: ExplainSubject): Explanation | undefined {
    return this.engine.explain(subject, this.#clock.now());
  }

  flushLogs(): void {
    this.#processes.flushLogs?.();
  }

  get stopped(): boolean {
    return this.#loop.stopped;
  }

  /** Tell listeners and the journal something of the supervisor's own. */
  tell(notice: SupervisorNotice, moment: Moment = this.#now()): void {
    this.#journal?.write(factLine(notice, moment));
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
    this.requests.close();
  }

  async close(): Promise<void> {
    this.#loop.stop();
    this.#timers.clearAll();
    this.requests.close();
    this.#processes.close();
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
      case 'stopped': {
        const process = this.table.byPid(event.pid)?.process;
        if (process !== undefined) this.send({ kind: 'process-stopped', process, signal: event.signal });
        break;
      }
      // Nobody can tell how it ended: then nothing is held against it.
      case 'vanished':
        this.#ended(event.pid, { kind: 'exited', code: 0 });
        break;
      case 'continued':
      case 'executed':
      case 'exec-failed':
        break;
      default:
        unreachable(event);
    }
  }

  #ended(pid: number, status: ExitStatus): void {
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
    this.#journal?.write(factLine(effect, moment));
    if (isAction(effect)) {
      perform(effect, this.#effects);
      return;
    }
    if (effect.kind === 'process-moved') this.table.move(effect.process, effect.pid);
    this.listeners.publish(effect, moment);
  }

  #now(): Moment {
    return { at: this.#clock.now(), wall: this.#clock.wall() };
  }

  #createLoop(): EngineLoop {
    return new EngineLoop(this.engine, {
      clock: this.#clock,
      taken: (input, moment) => {
        this.#inputs += 1;
        this.#journal?.write(inputLine(input, this.#inputs, moment));
      },
      perform: (effect, moment) => this.#effect(effect, moment),
      fault: (during, error, moment) => this.tell({ kind: 'fault', during, error }, moment),
    });
  }

  #createEffectPorts(options: SupervisorOptions): EffectPorts {
    return {
      processes: this.#processes,
      table: this.table,
      timers: this.#timers,
      requests: this.requests,
      defaults: processDefaults(options),
      wakeToKill: options.semantics !== 'upstart',
      send: (input) => this.send(input),
      tell: (notice) => this.tell(notice),
      exit: () => {
        // What comes after this could only start something again.
        this.#loop.stop();
        this.#quiesced();
      },
      started: (pid) => this.#leftovers.started(pid),
      closeFd: closeSync,
    };
  }

  #createLeftovers(strays: () => readonly number[]): Leftovers {
    return new Leftovers({
      clock: this.#clock,
      processes: this.#processes,
      table: this.table,
      tree: this.tree,
      strays,
      warn: (message) => this.tell({ kind: 'message', priority: 'warn', message }),
    });
  }
}
