import { closeSync, constants, type FSWatcher, fstatSync, openSync, readSync, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

const CHUNK = 65_536;

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** No FIFO and no device: nothing that keeps whoever reads it. */
const openRegular = (path: string, followsLink: boolean): number => {
  const fd = openSync(path, O_RDONLY | O_NONBLOCK | (followsLink ? 0 : O_NOFOLLOW));
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw new Error('It is no regular file');
};

/** A file that grows, is put away under another name, or is cut. */
export class GrowingFile {
  readonly #path: string;
  readonly #followsLink: boolean;
  #fd: number | undefined;
  #offset = 0;

  /** @param followsLink the file may be a link. Default: true */
  constructor(path: string, followsLink = true) {
    this.#path = path;
    this.#followsLink = followsLink;
  }

  get isOpen(): boolean {
    return this.#fd !== undefined;
  }

  /** @returns whether it is there now */
  open(): boolean {
    if (this.#fd !== undefined) return true;
    try {
      this.#fd = openRegular(this.#path, this.#followsLink);
      this.#offset = 0;
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** Go to where the last lines begin. */
  seekLines(count: number): void {
    if (this.#fd === undefined) return;
    const { size } = fstatSync(this.#fd);
    // The newline that ends the last line begins none.
    let wanted = count + 1;
    let end = size;
    const buffer = Buffer.alloc(CHUNK);
    while (end > 0) {
      const begin = Math.max(0, end - CHUNK);
      const read = readSync(this.#fd, buffer, 0, end - begin, begin);
      for (let index = read - 1; index >= 0; index -= 1) {
        const isLast = begin + index === size - 1;
        if (buffer[index] !== 0x0a && !isLast) continue;
        // A last line without its newline is a line, too.
        wanted -= 1;
        if (wanted === 0 && !isLast) {
          this.#offset = begin + index + 1;
          return;
        }
      }
      end = begin;
    }
    this.#offset = count === 0 ? size : 0;
  }

  /** All that has come since the last time. What was cut off is begun again; of what was put away, the end comes first. */
  *news(): Generator<Buffer> {
    if (!this.open()) return;
    yield* this.#rest();
    if (!this.#isPutAway()) return;
    this.close();
    if (this.open()) yield* this.#rest();
  }

  *#rest(): Generator<Buffer> {
    if (this.#fd === undefined) return;
    if (fstatSync(this.#fd).size < this.#offset) this.#offset = 0;
    for (;;) {
      const buffer = Buffer.alloc(CHUNK);
      const read = readSync(this.#fd, buffer, 0, CHUNK, this.#offset);
      if (read === 0) return;
      this.#offset += read;
      yield buffer.subarray(0, read);
    }
  }

  /** Another file has its name now. */
  #isPutAway(): boolean {
    if (this.#fd === undefined) return false;
    const named = statSync(this.#path, { throwIfNoEntry: false });
    const own = fstatSync(this.#fd);
    return named !== undefined && (named.ino !== own.ino || named.dev !== own.dev);
  }
}

/**
 * Call whenever something happens to the file: it is written, cut, put away, or made.
 * @returns what ends it
 */
export const watchFile = (path: string, onChange: () => void): (() => void) => {
  const name = basename(path);
  // The directory, not the file: a file that is put away goes on being watched under its other name.
  const watcher: FSWatcher = watch(dirname(path), (_, changed) => {
    if (changed === null || changed === name) onChange();
  });
  return () => watcher.close();
};
