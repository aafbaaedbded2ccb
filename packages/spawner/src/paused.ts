import { type FdWatch, watchFd } from './fd-watch.js';
import { type NativeFailure, native } from './native.js';

interface Paused {
  readonly report: number;
  readonly watch: FdWatch;
  readonly onFailure: (failure: NativeFailure) => void;
}

/** Processes that have stopped before their program, and what became of it. */
export class PausedProcesses {
  readonly #byPid = new Map<number, Paused>();

  /** @param report is closed when the program runs or the process has ended */
  add(pid: number, report: number, onFailure: Paused['onFailure']): void {
    const watch = watchFd(report, { readable: true }, () => this.settle(pid));
    this.#byPid.set(pid, { report, watch, onFailure });
  }

  /** Tell a failure, if there is one. For a process that ended there is no more to wait for. */
  settle(pid: number): void {
    const paused = this.#byPid.get(pid);
    if (paused === undefined) return;
    this.#forget(pid, paused);
    const failure = native.readReport(paused.report);
    native.closeFd(paused.report);
    if (typeof failure === 'object') paused.onFailure(failure);
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
