import type { KillOptions } from '@maverick/spawner';
import type { Clock } from './clock.js';
import type { ProcessPort } from './ports.js';
import type { ProcessTable } from './process-table.js';
import type { ProcessTree } from './process-tree.js';
import { SIGCONT, SIGKILL, SIGTERM, signalProcess } from './signal.js';

/** How long what no job supervises may take to obey SIGTERM. */
const TERM_GRACE_MS = 2_000;
/** How long SIGKILL may take. Only a process in an uninterruptible system call takes longer. */
const KILL_GRACE_MS = 5_000;
/**
 * How often to look again: nobody reports the end of a process that is no child, and after each end of one that is would be too
 * often where there are thousands, for each look is at all of them.
 */
const INTERVAL_MS = 20;

export interface LeftoverPorts {
  readonly clock: Clock;
  readonly processes: ProcessPort;
  readonly table: ProcessTable;
  readonly tree: ProcessTree;
  readonly strays: () => readonly number[];
  readonly warn: (message: string) => void;
}

/** Whether a number is not in the set yet; it is then. */
const isNew = (set: Set<number>, number: number): boolean => {
  if (set.has(number)) return false;
  set.add(number);
  return true;
};

/** What jobs leave behind: remembered while they run, and ended when the supervisor ends. */
export class Leftovers {
  readonly #ports: LeftoverPorts;
  /** Process groups that outlived their leader. */
  readonly #groups = new Set<number>();
  #changed: () => void = () => {};

  constructor(ports: LeftoverPorts) {
    this.#ports = ports;
  }

  /** A new process has this PID: what was remembered under the number is over. */
  started(pid: number): void {
    this.#groups.delete(pid);
  }

  /** Process groups that have outlived their leaders. */
  get groups(): readonly number[] {
    return [...this.#groups];
  }

  /** An earlier supervisor knew of these. */
  adopt(groups: readonly number[]): void {
    for (const group of groups) this.#groups.add(group);
  }

  /** A job's process has ended. Its number stays taken as long as anybody is left in its group. */
  ended(pid: number): void {
    if (this.#ports.tree.signalGroup(pid, 0)) this.#groups.add(pid);
  }

  /** Some process has ended: look whether that was the last. */
  look(): void {
    this.#changed();
  }

  /**
   * End everything that is still there once the jobs are over: supervised processes that outlasted the time limits by
   * SIGKILL, abandoned process groups and strays by SIGTERM first.
   */
  async end(): Promise<void> {
    const { table } = this.#ports;
    for (const { pid } of table) this.#signal(pid, SIGKILL, { group: true });
    if (!(await this.#isTableEmpty())) this.#reportSurvivors([...table].map(({ pid }) => pid));
    if (await this.#areGone(SIGTERM, TERM_GRACE_MS)) return;
    if (await this.#areGone(SIGKILL, KILL_GRACE_MS)) return;
    this.#reportSurvivors(this.#ports.strays());
  }

  /** Each gets the signal once; the end of one may bring up its children as new ones. */
  async #areGone(signal: number, graceMs: number): Promise<boolean> {
    const { clock, strays } = this.#ports;
    const signalled = new Set<number>();
    const gone = (): boolean => {
      const groups = this.#livingGroups();
      const processes = strays();
      for (const group of groups) if (isNew(signalled, -group)) this.#signalGroup(group, signal);
      for (const pid of processes) if (isNew(signalled, pid)) this.#signal(pid, signal, { wake: true });
      // A killed group may be kept by zombies whom nobody reaps: there is no use in waiting for those.
      return processes.length === 0 && (groups.length === 0 || signal === SIGKILL);
    };
    const deadline = clock.now() + graceMs;
    while (!gone()) {
      if (clock.now() >= deadline) return false;
      await this.#pause(INTERVAL_MS);
    }
    return true;
  }

  /** A living process with the leader's number means that a group is long over, and the number has a new owner. */
  #livingGroups(): number[] {
    const { tree } = this.#ports;
    return [...this.#groups].filter((group) => tree.stat(group) === undefined && tree.signalGroup(group, 0));
  }

  #signalGroup(group: number, signal: number): void {
    const { tree } = this.#ports;
    tree.signalGroup(group, signal);
    if (signal !== SIGKILL) tree.signalGroup(group, SIGCONT);
  }

  /** Whether all that is supervised has ended, or does so in time. */
  #isTableEmpty(): Promise<boolean> {
    const { clock, table } = this.#ports;
    if (table.size === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const finish = (): void => {
        this.#changed = () => {};
        cancel();
        resolve(table.size === 0);
      };
      const cancel = clock.at(clock.now() + KILL_GRACE_MS, finish);
      this.#changed = () => table.size === 0 && finish();
    });
  }

  #pause(ms: number): Promise<void> {
    const { clock } = this.#ports;
    return new Promise((resolve) => {
      clock.at(clock.now() + ms, resolve);
    });
  }

  #signal(pid: number, signal: number, options: KillOptions): void {
    const failure = signalProcess(this.#ports.processes, pid, signal, options);
    if (failure !== undefined) this.#ports.warn(failure);
  }

  #reportSurvivors(pids: readonly number[]): void {
    this.#ports.warn(`Processes that could not be ended: ${pids.join(', ')}`);
  }
}
