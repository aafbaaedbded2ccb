import type { ProcessRole } from '@maverick/conf';
import type { InstanceRef, ProcessId } from '@maverick/engine';

/** A process that runs, as the supervisor knows it. */
export interface RunningProcess {
  readonly process: ProcessId;
  readonly pid: number;
  readonly instance: InstanceRef;
  readonly role: ProcessRole;
  /**
   * For `debug`: it stops itself before its program (`due`), and then waits for SIGCONT (`paused`). `found`: an earlier supervisor
   * had started it, and nobody tells us when it goes on.
   */
  readonly pause?: 'due' | 'paused' | 'found';
  /** What it said last of itself. */
  readonly status?: string;
}

/** The running processes, found by the kernel's number and by the engine's in one step each. */
export class ProcessTable {
  readonly #byPid = new Map<number, RunningProcess>();
  readonly #byProcess = new Map<ProcessId, RunningProcess>();

  add(entry: RunningProcess): void {
    this.#byPid.set(entry.pid, entry);
    this.#byProcess.set(entry.process, entry);
  }

  byPid(pid: number): RunningProcess | undefined {
    return this.#byPid.get(pid);
  }

  byProcess(process: ProcessId): RunningProcess | undefined {
    return this.#byProcess.get(process);
  }

  /** Supervise another PID under the same engine number (`expect fork`). */
  move(process: ProcessId, pid: number): void {
    const entry = this.#byProcess.get(process);
    if (entry === undefined) return;
    // It may be supervised under that PID already.
    if (entry.pid === pid) return;
    this.#byPid.delete(entry.pid);
    this.add({ ...entry, pid });
  }

  /** It has stopped. Returns whether that is the pause before its program. */
  pause(pid: number): boolean {
    const entry = this.#byPid.get(pid);
    if (entry?.pause !== 'due') return false;
    this.add({ ...entry, pause: 'paused' });
    return true;
  }

  /** It goes on. Returns whether it had been paused. */
  resume(pid: number): boolean {
    const entry = this.#byPid.get(pid);
    if (entry?.pause === undefined) return false;
    const { pause, ...rest } = entry;
    this.add(rest);
    return true;
  }

  /** Forget a process that ended; what it was, or undefined for a PID that is none of ours. */
  remove(pid: number): RunningProcess | undefined {
    const entry = this.#byPid.get(pid);
    if (entry === undefined) return undefined;
    this.#byPid.delete(pid);
    this.#byProcess.delete(entry.process);
    return entry;
  }

  get size(): number {
    return this.#byPid.size;
  }

  *[Symbol.iterator](): IterableIterator<RunningProcess> {
    yield* this.#byPid.values();
  }
}
