import { closeFd } from '@maverick/spawner';
import type { DescriptorKeeper } from './bridge.js';

/** Descriptors by name, for who has them open in this process: those that were left by the one before, and our own. */
export class HeldDescriptors implements DescriptorKeeper {
  readonly #left: Map<string, number>;
  readonly #own = new Map<string, number>();

  /** @param left what the one before has left; ours to close */
  constructor(left: Iterable<readonly [name: string, fd: number]> = []) {
    this.#left = new Map(left);
  }

  /** What is there for the one after this. */
  get all(): ReadonlyMap<string, number> {
    return new Map([...this.#left, ...this.#own]);
  }

  take(name: string): number | undefined {
    const fd = this.#left.get(name);
    this.#left.delete(name);
    return fd;
  }

  /** Names of what is left that are none of these. */
  others(names: ReadonlySet<string>): readonly string[] {
    return [...this.#left.keys()].filter((name) => !names.has(name));
  }

  closeOthers(names: ReadonlySet<string>): void {
    for (const name of this.others(names)) {
      const fd = this.take(name);
      if (fd !== undefined) closeFd(fd);
    }
  }

  keep(name: string, fd: number): void {
    this.#own.set(name, fd);
  }

  forget(name: string): void {
    this.#own.delete(name);
  }

  renew(): void {
    // They are where they were.
  }
}
