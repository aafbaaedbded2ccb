import { resolve } from 'node:path';
import type { ProcessRole } from '@maverick/conf';
import type { Engine, EngineOptions, Input, ProcessId, SessionId } from '@maverick/engine';
import { type ProcessSpec, processStartTime } from '@maverick/spawner';
import type { Clock } from './clock.js';
import { findLostRun, type LostRun, newRunId } from './lost-run.js';
import type { ProcessTable, RunningProcess } from './process-table.js';
import { restoreEngine, type SavedEngine } from './saved-engine.js';
import { bootId } from './state-file.js';
import { StateStore } from './state-store.js';
import { runEntries } from './survivors.js';

/** How long to leave a directory alone that could not be written. */
const RETRY_MS = 10_000;

/** So many start times are looked up in one turn of the event loop. */
const READ_AT_ONCE = 20;

/** What is kept, beside what is told by the way. */
export interface RunPorts {
  readonly clock: Clock;
  readonly options: EngineOptions;
  readonly engine: () => Engine;
  readonly table: ProcessTable;
  readonly lastRequest: () => number;
  readonly warn: (message: string) => void;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Abstract names are the machine's: the user and the directory make it ours. */
const addressOf = (what: string, dir: string): string => `@maverick/${what}/${process.getuid?.() ?? 0}${resolve(dir)}`;

/** The longest name of an abstract socket, its `@` included. @see unix(7) */
const LONGEST_ADDRESS = 107;

/**
 * One run of jobs, over the lives of several supervisors. While it can't be kept it is not: what is there of it is removed, for
 * an old state would be worse than none.
 */
export class RunState {
  /** What an earlier supervisor knew; undefined for a new run. */
  readonly saved: SavedEngine | undefined;
  readonly runId: string;
  /** Why what was there could not be read. */
  readonly unreadable: string | undefined;
  /** The run that goes on although its state can't: nothing but its processes is left. */
  readonly lost: LostRun | undefined;
  readonly #dir: string;
  readonly #store: StateStore;
  readonly #startTimes = new Map<ProcessId, number>();
  /** The PIDs of processes whose start times are not known yet. */
  readonly #unread = new Map<ProcessId, number>();
  /** Those that are to start, and have nothing in their environment that tells who they are. */
  readonly #unmarked = new Set<ProcessId>();
  #reading: NodeJS.Immediate | undefined;
  #ending: 'shutdown' | 'logout' | undefined;
  #ports: RunPorts | undefined;
  /** Not kept until then. */
  #retryAt: number | undefined;
  readonly #isHandedOver: boolean;

  /**
   * @param lock what {@link handOver} gave
   * @param handed what counts instead of what is there: a supervisor has handed it over
   * @throws SupervisorError `StateInUse`; the system's error where the directory can't be used
   */
  constructor(dir: string, handed?: SavedEngine, lock?: number) {
    this.#dir = dir;
    this.#isHandedOver = handed !== undefined;
    this.#store = new StateStore(dir, lock);
    const { saved, unreadable, isOver = false } = restored(this.#store, handed);
    this.saved = saved;
    this.#ending = saved?.ending;
    this.unreadable = unreadable;
    this.lost = saved === undefined && !isOver ? findLostRun(dir) : undefined;
    this.runId = saved?.runId || this.lost?.runId || newRunId(dir);
  }

  /** Where the log process is found by the supervisor after this one; undefined where the directory's name is too long. */
  get logAddress(): string | undefined {
    const address = addressOf('log', this.#dir);
    return Buffer.byteLength(address) > LONGEST_ADDRESS ? undefined : address;
  }

  notifyAddress(process: ProcessId): string {
    return `@maverick/notify/${this.runId}/${process}`;
  }

  /**
   * Begin to keep what happens: after what an earlier supervisor has kept, if there is something. Of a lost run it is only
   * kept from the next {@link save} on: until then its processes are nowhere but in the kernel.
   */
  begin(ports: RunPorts): void {
    this.#ports = ports;
    if (this.lost !== undefined) return;
    if (this.saved === undefined || this.#isHandedOver) this.save();
    else this.#attempt(() => this.#store.resume());
  }

  /** An input is about to be taken. */
  input(input: Input): void {
    if (input.kind === 'quiesce') this.#ending ??= input.type;
    this.#store.input(input);
  }

  /** Something is about to be done: what led to it must be known. */
  flush(): void {
    this.#attempt(() => this.#store.flush());
  }

  /** What makes a new process known to the next supervisor. */
  keep(
    process: ProcessId,
    role: ProcessRole,
    session: SessionId,
  ): { readonly env: readonly string[]; readonly birth?: ProcessSpec['birth'] } {
    const birth = this.#store.birth(process);
    const env = runEntries(this.runId, process, role, session);
    if (env.length === 0) this.#unmarked.add(process);
    return { env, ...(birth === undefined ? {} : { birth }) };
  }

  /** A process has this PID now. Its start time is looked up when there is nothing better to do: the kernel takes its time. */
  started(process: ProcessId, pid: number): void {
    this.#startTimes.delete(process);
    // Nothing else would tell who it is.
    if (this.#unmarked.delete(process)) {
      this.#read(process, pid);
      return;
    }
    this.#unread.set(process, pid);
    this.#reading ??= setImmediate(() => this.#readSome()).unref();
  }

  /** A process has ended. */
  ended(process: ProcessId): void {
    this.#startTimes.delete(process);
    this.#unread.delete(process);
    this.#unmarked.delete(process);
  }

  /** All is at rest for now. */
  settled(isBusy: boolean): void {
    this.flush();
    const retry = this.#retryAt !== undefined && (this.#ports?.clock.now() ?? 0) >= this.#retryAt;
    if (!isBusy && (retry || this.#store.isLong)) this.save();
  }

  /** Keep everything anew. */
  save(): void {
    const ports = this.#ports;
    if (ports === undefined) return;
    const { options, engine, table, lastRequest } = ports;
    this.#attempt(() => {
      this.#store.save({
        runId: this.runId,
        bootId: bootId(),
        options,
        snapshot: engine().snapshot(),
        lastRequest: lastRequest(),
        ...(this.#ending === undefined ? {} : { ending: this.#ending }),
        processes: [...table].flatMap((entry) => {
          const startTime = this.startTimeOf(entry);
          return startTime === undefined ? [] : [[entry.process, entry.pid, startTime] as const];
        }),
      });
      this.#retryAt = undefined;
    });
  }

  /** When a process started; undefined where there is none any more. */
  startTimeOf({ process, pid }: RunningProcess): number | undefined {
    return this.#startTimes.get(process) ?? processStartTime(pid);
  }

  /** Nothing is left to be taken over. */
  remove(): void {
    this.#ports = undefined;
    this.#attempt(() => this.#store.remove());
  }

  /** Let who comes next in this process have it. @returns the descriptor of the lock, which keeps all others out */
  handOver(): number {
    this.save();
    clearImmediate(this.#reading);
    return this.#store.leaveLock();
  }

  close(): void {
    clearImmediate(this.#reading);
    this.#attempt(() => this.#store.flush());
    this.#store.close();
  }

  #readSome(): void {
    this.#reading = undefined;
    for (const [process, pid] of [...this.#unread].slice(0, READ_AT_ONCE)) {
      this.#unread.delete(process);
      this.#read(process, pid);
    }
    this.flush();
    if (this.#unread.size > 0) this.#reading = setImmediate(() => this.#readSome()).unref();
  }

  #read(process: ProcessId, pid: number): void {
    const startTime = processStartTime(pid);
    if (startTime === undefined) return;
    this.#startTimes.set(process, startTime);
    this.#store.started([process, pid, startTime]);
  }

  #attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#giveUp(error);
    }
  }

  #giveUp(error: unknown): void {
    const isNews = this.#retryAt === undefined;
    this.#retryAt = (this.#ports?.clock.now() ?? 0) + RETRY_MS;
    try {
      this.#store.remove();
    } catch {
      // A directory that can't be written and not be cleared: the lock says whose it was, the boot how old it is.
    }
    if (isNews) this.#ports?.warn(`${this.#dir}: Unable to keep the state for after a crash: ${reasonOf(error)}`);
  }
}

interface Restored {
  readonly saved: SavedEngine | undefined;
  readonly unreadable?: string;
  /** The run had come to its end: nothing is left to go on with. */
  readonly isOver?: boolean;
}

const restored = (store: StateStore, handed: SavedEngine | undefined): Restored => {
  try {
    const run = store.load();
    const saved = handed ?? (run && restoreEngine(run));
    const isOver = handed === undefined && (saved?.lastEffects.some(({ kind }) => kind === 'exit') ?? false);
    return { saved: isOver ? undefined : saved, isOver };
  } catch (error) {
    return handed === undefined ? { saved: undefined, unreadable: reasonOf(error) } : { saved: handed };
  }
};
