import { readlinkSync } from 'node:fs';
import { type FdWatch, watchFd } from './fd-watch.js';
import { type NativeFailure, native } from './native.js';
import type { ChildEvent } from './process-spec.js';

interface Paused {
  readonly report: number;
  readonly watch: FdWatch;
  readonly onResult: (failure: NativeFailure | undefined) => void;
}

const hasProgram = (pid: number): boolean => {
  try {
    readlinkSync(`/proc/${pid}/exe`);
    return true;
  } catch (error) {
    // It may be hidden from us, but it is there.
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
};

/** Processes that have stopped before their program, and what became of it. */
export class PausedProcesses {
  readonly #byPid = new Map<number, Paused>();

  /** @param report is closed when the program runs or the process has ended */
  add(pid: number, report: number, onResult: Paused['onResult']): void {
    const watch = watchFd(report, { readable: true }, () => this.settle(pid));
    this.#byPid.set(pid, { report, watch, onResult });
  }

  /**
   * Tell whether its program runs. One that ended has a result, too, unless a signal killed it: then nobody knows whether
   * that was before or after its program.
   */
  settle(pid: number, end?: ChildEvent): void {
    const paused = this.#byPid.get(pid);
    if (paused === undefined) return;
    // Its memory goes before its descriptors: one that is killed can be told from one that runs its program.
    if (end === undefined && !hasProgram(pid)) {
      paused.watch.close();
      return;
    }
    this.#forget(pid, paused);
    const failure = native.readReport(paused.report);
    native.closeFd(paused.report);
    if (typeof failure === 'object') paused.onResult(failure);
    else if (end === undefined || end.kind === 'exited') paused.onResult(undefined);
  }

  /** Listen to none any more. */
  close(): void {
    for (const [pid, paused] of this.#byPid) {
      this.#forget(pid, paused);
      native.closeFd(paused.report);
    }
  }

  #forget(pid: number, { watch }: Paused): void {
    watch.close();
    this.#byPid.delete(pid);
  }
}
