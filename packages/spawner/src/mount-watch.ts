import { readFileSync } from 'node:fs';
import { KernelFileWatch } from './kernel-file-watch.js';

const TABLE = '/proc/self/mountinfo';

/** The mounts of this process's namespace, watched. Keeps nothing alive. */
export class MountWatch {
  readonly #file: KernelFileWatch;

  /** @internal use {@link watchMounts} */
  constructor(onChange: () => void) {
    this.#file = new KernelFileWatch(TABLE, onChange, false);
    // Before the event loop has begun to wait, the kernel takes a change for known.
    const before = readFileSync(TABLE, 'latin1');
    setImmediate(() => {
      if (!this.#file.isClosed && readFileSync(TABLE, 'latin1') !== before) onChange();
    });
  }

  /** No call comes after this. */
  close(): void {
    this.#file.close();
  }
}

/**
 * Call `onChange` when something has been mounted, unmounted or moved; once for changes that follow each other quickly. To
 * inotify a mount is no change.
 * @throws Error where there is no `/proc`
 * @see proc(5), `/proc/[pid]/mounts`
 */
export const watchMounts = (onChange: () => void): MountWatch => new MountWatch(onChange);
