import { constants } from 'node:os';
import type { Tracees } from './child-watcher.js';
import type { Following } from './follow.js';
import { native } from './native.js';
import type { ChildEvent } from './process-spec.js';
import { readProcess, readThreadGroup } from './process-table.js';
import type { Tracker } from './tracker.js';

/** What a traced thread stands at. @see ptrace(2), `PTRACE_EVENT_` */
const EVENT = { none: 0, fork: 1, vfork: 2, clone: 3, exec: 4, stop: 128 } as const;

const { SIGCONT, SIGSTOP, SIGTRAP, SIGTSTP, SIGTTIN, SIGTTOU } = constants.signals;
const STOP_SIGNALS: ReadonlySet<number> = new Set([SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU]);

const isBirth = (event: number): boolean => event === EVENT.fork || event === EVENT.vfork || event === EVENT.clone;

interface Tracee {
  readonly tid: number;
  readonly pid: number;
  readonly following: Following;
  /**
   * `asked`: it will trap when its program begins; `seizing`: it comes to its first stop, which is ours and nobody's
   * business; `traced`; `leaving`: let go at the next trap.
   */
  state: 'asked' | 'seizing' | 'traced' | 'leaving';
}

/**
 * Forks seen by tracing the process and all its descendants, which stand still at each until we have seen it: so nothing
 * can be missed. Its news comes with that of children, through {@link Tracees}.
 */
export class PtraceTracker implements Tracker, Tracees {
  readonly #byTid = new Map<number, Tracee>();
  /** Traps of those whose fork has not been seen yet: the two come in any order. */
  readonly #early = new Map<number, number>();
  readonly #onStop: (event: ChildEvent) => void;
  readonly #waking = new Set<number>();

  /** @param onStop a traced process was stopped by a signal, as any might be */
  constructor(onStop: (event: ChildEvent) => void) {
    this.#onStop = onStop;
  }

  get tids(): Iterable<number> {
    return this.#byTid.keys();
  }

  begin(following: Following): void {
    const pid = following.mainPid;
    this.#byTid.set(pid, { tid: pid, pid, following, state: 'asked' });
  }

  sync(): void {
    // Who has something to tell stands still and waits for us.
  }

  look(): void {
    // The same.
  }

  release(following: Following): void {
    for (const tracee of this.#byTid.values()) if (tracee.following === following) this.#leave(tracee);
  }

  close(): void {
    // Nobody is going to wait for their traps any more. The youngest first: a parent may stand still for its child.
    const tids = [...this.#early.keys(), ...[...this.#byTid.keys()].reverse()];
    for (const tid of tids) this.#letGo(tid, this.#byTid.get(tid)?.state === 'seizing');
    this.#early.clear();
    this.#byTid.clear();
  }

  trapped(tid: number, status: number): number | undefined {
    const tracee = this.#byTid.get(tid);
    const event = status >> 8;
    if (tracee === undefined) this.#unknown(tid, status);
    else if (tracee.state !== 'asked' && isBirth(event)) return this.#forked(tracee);
    else this.#known(tracee, status & 0xff, event);
    return undefined;
  }

  /** A SIGCONT that was ours. */
  continued(pid: number): boolean {
    return this.#waking.delete(pid);
  }

  ended(event: ChildEvent): 'thread' | 'process' | undefined {
    const tracee = this.#byTid.get(event.pid);
    if (tracee === undefined) return undefined;
    this.#byTid.delete(tracee.tid);
    if (tracee.tid !== tracee.pid) return 'thread';
    for (const other of this.#byTid.values()) if (other.pid === tracee.pid) this.#byTid.delete(other.tid);
    tracee.following.ended(tracee.pid, event.kind === 'exited' && event.code === 0);
    for (const [tid, status] of [...this.#early]) this.#unknown(tid, status);
    return 'process';
  }

  #letGo(tid: number, isSeizing: boolean): void {
    const status = native.ptraceAwaitStop(tid);
    const event = status >> 8;
    if (status > 0 && isBirth(event)) this.#letGo(native.ptraceMessage(tid), false);
    native.ptraceDetach(tid, status > 0 && event === EVENT.none && (status & 0xff) !== SIGTRAP ? status : 0);
    if (isSeizing) native.killProcess(tid, SIGCONT, false);
  }

  #unknown(tid: number, status: number): void {
    this.#early.delete(tid);
    const parent = readThreadGroup(tid) === tid ? readProcess(tid)?.ppid : readThreadGroup(tid);
    if (parent !== undefined && this.#byTid.has(parent)) this.#early.set(tid, status);
    // Its parent was killed before it could tell: nobody knows whose it is, and it must not stand still.
    else native.ptraceDetach(tid, 0);
  }

  #known(tracee: Tracee, signal: number, event: number): void {
    if (tracee.state === 'asked') this.#seize(tracee, signal, event);
    else if (event === EVENT.exec) this.#executed(tracee);
    else if (event === EVENT.stop) this.#stopped(tracee, signal);
    else this.#goOn(tracee, signal);
  }

  /** The program begins. A signal that comes before is delivered. */
  #seize(tracee: Tracee, signal: number, event: number): void {
    if (signal !== SIGTRAP || event !== EVENT.none) {
      native.ptraceContinue(tracee.tid, signal);
      return;
    }
    if (tracee.following.isOver) {
      this.#detach(tracee, 0);
      return;
    }
    tracee.state = 'seizing';
    if (native.ptraceSeize(tracee.tid) === 0) return;
    // It can't be traced after all; what is left is to see it end.
    this.#byTid.delete(tracee.tid);
    this.#wake(tracee.pid);
  }

  #forked(tracee: Tracee): number {
    const child = native.ptraceMessage(tracee.tid);
    if (child > 0) this.#add(tracee, child);
    this.#goOn(tracee, 0);
    const status = this.#early.get(child);
    this.#early.delete(child);
    if (status !== undefined) this.trapped(child, status);
    return child;
  }

  #add(parent: Tracee, tid: number): void {
    const pid = readThreadGroup(tid) ?? tid;
    const { following, state } = parent;
    this.#byTid.set(tid, { tid, pid, following, state: state === 'leaving' ? 'leaving' : 'traced' });
    if (pid === tid) following.forked(parent.pid, pid);
  }

  #executed(tracee: Tracee): void {
    // All other threads are gone, and the one that called has become the first.
    for (const other of this.#byTid.values())
      if (other.pid === tracee.pid && other.tid !== tracee.pid) this.#byTid.delete(other.tid);
    tracee.following.executed(tracee.pid);
    this.#goOn(tracee, 0);
  }

  #stopped(tracee: Tracee, signal: number): void {
    if (tracee.state === 'seizing' && signal === SIGSTOP) {
      tracee.state = tracee.following.isOver ? 'leaving' : 'traced';
      this.#wake(tracee.pid);
      native.ptraceContinue(tracee.tid, 0);
      if (tracee.following.isOver) native.ptraceInterrupt(tracee.tid, 0);
    } else if (!STOP_SIGNALS.has(signal)) this.#goOn(tracee, 0);
    else {
      if (tracee.tid === tracee.pid) this.#onStop({ kind: 'stopped', pid: tracee.pid, signal });
      if (tracee.state === 'leaving') this.#detach(tracee, 0);
      else native.ptraceListen(tracee.tid, 0);
    }
  }

  #wake(pid: number): void {
    this.#waking.add(pid);
    native.killProcess(pid, SIGCONT, false);
  }

  #goOn(tracee: Tracee, signal: number): void {
    if (tracee.state === 'leaving') this.#detach(tracee, signal);
    else native.ptraceContinue(tracee.tid, signal);
  }

  #leave(tracee: Tracee): void {
    // One that has not come to its first stop is let go there.
    if (tracee.state !== 'traced') return;
    tracee.state = 'leaving';
    // A stopped one listens, and hears this, too.
    native.ptraceInterrupt(tracee.tid, 0);
  }

  #detach(tracee: Tracee, signal: number): void {
    this.#byTid.delete(tracee.tid);
    native.ptraceDetach(tracee.tid, signal);
  }
}
