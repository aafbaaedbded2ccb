import { type FileChange, type Inotify, type InotifyEvent, watchInotify } from '@maverick/spawner';

/** Something happened to a name in a directory. */
export interface NameEvent {
  readonly kind: FileChange;
  readonly name: string;
  /** Whether it is a directory's name. */
  readonly isDirectory: boolean;
}

/** @param event undefined: the directory itself is gone, or changes were too many to be told */
export type NameListener = (event: NameEvent | undefined) => void;

/** What is watched in one directory. */
interface Watched {
  readonly named: Map<string, Set<NameListener>>;
  readonly all: Set<NameListener>;
}

/** An interest in a directory. */
export interface DirectoryWatch {
  /** Which directory: another one at the same path has another number. */
  readonly id: number;
  close(): void;
}

const COMING_AND_GOING = ['create', 'delete', 'moved-from', 'moved-to'] as const satisfies readonly FileChange[];
const CONTENTS = [...COMING_AND_GOING, 'close-write'] as const satisfies readonly FileChange[];

/**
 * Watches on directories, one of the kernel's each, however many want it. Names that nobody asked for cost one look-up.
 * A file whose writer goes on after its name is gone is not told of.
 */
export class DirectoryWatches {
  readonly #onForeignName: (name: string) => void;
  readonly #watched = new Map<number, Watched>();
  #inotify: Inotify | undefined;
  /** Whom to call when everything that has happened until now has been told, by the watch that says so. */
  readonly #marks = new Map<number, readonly (() => void)[]>();
  #marking: (() => void)[] = [];

  /** @param onForeignName told of names that are no UTF-8: no event can have them */
  constructor(onForeignName: (name: string) => void) {
    this.#onForeignName = onForeignName;
  }

  /**
   * @param name only this one; absent: all
   * @param contents whether it is to be told that one was written to
   * @throws SystemError `ENOENT`, `ENOTDIR`, `EACCES`; `ENOSPC` where the kernel grants no more watches
   */
  add(
    directory: string,
    { name, contents }: { name?: string; contents: boolean },
    listener: NameListener,
  ): DirectoryWatch {
    this.#inotify ??= watchInotify((events) => {
      for (const event of events) this.#happened(event);
    });
    const options = { more: true, onlyDirectory: true, excludeUnlinked: true };
    const id = this.#inotify.add(directory, contents ? CONTENTS : COMING_AND_GOING, options);
    const watched = this.#watched.get(id) ?? { named: new Map(), all: new Set() };
    this.#watched.set(id, watched);
    if (name === undefined) watched.all.add(listener);
    else watched.named.set(name, (watched.named.get(name) ?? new Set()).add(listener));
    return { id, close: () => this.#drop(id, name, listener) };
  }

  /** Be called once everything has been told that happened before now. */
  afterAll(callback: () => void): void {
    this.#marking.push(callback);
    if (this.#marking.length === 1) queueMicrotask(() => this.#mark());
  }

  close(): void {
    this.#inotify?.close();
    this.#inotify = undefined;
    this.#watched.clear();
  }

  #drop(id: number, name: string | undefined, listener: NameListener): void {
    const watched = this.#watched.get(id);
    if (watched === undefined) return;
    const listeners = name === undefined ? watched.all : watched.named.get(name);
    listeners?.delete(listener);
    if (name !== undefined && listeners?.size === 0) watched.named.delete(name);
    if (watched.all.size > 0 || watched.named.size > 0) return;
    this.#watched.delete(id);
    this.#inotify?.remove(id);
  }

  /** The end of a watch is told in order, too: of one on a file, which nobody else watches. */
  #mark(): void {
    const callbacks = this.#marking;
    this.#marking = [];
    if (this.#inotify === undefined) return;
    const mark = this.#inotify.add(process.execPath, ['delete-self']);
    this.#marks.set(mark, callbacks);
    this.#inotify.remove(mark);
  }

  #happened(event: InotifyEvent): void {
    if (event.kind === 'overflow') this.#overflowed();
    else if (event.kind === 'unmount') tellGone(listenersIn(this.#watched.get(event.watch)));
    else if (event.kind === 'ignored') this.#ended(event.watch);
    else if (event.nameBytes !== undefined) this.#onForeignName(event.name ?? '');
    else if (event.name !== undefined) this.#tell(event.watch, event.name, event);
  }

  #tell(id: number, name: string, { kind, directory }: { kind: FileChange; directory: boolean }): void {
    const watched = this.#watched.get(id);
    const event = { kind, name, isDirectory: directory };
    for (const listener of [...(watched?.named.get(name) ?? []), ...(watched?.all ?? [])]) listener(event);
  }

  #ended(id: number): void {
    for (const callback of this.#marks.get(id) ?? []) callback();
    this.#marks.delete(id);
    const watched = this.#watched.get(id);
    this.#watched.delete(id);
    tellGone(listenersIn(watched));
  }

  /** Ends of watches may be lost, too. */
  #overflowed(): void {
    for (const callbacks of this.#marks.values()) for (const callback of callbacks) callback();
    this.#marks.clear();
    tellGone([...this.#watched.values()].flatMap(listenersIn));
  }
}

const listenersIn = (watched: Watched | undefined): NameListener[] =>
  watched === undefined ? [] : [...watched.all, ...[...watched.named.values()].flatMap((named) => [...named])];

const tellGone = (listeners: readonly NameListener[]): void => {
  for (const listener of new Set(listeners)) listener(undefined);
};
