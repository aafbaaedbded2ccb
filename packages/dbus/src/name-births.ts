import { clockNow, type ProcessPin, pinProcess } from '@maverick/spawner';
import type { BusCredentials } from './bus-calls.js';

/** Whose process can't be held: what is found in `/proc` under its number may be another's. */
const UNHELD: ProcessPin = () => undefined;

/**
 * When the names of a bus came to be. The bus says which number the process had that has connected; if that has ended since, and
 * somebody else has the connection, the number may be of another process: then that has begun after the name.
 */
export class NameBirths {
  readonly #born: Map<string, number>;

  /** @param kept as {@link all} of an earlier one tells them. What was there before, and is not in it, is not known */
  constructor(kept: Iterable<readonly [name: string, at: number]> = []) {
    this.#born = new Map(kept);
  }

  /** Each name with the time of its birth, in milliseconds of the clock `boottime`. */
  get all(): readonly (readonly [string, number])[] {
    return [...this.#born];
  }

  /** `NameOwnerChanged`, as it comes. */
  changed(name: string, before: string, now: string): void {
    if (!name.startsWith(':')) return;
    if (now === '') this.#born.delete(name);
    else if (before === '') this.#born.set(name, clockNow('boottime'));
  }

  /** Hold the process that has a name; nobody's, where it was there before anybody listened. */
  pin(name: string, { pid }: BusCredentials): ProcessPin {
    const by = this.#born.get(name);
    return by === undefined ? UNHELD : pinProcess(pid, { by });
  }
}
