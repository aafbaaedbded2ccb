import type { FileChange, Inotify, InotifyEvent, InotifyOptions } from '@maverick/spawner';

/** Something that happened to a watched file, or in a watched directory. */
export type WatchEvent = Extract<InotifyEvent, { readonly name: string | undefined }>;

/** Told of events, of all kinds that anybody watches the same file for. */
export type WatchListener = (event: WatchEvent) => void;

/** Watches on files: what a {@link WatchTable} uses of an `Inotify`. */
export type FileWatch = Pick<Inotify, 'add' | 'remove' | 'close'>;

/** @throws SystemError where no watch can be had at all */
export type OpenFileWatch = (onEvents: (events: readonly InotifyEvent[]) => void) => FileWatch;

/** One interest in one file. */
interface Interest {
  readonly watch: number;
  readonly listener: WatchListener;
}

/**
 * The kernel has one watch a file; here several may be interested in it, by whatever path. An interest belongs to a group,
 * and is given up with it.
 */
export class WatchTable {
  readonly #files: FileWatch;
  readonly #byWatch = new Map<number, Set<Interest>>();
  readonly #groups = new Map<string, Interest[]>();

  constructor(files: FileWatch) {
    this.#files = files;
  }

  /** @throws SystemError, such as `ENOENT`, or `ENOSPC` where the kernel grants no more watches */
  add(
    group: string,
    path: string,
    changes: readonly FileChange[],
    listener: WatchListener,
    options: InotifyOptions = {},
  ): void {
    const watch = this.#files.add(path, changes, { ...options, more: true });
    const interest = { watch, listener };
    const others = this.#byWatch.get(watch) ?? new Set();
    this.#byWatch.set(watch, others.add(interest));
    this.#groups.set(group, [...(this.#groups.get(group) ?? []), interest]);
  }

  /** Give up what belongs to a group. */
  drop(group: string): void {
    const interests = this.#groups.get(group) ?? [];
    this.#groups.delete(group);
    for (const interest of interests) {
      const others = this.#byWatch.get(interest.watch);
      others?.delete(interest);
      if (others?.size !== 0) continue;
      this.#byWatch.delete(interest.watch);
      this.#files.remove(interest.watch);
    }
  }

  groups(): string[] {
    return [...this.#groups.keys()];
  }

  /** Pass an event on. One of a watch that was given up meanwhile goes nowhere. */
  deliver(event: WatchEvent): void {
    for (const { listener } of [...(this.#byWatch.get(event.watch) ?? [])]) listener(event);
  }

  /** The kernel has given up a watch by itself: its file is gone. */
  forget(watch: number): void {
    this.#byWatch.delete(watch);
  }

  close(): void {
    this.#byWatch.clear();
    this.#groups.clear();
    this.#files.close();
  }
}
