import { type ChildEvent, Spawner } from '@maverick/spawner';
import type { OpenProcessPort, ProcessPort } from './ports.js';

/** A spawner of one's own: for a process with one supervisor. */
export const openSpawner: OpenProcessPort = (onChild) => new Spawner({ onChild });

/**
 * One spawner for several supervisors. SIGCHLD and the reaping of children belong to a process as a whole, so supervisors
 * in one process share the one that looks after them; each hears of the children that it started.
 */
export class SharedSpawner {
  readonly #owners = new Map<number, (event: ChildEvent) => void>();
  readonly #spawner: ProcessPort;

  constructor(open: OpenProcessPort = openSpawner) {
    this.#spawner = open((event) => this.#route(event));
  }

  /** Pass this to each supervisor as its `spawner`. */
  readonly open: OpenProcessPort = (onChild) => ({
    spawn: (spec) => {
      const result = this.#spawner.spawn(spec);
      if (result.ok) this.#owners.set(result.pid, onChild);
      return result;
    },
    kill: (pid, signal, options) => this.#spawner.kill(pid, signal, options),
    close: () => this.#forget(onChild),
  });

  /** Stop looking after children. Close the supervisors first. */
  close(): void {
    this.#spawner.close();
  }

  #route(event: ChildEvent): void {
    const owner = this.#owners.get(event.pid);
    if (event.kind === 'exited' || event.kind === 'signalled') this.#owners.delete(event.pid);
    owner?.(event);
  }

  #forget(onChild: (event: ChildEvent) => void): void {
    for (const [pid, owner] of this.#owners) if (owner === onChild) this.#owners.delete(pid);
  }
}
