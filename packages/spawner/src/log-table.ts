import type { LogEntry } from './log-protocol.js';
import { native } from './native.js';

export interface Log extends LogEntry {
  /** The daemon's own descriptors of what the log process reads. */
  readonly sources: readonly number[];
}

/** The logs that are open, by their numbers and by whose output they are. */
export class LogTable {
  readonly #logs = new Map<number, Log>();
  readonly #byPid = new Map<number, number>();
  #lastId = 0;

  get ids(): readonly number[] {
    return [...this.#logs.keys()];
  }

  get(id: number): Log | undefined {
    return this.#logs.get(id);
  }

  /** @returns the number of a new log */
  add(log: Log): number {
    this.keep(this.#lastId + 1, log);
    return this.#lastId;
  }

  /** A log that has a number already. */
  keep(id: number, log: Log): void {
    this.#lastId = Math.max(this.#lastId, id);
    this.#logs.set(id, log);
    if (log.pid > 0) this.#byPid.set(log.pid, id);
  }

  /** The log of a process's output. It outlives the process while others may write. */
  of(pid: number): number | undefined {
    return this.#byPid.get(pid);
  }

  move(from: number, to: number): void {
    const id = this.#byPid.get(from);
    if (id === undefined) return;
    this.#byPid.delete(from);
    this.#byPid.set(to, id);
  }

  /** It has ended: what it read is closed. */
  remove(id: number): void {
    const log = this.#logs.get(id);
    if (log === undefined) return;
    this.#logs.delete(id);
    for (const [pid, of] of this.#byPid) if (of === id) this.#byPid.delete(pid);
    for (const fd of log.sources) native.closeFd(fd);
  }
}
