import { lstatSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type ConfLocation, confFileKind, isEnteredDirectory } from '@maverick/conf';
import type { FileChange, InotifyEvent } from '@maverick/spawner';
import type { Clock } from './clock.js';
import { type ChainLink, pathChain } from './path-chain.js';
import { type OpenFileWatch, type WatchEvent, type WatchListener, WatchTable } from './watch-table.js';

/** Paths that may have changed, below each configuration place (by its number); `''` is all of it. */
export type ChangedPaths = ReadonlyMap<number, ReadonlySet<string>>;

export interface ConfigurationWatchPorts {
  readonly clock: Clock;
  /** The root directory as which links below it see it. Default `/`. */
  readonly root?: string;
  readonly openWatch: OpenFileWatch;
  /** Called from the event loop, for all that one batch of news has brought. */
  readonly changed: (paths: ChangedPaths) => void;
  /** Something can't be watched; it is said once. */
  readonly warn: (message: string) => void;
}

/** What happens in a searched directory. A file that is being written counts when it is closed. */
const CONTENT: readonly FileChange[] = ['create', 'close-write', 'moved-from', 'moved-to', 'delete', 'attrib'];
/** What makes a way lead elsewhere: of directories only themselves count, not what happens in them. */
const PASSED: readonly FileChange[] = ['delete-self', 'move-self'];
/** A link or file at the end can also lose one of its names, or be written. */
const ENDED: readonly FileChange[] = ['delete-self', 'move-self', 'attrib', 'close-write'];
const APPEARING: readonly FileChange[] = ['create', 'moved-to'];

/** A file that appeared with its content and is never closed (a link to an unnamed one) is read after that time. */
const UNCLOSED_MS = 1000;
/** How often a way may change while it is being watched, before its next change is waited for. */
const CHAIN_ATTEMPTS = 5;

/** Errors of a path that is not there or may not be read: reading it says so. */
const NOT_THERE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP']);

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

const isBelow = (path: string, above: string): boolean =>
  above === '' || path === above || path.startsWith(`${above}/`);

const sameChain = (a: readonly ChainLink[], b: readonly ChainLink[]): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

/**
 * Watches configuration directories with inotify: every searched directory, the way to each, and the targets of links.
 * It only tells which paths may have changed; whoever reads them tells it what it meets, and what is gone.
 */
export class ConfigurationWatch {
  readonly #places: readonly ConfLocation[];
  readonly #ports: ConfigurationWatchPorts;
  readonly #table: WatchTable;
  readonly #cancels = new Set<() => void>();
  readonly #warned = new Set<string>();
  #changed = new Map<number, Set<string>>();
  #due = false;

  /** @throws SystemError where no watch can be had */
  constructor(places: readonly ConfLocation[], ports: ConfigurationWatchPorts) {
    this.#places = places;
    this.#ports = ports;
    this.#table = new WatchTable(ports.openWatch((events) => this.#receive(events)));
  }

  /** All of a place is about to be read: watch the way there. */
  root(place: number): void {
    const path = this.#places[place]?.path;
    if (path !== undefined) this.#watchChain(`${place}\0way`, resolve(path), () => this.#touch(place, ''));
  }

  /** A directory is about to be searched. */
  directory(place: number, path: string): void {
    const full = this.#fullPath(place, path);
    this.#add(`${place}\0dir\0${path}`, full, CONTENT, (event) => this.#onContent(place, path, event));
  }

  /** A link is about to be followed. */
  link(place: number, path: string): void {
    const full = resolve(this.#fullPath(place, path));
    this.#watchChain(`${place}\0link\0${path}`, full, () => this.#touch(place, path));
  }

  /** What was at or below a path is to be read again: forget it. */
  forget(place: number, path: string): void {
    for (const group of this.#table.groups()) {
      const [owner, , below] = group.split('\0');
      if (Number(owner) === place && below !== undefined && isBelow(below, path)) this.#table.drop(group);
    }
  }

  /** Tell now of what is known to have changed. */
  settle(): void {
    if (!this.#due) return;
    const changed = this.#changed;
    this.#changed = new Map();
    this.#due = false;
    this.#ports.changed(changed);
  }

  close(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
    this.#due = false;
    this.#table.close();
  }

  #receive(events: readonly InotifyEvent[]): void {
    for (const event of events) {
      if (event.kind === 'overflow' || event.kind === 'unmount') this.#touchAll();
      else if (event.kind === 'ignored') this.#table.forget(event.watch);
      else this.#table.deliver(event);
    }
  }

  /** News was lost, or everything below some directory is gone: look at everything anew. */
  #touchAll(): void {
    for (const place of this.#places.keys()) this.#touch(place, '');
  }

  #onContent(place: number, dir: string, { kind, name, directory }: WatchEvent): void {
    if (name === undefined) {
      if (kind === 'attrib') this.#touch(place, dir);
      return;
    }
    if (confFileKind(name) === undefined && !(directory && isEnteredDirectory(name))) return;
    const path = dir === '' ? name : `${dir}/${name}`;
    if (kind === 'create' && !directory) this.#onCreated(place, path);
    else this.#touch(place, path);
  }

  /**
   * A new file is still to be written; a link, symbolic or hard, has its content already, also where it is the only name by now:
   * making and removing names has changed the file since its birth.
   */
  #onCreated(place: number, path: string): void {
    const full = this.#fullPath(place, path);
    const stats = lstatSync(full, { throwIfNoEntry: false });
    if (stats === undefined) return;
    const isChanged = stats.size === 0 && stats.ctimeMs > stats.birthtimeMs;
    if (!stats.isFile() || stats.nlink > 1 || isChanged) this.#touch(place, path);
    else this.#later(UNCLOSED_MS, () => this.#touch(place, path));
  }

  #touch(place: number, path: string): void {
    const paths = this.#changed.get(place) ?? new Set();
    this.#changed.set(place, paths.add(path));
    if (this.#due) return;
    this.#due = true;
    this.#later(0, () => this.settle());
  }

  #later(delayMs: number, act: () => void): void {
    const { clock } = this.#ports;
    const cancel = clock.at(clock.now() + delayMs, () => {
      this.#cancels.delete(cancel);
      act();
    });
    this.#cancels.add(cancel);
  }

  /** The way may change while it is being watched: look again until it has not. */
  #watchChain(group: string, path: string, changed: () => void): void {
    let chain = pathChain(path, this.#ports.root);
    for (let attempt = 0; attempt < CHAIN_ATTEMPTS; attempt += 1) {
      this.#table.drop(group);
      for (const [index, link] of chain.entries()) this.#watchLink(group, link, index === chain.length - 1, changed);
      const now = pathChain(path, this.#ports.root);
      if (sameChain(chain, now)) return;
      chain = now;
    }
    changed();
  }

  #watchLink(group: string, link: ChainLink, isLast: boolean, changed: () => void): void {
    if (link.kind === 'missing') {
      this.#add(group, link.path, APPEARING, ({ name }) => {
        if (name === link.name) changed();
      });
      return;
    }
    const isDirectory = lstatSync(link.path, { throwIfNoEntry: false })?.isDirectory() ?? false;
    const changes = isDirectory ? PASSED : ENDED;
    const relevant = new Set<string>(isLast || !isDirectory ? changes : PASSED);
    this.#add(group, link.path, changes, ({ kind, name }) => {
      if (name === undefined && relevant.has(kind)) changed();
    });
  }

  #add(group: string, path: string, changes: readonly FileChange[], listener: WatchListener): void {
    try {
      this.#table.add(group, path, changes, listener, { noFollow: group.split('\0')[1] !== 'dir' });
    } catch (error) {
      const code = codeOf(error);
      if (!NOT_THERE.has(code)) this.#warn(code, path, error);
    }
  }

  #warn(code: string, path: string, error: unknown): void {
    if (this.#warned.has(code)) return;
    this.#warned.add(code);
    const reason = error instanceof Error ? error.message : String(error);
    const advice =
      code === 'ENOSPC' ? '; raise fs.inotify.max_user_watches, or reload the configuration after changes' : '';
    this.#ports.warn(`${dirname(path)}: Unable to watch configuration directory: ${reason}${advice}`);
  }

  #fullPath(place: number, path: string): string {
    const root = this.#places[place]?.path ?? '';
    return path === '' ? root : join(root, path);
  }
}
