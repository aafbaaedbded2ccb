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
  /** The writing end, close-on-exec. */
  readonly fd: number;
  readonly #reading: number;
  readonly #watch: FdWatch;
  readonly #onEvent: (event: ReadyPipeEvent) => void;
  #isWritingOpen = true;
  #closed = false;

  /** @throws SystemError `EMFILE`, `ENFILE` */
  constructor(onEvent: (event: ReadyPipeEvent) => void) {
    const pipe = native.pipeOpen();
    if (typeof pipe === 'number') throw new SystemError('pipe', -pipe);
    this.fd = pipe.writing;
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
