import type { ChildEvent, ProcessSpec, SpawnError } from '@maverick/spawner';
import type { OpenProcessPort } from '../../src/ports.js';
import type { ProcessTree } from '../../src/process-tree.js';

const NO_SUCH_PROCESS = { ok: false, errno: 3 } as const;

/** Processes that exist only here: they start when the supervisor says so, and end when the test does. */
export class FakeProcesses {
  /** Every start, in order. */
  readonly specs: ProcessSpec[] = [];
  /** What happened, in order: `spawn PID PROGRAM`, `kill PID SIGNAL`. A negative PID is a group. */
  readonly log: string[] = [];
  /** Groups that have members beside their leader. */
  readonly groups = new Set<number>();
  /** Makes the next start fail. */
  failure: SpawnError | undefined;
  /** Makes the next start throw. */
  fault: Error | undefined;
  closed = false;
  readonly #living = new Set<number>();
  #lastPid = 100;
  #onChild: (event: ChildEvent) => void = () => {};

  readonly open: OpenProcessPort = ({ onChild }) => {
    this.#onChild = onChild;
    return {
      spawn: (spec) => {
        if (this.fault !== undefined) throw this.fault;
        if (this.failure !== undefined) return { ok: false, error: this.failure };
        this.#lastPid += 1;
        this.specs.push(spec);
        this.log.push(`spawn ${this.#lastPid} ${spec.argv.join(' ')}`);
        this.#living.add(this.#lastPid);
        return { ok: true, pid: this.#lastPid };
      },
      kill: (pid, signal, { group = false, wake = group }) => {
        if (!this.#living.has(pid)) return NO_SUCH_PROCESS;
        const target = group ? -pid : pid;
        if (signal !== 0) this.log.push(`kill ${target} ${signal}${wake && signal !== 9 ? ' and wake' : ''}`);
        return { ok: true };
      },
      close: () => {
        this.closed = true;
      },
    };
  };

  /** The kernel's view; `recycled` are PIDs that it gave to somebody else meanwhile. */
  tree(recycled: readonly number[] = []): ProcessTree {
    return {
      stat: (pid) => (recycled.includes(pid) ? { parent: 1, session: pid } : undefined),
      signalGroup: (group, signal) => {
        if (!this.groups.has(group)) return false;
        if (signal !== 0) this.log.push(`kill -${group} ${signal}`);
        return true;
      },
    };
  }

  get living(): readonly number[] {
    return [...this.#living];
  }

  /** The PID of the last start. */
  get last(): number {
    return this.#lastPid;
  }

  exit(pid: number, code = 0): void {
    this.#living.delete(pid);
    this.#onChild({ kind: 'exited', pid, code });
  }

  die(pid: number, signal: number): void {
    this.#living.delete(pid);
    this.#onChild({ kind: 'signalled', pid, signal, core: false });
  }
}
