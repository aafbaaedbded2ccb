import type { ConsoleOutput } from './console-output.js';
import type { Descriptors } from './descriptors.js';
import { type LogOptions, OutputLog, type OutputLogEvents } from './output-log.js';
import type { ProcessSpec, SpawnError } from './process-spec.js';
import { spawnError } from './spawn-error.js';
import type { SpawnWarning } from './spawn-warning.js';
import { SystemError } from './system-error.js';

/** The logs of a spawner's processes. A log process is started for the first of them. */
export class ProcessLogs {
  readonly #options: LogOptions;
  readonly #events: OutputLogEvents;
  #output: OutputLog | undefined;
  /** Pseudo terminals have run out, and that has been told. */
  #hasNoPty = false;

  constructor(options: LogOptions, events: OutputLogEvents) {
    this.#options = options;
    this.#events = events;
    this.#output = OutputLog.takeOver(options, this.#events);
  }

  /** Before a process is there: where its output can't be logged, it should not be. */
  prepare({ log }: ConsoleOutput): SpawnError | undefined {
    if (log === undefined) return undefined;
    try {
      this.#output ??= OutputLog.start(this.#options, this.#events);
      return undefined;
    } catch (error) {
      if (error instanceof SystemError) return spawnError('log', error.errno, log.settings.path);
      throw error;
    }
  }

  /** Log what a process writes. The descriptors are no longer the caller's to close. */
  add(pid: number, { log }: ConsoleOutput, descriptors: Descriptors): void {
    if (log === undefined) return;
    for (const source of log.sources) descriptors.release(source);
    this.#output?.add(log.sources, log.settings, pid);
  }

  /** @see OutputLog.drain */
  drain(pid: number, drained: () => void): boolean {
    return this.#output?.drain(pid, drained) ?? false;
  }

  /** @see OutputLog.move */
  move(from: number, to: number): void {
    this.#output?.move(from, to);
  }

  flush(): void {
    this.#output?.flush();
  }

  reopen(): void {
    this.#output?.reopen();
  }

  async pause(): Promise<void> {
    await this.#output?.pause();
  }

  resume(): void {
    this.#output?.resume();
  }

  handOver(): number | undefined {
    const control = this.#output?.handOver();
    this.#output = undefined;
    return control;
  }

  close(): void {
    this.#output?.close();
    this.#output = undefined;
  }

  /** What came of opening a console; that terminals have run out is told once, and not for each process. */
  warnOfConsole({ console }: ProcessSpec, warning: SpawnWarning | undefined): void {
    const isKnown = warning?.kind === 'no-pty' && this.#hasNoPty;
    if (console.kind === 'log' && console.transport !== 'pipe') this.#hasNoPty = warning?.kind === 'no-pty';
    if (warning !== undefined && !isKnown) this.#events.onWarning(warning);
  }
}
