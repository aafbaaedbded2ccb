import { readlinkSync } from 'node:fs';
import type { Following } from './follow.js';
import {
  isDead,
  type ProcessRecord,
  readAncestors,
  readChildren,
  readEnvironment,
  readPids,
  readProcess,
} from './process-table.js';

/** Enough for a machine that starts new processes all the time. */
const MOST_PASSES = 20;

const hasSameParents = (before: readonly ProcessRecord[], after: readonly ProcessRecord[]): boolean =>
  before.length === after.length &&
  before.every(({ pid, ppid }, i) => after[i]?.pid === pid && after[i]?.ppid === ppid);

/** The program that a process runs; undefined where we may not see it. */
const programOf = (pid: number): string | undefined => {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
};

/**
 * The descendants of a followed process, as far as `/proc` shows them.
 *
 * Who has lost its parent is known by its session (a daemon that has not made one of its own is still in that of the
 * process that was started, or in that of a descendant) or by its environment, which is that of the process that was
 * started unless somebody changed it.
 */
export class ProcessScan {
  readonly #following: Following;
  readonly #isTaken: (pid: number) => boolean;
  readonly #startTimes = new Map<number, number>();
  readonly #programs = new Map<number, string>();
  /** Everybody who was ever seen: what a session can be called after. */
  readonly #sessions = new Set<number>();
  readonly #reapers = readAncestors(process.pid);
  readonly #root: number;
  readonly #rootStart: number;
  readonly #environment: readonly string[];

  /**
   * @param environment of the process that was started
   * @param isTaken a process that is known to be somebody else's
   */
  constructor(following: Following, environment: readonly string[], isTaken: (pid: number) => boolean) {
    this.#following = following;
    this.#environment = environment;
    this.#isTaken = isTaken;
    this.#root = following.mainPid;
    this.#rootStart = readProcess(this.#root)?.startTime ?? 0;
    this.#note(this.#root, this.#rootStart, programOf(this.#root));
  }

  /** A quick look: below the processes that are known. */
  children(): void {
    for (const pid of this.#following.pids) this.#look(pid);
  }

  /** A look at all processes: also at those whose parents are gone. */
  all(): void {
    this.children();
    const read = new Set<number>();
    let others: readonly ProcessRecord[] = [];
    // Who ended while we read may have forked before: then the child is new in the next list, or has another parent.
    for (let pass = 0; pass < MOST_PASSES; pass++) {
      const fresh = readPids().filter((pid) => !read.has(pid));
      for (const pid of fresh) read.add(pid);
      const before = others;
      others = this.#readOthers([...before.map(({ pid }) => pid), ...fresh]);
      this.#adoptOurs(others);
      if (fresh.length === 0 && hasSameParents(before, others)) break;
    }
    for (const pid of this.#following.pids) this.#look(pid);
  }

  #readOthers(pids: readonly number[]): ProcessRecord[] {
    return pids.flatMap((pid) => readProcess(pid) ?? []).filter((record) => this.#mayBelong(record));
  }

  /** A descendant may come before the parent by which it is known. */
  #adoptOurs(others: readonly ProcessRecord[]): void {
    for (let found = true; found; ) {
      found = false;
      for (const record of others) found = this.#adoptIfOurs(record) || found;
    }
  }

  #look(pid: number): void {
    const record = readProcess(pid);
    const known = this.#startTimes.get(pid);
    if (record === undefined || isDead(record) || (known !== undefined && record.startTime !== known)) {
      // The end of the main process is told by who waits for it.
      if (pid !== this.#following.mainPid) this.#following.ended(pid, true);
      return;
    }
    this.#noteProgram(pid);
    for (const child of readChildren(pid)) this.#addChild(pid, child);
  }

  #addChild(parent: number, child: number): void {
    if (this.#following.has(child)) return;
    const record = readProcess(child);
    if (record === undefined || isDead(record)) return;
    this.#note(child, record.startTime, this.#programs.get(parent));
    this.#following.forked(parent, child);
    this.#look(child);
  }

  #mayBelong(record: ProcessRecord): boolean {
    const { pid, startTime } = record;
    return pid !== process.pid && startTime >= this.#rootStart && !isDead(record) && !this.#isTaken(pid);
  }

  #adoptIfOurs(record: ProcessRecord): boolean {
    const { pid, ppid, session, startTime } = record;
    if (this.#following.has(pid)) return false;
    if (this.#following.has(ppid)) {
      this.#addChild(ppid, pid);
      return this.#following.has(pid);
    }
    if (!this.#isOrphanOfOurs(record)) return false;
    this.#note(pid, startTime, this.#programs.get(this.#root));
    // In a session that is neither the first one nor its own: somebody in between has made it.
    this.#following.forked(ppid, pid, session === this.#root || session === pid ? 1 : 2);
    return true;
  }

  #isOrphanOfOurs({ pid, ppid, session, group }: ProcessRecord): boolean {
    if (this.#sessions.has(session) || this.#sessions.has(group)) return true;
    return (ppid === process.pid || this.#reapers.has(ppid)) && this.#hasOurEnvironment(pid);
  }

  #hasOurEnvironment(pid: number): boolean {
    const found = new Set(readEnvironment(pid));
    return this.#environment.length > 0 && this.#environment.every((entry) => found.has(entry));
  }

  #note(pid: number, startTime: number, program: string | undefined): void {
    this.#startTimes.set(pid, startTime);
    this.#sessions.add(pid);
    if (program !== undefined) this.#programs.set(pid, program);
  }

  #noteProgram(pid: number): void {
    const before = this.#programs.get(pid);
    const now = programOf(pid);
    if (now === undefined || now === before) return;
    this.#programs.set(pid, now);
    if (before !== undefined) this.#following.executed(pid);
  }
}
