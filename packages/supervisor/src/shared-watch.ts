import type { InotifyEvent } from '@maverick/spawner';
import type { FileWatch, OpenFileWatch } from './watch-table.js';

/** Somebody who watches files. */
interface Client {
  readonly onEvents: (events: readonly InotifyEvent[]) => void;
  readonly watches: Set<number>;
}

/**
 * One inotify for many who watch: the kernel grants a user few of them (`fs.inotify.max_user_instances`), and the user is ours for
 * all sessions. Who watches a file hears of all kinds of change that anybody watches it for.
 */
export class SharedWatch {
  readonly #openWatch: OpenFileWatch;
  readonly #clients = new Set<Client>();
  #files: FileWatch | undefined;

  constructor(openWatch: OpenFileWatch) {
    this.#openWatch = openWatch;
  }

  readonly open: OpenFileWatch = (onEvents) => {
    this.#files ??= this.#openWatch((events) => this.#receive(events));
    const client: Client = { onEvents, watches: new Set() };
    this.#clients.add(client);
    return {
      add: (target, changes, options) => this.#add(client, target, changes, options),
      remove: (watch) => this.#remove(client, watch),
      close: () => this.#close(client),
    };
  };

  readonly #add = (client: Client, ...[target, changes, options]: Parameters<FileWatch['add']>): number => {
    if (this.#files === undefined) throw new Error('This watch has been closed');
    const watch = this.#files.add(target, changes, { ...options, more: true });
    client.watches.add(watch);
    return watch;
  };

  #remove(client: Client, watch: number): boolean {
    if (!client.watches.delete(watch)) return false;
    const isWatched = [...this.#clients].some(({ watches }) => watches.has(watch));
    return isWatched || (this.#files?.remove(watch) ?? false);
  }

  #close(client: Client): void {
    if (!this.#clients.delete(client)) return;
    if (this.#clients.size === 0) {
      this.#files?.close();
      this.#files = undefined;
      return;
    }
    for (const watch of [...client.watches]) this.#remove(client, watch);
  }

  #receive(events: readonly InotifyEvent[]): void {
    for (const client of [...this.#clients]) {
      const own = events.filter((event) => !('watch' in event) || client.watches.has(event.watch));
      for (const event of own) if (event.kind === 'ignored') client.watches.delete(event.watch);
      // One before it may have closed it.
      if (own.length > 0 && this.#clients.has(client)) client.onEvents(own);
    }
  }
}
