import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { isPopulatedText } from './cgroup.js';
import { type NativeWatch, native } from './native.js';
import { SystemError } from './system-error.js';

/** libuv's UV_PRIORITIZED: how the kernel tells that a file of its own has new content. */
const CHANGED = 8;

/** More than `cgroup.events` ever has. */
const MOST_BYTES = 4096;

/** A cgroup that is watched for processes. Keeps the process alive until closed. */
export class CgroupWatch {
  readonly #fd: number;
  readonly #watch: NativeWatch;
  readonly #onPopulated: (populated: boolean) => void;
  #populated: boolean;
  #closed = false;

  /** @internal use {@link watchCgroup} */
  constructor(path: string, onPopulated: (populated: boolean) => void) {
    this.#onPopulated = onPopulated;
    this.#fd = openSync(join(path, 'cgroup.events'), 'r');
    this.#populated = this.#read();
    const watch = native.pollStart(this.#fd, CHANGED, () => this.#look());
    if (typeof watch === 'number') {
      closeSync(this.#fd);
      throw new SystemError('poll', -watch, path);
    }
    this.#watch = watch;
  }

  /** Whether there were processes in it, or below it, when that last changed. */
  get populated(): boolean {
    return this.#populated;
  }

  /** No call comes after this. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    native.watchClose(this.#watch);
    closeSync(this.#fd);
  }

  /** What can't be read any more has been removed. */
  #read(): boolean {
    const buffer = Buffer.alloc(MOST_BYTES);
    try {
      return isPopulatedText(buffer.toString('latin1', 0, readSync(this.#fd, buffer, 0, MOST_BYTES, 0)));
    } catch {
      return false;
    }
  }

  #look(): void {
    this.#populated = this.#read();
    this.#onPopulated(this.#populated);
  }
}

/**
 * Call `onPopulated` whenever a cgroup, with those below it, gets its first process or loses its last. The kernel merges
 * changes that follow each other quickly: then one call, with what is the case in the end, stands for them all.
 * @param path a directory in a cgroup v2 file system
 * @throws Error `ENOENT` when there is no such cgroup
 */
export const watchCgroup = (path: string, onPopulated: (populated: boolean) => void): CgroupWatch =>
  new CgroupWatch(path, onPopulated);
