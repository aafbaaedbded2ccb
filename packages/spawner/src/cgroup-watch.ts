import { readSync } from 'node:fs';
import { join } from 'node:path';
import { isPopulatedText } from './cgroup.js';
import { KernelFileWatch } from './kernel-file-watch.js';

/** More than `cgroup.events` ever has. */
const MOST_BYTES = 4096;

/** A cgroup that is watched for processes. Keeps the process alive until closed. */
export class CgroupWatch {
  readonly #file: KernelFileWatch;
  readonly #onPopulated: (populated: boolean) => void;
  #populated: boolean;

  /** @internal use {@link watchCgroup} */
  constructor(path: string, onPopulated: (populated: boolean) => void) {
    this.#onPopulated = onPopulated;
    this.#file = new KernelFileWatch(join(path, 'cgroup.events'), () => this.#look(), true);
    this.#populated = this.#read();
  }

  /** Whether there were processes in it, or below it, when that last changed. */
  get populated(): boolean {
    return this.#populated;
  }

  /** No call comes after this. */
  close(): void {
    this.#file.close();
  }

  /** What can't be read any more has been removed. */
  #read(): boolean {
    const buffer = Buffer.alloc(MOST_BYTES);
    try {
      return isPopulatedText(buffer.toString('latin1', 0, readSync(this.#file.fd, buffer, 0, MOST_BYTES, 0)));
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
