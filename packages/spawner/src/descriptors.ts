import { native } from './native.js';

/** Descriptors that are closed together unless somebody takes one over. */
export class Descriptors {
  readonly #open = new Set<number>();

  /** Keep a descriptor; anything below zero is none. */
  keep(...fds: readonly number[]): void {
    for (const fd of fds) if (fd >= 0) this.#open.add(fd);
  }

  /** Somebody else closes it now. */
  release(fd: number): void {
    this.#open.delete(fd);
  }

  close(): void {
    for (const fd of this.#open) native.closeFd(fd);
    this.#open.clear();
  }
}
