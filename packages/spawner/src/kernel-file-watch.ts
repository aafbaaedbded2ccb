import { closeSync, openSync } from 'node:fs';
import { type NativeWatch, native } from './native.js';
import { SystemError } from './system-error.js';

/** libuv's UV_PRIORITIZED: how the kernel tells that a file of its own has new content. */
const CHANGED = 8;

/** A file of the kernel's own, below `/proc` or `/sys`, that is watched for new content. Keeps the process alive, unless told not to. */
export class KernelFileWatch {
  readonly fd: number;
  readonly #watch: NativeWatch;
  #closed = false;

  /** @throws Error where the file can't be opened; SystemError where it can't be watched */
  constructor(path: string, onChange: () => void, keepsAlive: boolean) {
    this.fd = openSync(path, 'r');
    const watch = native.pollStart(this.fd, CHANGED, onChange);
    if (typeof watch === 'number') {
      closeSync(this.fd);
      throw new SystemError('poll', -watch, path);
    }
    this.#watch = watch;
    if (!keepsAlive) native.watchRef(watch, false);
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** No call comes after this. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    native.watchClose(this.#watch);
    closeSync(this.fd);
  }
}
