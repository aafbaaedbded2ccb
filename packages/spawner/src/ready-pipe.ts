import { constants } from 'node:os';
import { type FdWatch, watchFd } from './fd-watch.js';
import { native } from './native.js';
import { SystemError } from './system-error.js';

const NEWLINE = 10;
const { EAGAIN } = constants.errno;

/** `ready`: a newline came. `closed`: nobody holds the other end any more, and none has come. Told once. */
export type ReadyPipeEvent = 'ready' | 'closed';

/**
 * A pipe on which a process says that it is ready by a newline, as services of s6 do. Give `fd` to the process as
 * `readyFd` and call `started` when it runs; whatever it writes before the newline is passed over.
 */
export class ReadyPipe {
  /** The writing end, close-on-exec; -1 for one that was handed over, whose process has it. */
  readonly fd: number;
  readonly #reading: number;
  readonly #watch: FdWatch;
  readonly #onEvent: (event: ReadyPipeEvent) => void;
  #isWritingOpen: boolean;
  #closed = false;

  /**
   * @param reading the descriptor that {@link handOver} gave, kept open over an `exec`. Default: a new pipe
   * @throws SystemError `EMFILE`, `ENFILE`
   */
  constructor(onEvent: (event: ReadyPipeEvent) => void, reading?: number) {
    const pipe = reading === undefined ? native.pipeOpen() : { writing: -1, reading };
    if (typeof pipe === 'number') throw new SystemError('pipe', -pipe);
    this.fd = pipe.writing;
    this.#isWritingOpen = reading === undefined;
    this.#reading = pipe.reading;
    this.#onEvent = onEvent;
    this.#watch = watchFd(this.#reading, { readable: true }, () => this.read());
  }

  /** The process has its own copy of the writing end now, or does not come to be: close ours. */
  started(): void {
    if (!this.#isWritingOpen) return;
    this.#isWritingOpen = false;
    native.closeFd(this.fd);
  }

  /** Look now: before the end of the process is handled, so that its last word counts. */
  read(): void {
    const buffer = Buffer.alloc(512);
    while (!this.#closed) {
      const bytes = native.readFd(this.#reading, buffer);
      if (bytes === -EAGAIN) return;
      if (bytes <= 0) this.#finish('closed');
      else if (buffer.subarray(0, bytes).includes(NEWLINE)) this.#finish('ready');
    }
  }

  /**
   * Leave the pipe to the program that this process becomes by `exec`: nothing is closed or lost.
   * @returns the descriptor of the reading end; undefined when there is nothing to be told any more
   */
  handOver(): number | undefined {
    this.started();
    if (this.#closed) return undefined;
    this.#closed = true;
    this.#watch.close();
    return this.#reading;
  }

  /** Nothing is told any more. */
  close(): void {
    this.started();
    if (this.#closed) return;
    this.#closed = true;
    this.#watch.close();
    native.closeFd(this.#reading);
  }

  #finish(event: ReadyPipeEvent): void {
    this.close();
    this.#onEvent(event);
  }
}
