import type { Following } from './follow.js';
import { type NativeWatch, native } from './native.js';
import { ProcessScan } from './process-scan.js';
import { readProcess } from './process-table.js';
import type { Tracker } from './tracker.js';

/** The addon's numbers: native/addon/connector.h. */
const FORK = 1;
const EXEC = 2;

/**
 * Forks told by the kernel's process connector. It is open only while somebody is followed, so that a busy machine costs
 * nothing else of the time.
 */
export class ConnectorTracker implements Tracker {
  #connector: NativeWatch | undefined;
  /** Pids that the addon lets through, by what they belong to. */
  readonly #pids = new Map<Following, Set<number>>();
  readonly #byPid = new Map<number, Following>();
  /** Started, and not seen to run their first program yet. */
  readonly #starting = new Set<number>();
  readonly #scans = new Map<Following, ProcessScan>();

  /**
   * Before the process is started: from now on nothing is missed.
   * @returns 0 or a negative errno: ENOTCONN where the kernel does not promise to report (a PID namespace), EPERM, …
   */
  open(): number {
    if (this.#connector !== undefined) return 0;
    const connector = native.connectorOpen(() => this.#read());
    if (typeof connector === 'number') return connector;
    native.watchRef(connector, false);
    this.#connector = connector;
    return 0;
  }

  begin(following: Following, environment: readonly string[]): void {
    this.#pids.set(following, new Set());
    this.#scans.set(following, new ProcessScan(following, environment, (pid) => this.#byPid.has(pid)));
    this.#add(following, following.mainPid);
    this.#starting.add(following.mainPid);
  }

  sync(): void {
    this.#read();
  }

  look(): void {
    // The kernel tells.
  }

  release(following: Following): void {
    for (const pid of this.#pids.get(following) ?? []) this.#remove(pid);
    this.#pids.delete(following);
    this.#scans.delete(following);
    this.closeIfIdle();
  }

  /** Nobody is followed: close. */
  closeIfIdle(): void {
    if (this.#pids.size === 0) this.close();
  }

  /** The kernel had more to tell than we had time, or began to tell too late: look for ourselves. */
  catchUp(): void {
    this.#starting.clear();
    for (const [following, scan] of this.#scans) {
      scan.all();
      for (const pid of following.pids) this.#add(following, pid);
    }
  }

  close(): void {
    if (this.#connector !== undefined) native.watchClose(this.#connector);
    this.#connector = undefined;
  }

  #read(): void {
    if (this.#connector === undefined) return;
    const events = native.connectorTake(this.#connector);
    if (native.connectorOverrun(this.#connector)) this.catchUp();
    for (let i = 0; i + 2 < events.length; i += 3) this.#event(events[i] ?? 0, events[i + 1] ?? 0, events[i + 2] ?? 0);
  }

  #event(kind: number, pid: number, detail: number): void {
    const following = this.#byPid.get(pid);
    if (kind === FORK) this.#forked(following, pid, detail);
    else if (kind === EXEC) this.#executed(following, pid);
    else if (following !== undefined) this.#ended(following, pid, detail);
  }

  /** The first program of all is what the process was started for. */
  #executed(following: Following | undefined, pid: number): void {
    if (!this.#starting.delete(pid)) following?.executed(pid);
  }

  #forked(following: Following | undefined, pid: number, child: number): void {
    if (following === undefined) {
      if (this.#connector !== undefined) native.connectorForget(this.#connector, child);
      return;
    }
    this.#add(following, child);
    following.forked(pid, child);
  }

  /** The end of a process's first thread; there may be others that go on. The end of the main process is not for us to tell. */
  #ended(following: Following, pid: number, status: number): void {
    const threads = readProcess(pid)?.threads ?? 0;
    if (threads > 1) this.#add(following, pid);
    else {
      this.#remove(pid);
      this.#pids.get(following)?.delete(pid);
      if (pid !== following.mainPid) following.ended(pid, status === 0);
    }
  }

  #add(following: Following, pid: number): void {
    this.#byPid.set(pid, following);
    this.#pids.get(following)?.add(pid);
    if (this.#connector !== undefined) native.connectorFollow(this.#connector, pid);
  }

  #remove(pid: number): void {
    this.#byPid.delete(pid);
    this.#starting.delete(pid);
    if (this.#connector !== undefined) native.connectorForget(this.#connector, pid);
  }
}
