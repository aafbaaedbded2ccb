import type { ProcessRole } from '@maverick/conf';
import type { InstanceRef, ProcessId } from '@maverick/engine';

/** A process that runs, as the supervisor knows it. */
export interface RunningProcess {
  readonly process: ProcessId;
  readonly pid: number;
  readonly instance: InstanceRef;
  readonly role: ProcessRole;
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
    this.#byPid.delete(entry.pid);
    this.add({ ...entry, pid });
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
