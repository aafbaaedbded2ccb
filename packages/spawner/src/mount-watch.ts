import { closeSync, openSync, readFileSync } from 'node:fs';
import { type NativeWatch, native } from './native.js';
import { SystemError } from './system-error.js';

/** libuv's UV_PRIORITIZED: how the kernel tells that a file of its own has new content. */
const CHANGED = 8;

const TABLE = '/proc/self/mountinfo';

/** The mounts of this process's namespace, watched. Keeps nothing alive. */
export class MountWatch {
  readonly #fd: number;
  readonly #watch: NativeWatch;
  #closed = false;

  /** @internal use {@link watchMounts} */
  constructor(onChange: () => void) {
    this.#fd = openSync(TABLE, 'r');
    const watch = native.pollStart(this.#fd, CHANGED, onChange);
    if (typeof watch === 'number') {
      closeSync(this.#fd);
      throw new SystemError('poll', -watch, TABLE);
    }
    this.#watch = watch;
    native.watchRef(watch, false);
    // Before the event loop has begun to wait, the kernel takes a change for known.
    const before = readFileSync(TABLE, 'latin1');
    setImmediate(() => {
      if (!this.#closed && readFileSync(TABLE, 'latin1') !== before) onChange();
    });
  }

  /** No call comes after this. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    native.watchClose(this.#watch);
    closeSync(this.#fd);
  }
}

/**
 * Call `onChange` when something has been mounted, unmounted or moved; once for changes that follow each other quickly. To
 * inotify a mount is no change.
 * @throws Error where there is no `/proc`
 * @see proc(5), `/proc/[pid]/mounts`
 */
export const watchMounts = (onChange: () => void): MountWatch => new MountWatch(onChange);
