import type { KillOptions } from '@maverick/spawner';
import type { Clock } from './clock.js';
import type { ProcessPort } from './ports.js';
import type { ProcessTable } from './process-table.js';
import type { ProcessTree } from './process-tree.js';
import { SIGKILL, SIGTERM, signalProcess } from './signal.js';

/** How long a process that no job supervises may take to obey SIGTERM. */
const STRAY_GRACE_MS = 2_000;
/** How long SIGKILL may take. Only a process in an uninterruptible system call takes longer. */
const KILL_GRACE_MS = 5_000;
/** How often strays are looked for again: nobody reports the end of a process that is not yet a child. */
const STRAY_INTERVAL_MS = 20;

export interface LeftoverPorts {
  readonly clock: Clock;
  readonly processes: ProcessPort;
  readonly table: ProcessTable;
  readonly tree: ProcessTree;
  readonly strays: () => readonly number[];
  readonly warn: (message: string) => void;
}

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

  /** A job's process has ended. Its number stays taken as long as anybody is left in its group. */
  ended(pid: number): void {
    if (this.#ports.tree.signalGroup(pid, 0)) this.#groups.add(pid);
    this.#changed();
  }

  /**
   * End everything that is still there once the jobs are over: supervised processes that outlasted the time limits and
   * abandoned process groups by SIGKILL, strays by SIGTERM first.
   */
  async end(): Promise<void> {
    const { table } = this.#ports;
    for (const { pid } of table) this.#signal(pid, SIGKILL, { group: true });
    if (!(await this.#until(() => table.size === 0, KILL_GRACE_MS)))
      this.#reportSurvivors([...table].map(({ pid }) => pid));
    this.#endGroups();
    await this.#endStrays();
  }

  #endGroups(): void {
    const { tree } = this.#ports;
    for (const group of this.#groups) {
      // A living process with the leader's number means that the group is long over and the number has a new owner.
      if (tree.stat(group) === undefined) tree.signalGroup(group, SIGKILL);
    }
    this.#groups.clear();
  }

  async #endStrays(): Promise<void> {
    if (await this.#straysAreGone(SIGTERM, STRAY_GRACE_MS)) return;
    if (await this.#straysAreGone(SIGKILL, KILL_GRACE_MS)) return;
    this.#reportSurvivors(this.#ports.strays());
  }

  /** Each stray gets the signal once; the end of one may bring up its children as new ones. */
  async #straysAreGone(signal: number, graceMs: number): Promise<boolean> {
    const signalled = new Set<number>();
    const gone = (): boolean => {
      const strays = this.#ports.strays();
      for (const pid of strays.filter((stray) => !signalled.has(stray))) {
        signalled.add(pid);
        this.#signal(pid, signal, { wake: true });
      }
      return strays.length === 0;
    };
    const deadline = this.#ports.clock.now() + graceMs;
    while (!(await this.#until(gone, STRAY_INTERVAL_MS))) {
      if (this.#ports.clock.now() >= deadline) return false;
    }
    return true;
  }

  /** Whether the condition came to hold in time. It is asked now and after each process that ends. */
  #until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    if (condition()) return Promise.resolve(true);
    const { clock } = this.#ports;
    return new Promise((resolve) => {
      const finish = (held: boolean): void => {
        this.#changed = () => {};
        cancel();
        resolve(held);
      };
      const cancel = clock.at(clock.now() + timeoutMs, () => finish(condition()));
      this.#changed = () => condition() && finish(true);
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
