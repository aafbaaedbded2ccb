import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  type FileChange,
  type Inotify,
  type InotifyEvent,
  type MountWatch,
  watchInotify,
  watchMounts,
} from '@maverick/spawner';
import type { Supervisor } from '@maverick/supervisor';
import { messageOf } from './attempt.js';
import { parseDeclaration, type SessionDeclaration } from './session-declaration.js';

/** A declaration that was met. */
export interface KeptDeclaration {
  /** Its file, or the option of the command line. */
  readonly by: string;
  readonly declaration: SessionDeclaration;
  /** The session that was opened for it. */
  readonly session: string;
}

export interface DeclaredSessionsOptions {
  readonly supervisor: Pick<Supervisor, 'openSession' | 'closeSession' | 'lookAtSessions' | 'subscribe'>;
  /** Directories of `.session` files, which need not be there. */
  readonly dirs: readonly string[];
  /** Root directories that the command line names. */
  readonly roots: readonly string[];
  /** Emitted in each session that is not `manual`, as it is opened. Absent: none. */
  readonly startupEvent?: string;
  /** Those of the daemon before: what is not declared any more is closed, what a client has closed stays closed. Default: none. */
  readonly kept?: readonly KeptDeclaration[];
  readonly warn: (message: string) => void;
}

const SUFFIX = '.session';
/** A declaration is a few lines. */
const MOST_BYTES = 64 * 1024;

const CHANGES: readonly FileChange[] = ['create', 'close-write', 'moved-from', 'moved-to', 'delete', 'delete-self'];
const APPEARING: readonly FileChange[] = ['create', 'moved-to'];

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

/** The directories on the way to a path, nearest first. */
const directoriesAbove = (path: string): string[] => {
  const above = dirname(path);
  return above === path ? [] : [above, ...directoriesAbove(above)];
};

/**
 * Opens the sessions that are declared, at the start, as files come, and as what they are of comes, and closes them when their
 * files go.
 */
export class DeclaredSessions {
  readonly #options: DeclaredSessionsOptions;
  /** What every declaration says, by its file or option. */
  readonly #declared = new Map<string, SessionDeclaration>();
  /** The session that is open because of a declaration. One that a client has closed stays closed until it is declared anew. */
  readonly #met = new Map<string, string>();
  /** Those that went while they were opened. */
  readonly #gone = new Set<string>();
  /** What is wrong with those that can't be had, as it was told. */
  readonly #told = new Map<string, string>();
  #watch: Inotify | undefined;
  #mounts: MountWatch | undefined;
  #unsubscribe: (() => void) | undefined;
  #looksSoon = false;
  #mounted = false;

  constructor(options: DeclaredSessionsOptions) {
    this.#options = options;
    for (const { by, declaration, session } of options.kept ?? []) {
      this.#declared.set(by, declaration);
      this.#met.set(by, session);
    }
  }

  /** For the daemon after this one. */
  get kept(): readonly KeptDeclaration[] {
    return [...this.#met].flatMap(([by, session]) => {
      const declaration = this.#declared.get(by);
      return declaration === undefined ? [] : [{ by, declaration, session }];
    });
  }

  /** Read everything, now and whenever a file changes. */
  start(): void {
    const { roots, supervisor } = this.#options;
    this.#unsubscribe = supervisor.subscribe((event) => {
      if (event.kind === 'session-gone') this.#lost(event.session);
      // What comes back meanwhile has to wait for it.
      if (event.kind === 'session-closed') this.#lookSoon();
    });
    for (const root of roots) {
      this.#declared.set(`--chroot-session=${root}`, { spec: { kind: 'chroot', root }, manual: false });
    }
    this.load();
  }

  /**
   * Read every file again.
   * @param anew also what is declared as before is to be there, though a client has closed it
   */
  load(anew = false): void {
    // First the watch: what changes while we read is read again.
    this.#watchAll();
    const files = this.#options.dirs.flatMap((dir) => this.#filesIn(dir));
    for (const by of [...this.#declared.keys()]) {
      if (!by.startsWith('--') && !files.includes(by)) this.#forget(by);
    }
    const before = new Map(this.#declared);
    for (const file of files) this.#read(file);
    for (const [by, declaration] of this.#declared) {
      const isSame = this.#met.has(by) && isDeepStrictEqual(before.get(by), declaration);
      if (anew || !isSame) this.#meet(by, declaration);
    }
    this.#meetOthers();
  }

  /** Watch nothing any more. */
  close(): void {
    this.#unsubscribe?.();
    this.#watch?.close();
    this.#mounts?.close();
    this.#watch = undefined;
    this.#mounts = undefined;
  }

  /** Its directory may come back. */
  #lost(session: string): void {
    this.#gone.add(session);
    for (const [by, met] of [...this.#met]) if (met === session) this.#met.delete(by);
    this.#lookSoon();
  }

  #forget(file: string): void {
    const session = this.#met.get(file);
    for (const known of [this.#declared, this.#met, this.#told]) known.delete(file);
    if (session !== undefined) this.#closeUnlessDeclared(session);
  }

  /** Once for changes that come together, and not from within what tells of one. */
  #lookSoon(mounted = false): void {
    this.#mounted ||= mounted;
    if (this.#looksSoon || this.#watch === undefined) return;
    this.#looksSoon = true;
    setImmediate(() => {
      this.#looksSoon = false;
      if (this.#watch === undefined) return;
      if (this.#mounted) this.#options.supervisor.lookAtSessions();
      this.#mounted = false;
      this.#meetOthers();
    });
  }

  /** Those that are not met: what comes while we look is on a way that is watched by then. */
  #meetOthers(): void {
    for (let before: string | undefined; ; ) {
      const ways = this.#watchWays();
      if (ways === before) return;
      before = ways;
      for (const [by, declaration] of this.#declared) if (!this.#met.has(by)) this.#meet(by, declaration);
    }
  }

  #filesIn(dir: string): string[] {
    try {
      const names = readdirSync(dir).filter((name) => name.endsWith(SUFFIX) && !name.startsWith('.'));
      return names.sort().map((name) => join(dir, name));
    } catch (error) {
      if (!isMissing(error)) this.#options.warn(`${dir}: ${messageOf(error)}`);
      return [];
    }
  }

  /** A file that is broken now leaves its session as it is. */
  #read(file: string): void {
    try {
      const stats = statSync(file);
      if (!stats.isFile() || stats.size > MOST_BYTES) throw new Error(`expected a file of at most ${MOST_BYTES} bytes`);
      const text = readFileSync(file, 'utf8');
      // It is about to be written.
      if (text === '') return;
      const parsed = parseDeclaration(text);
      if (parsed.ok) this.#declared.set(file, parsed);
      else this.#options.warn(`${file}:${parsed.line === undefined ? '' : `${parsed.line}:`} ${parsed.message}`);
    } catch (error) {
      if (!isMissing(error)) this.#options.warn(`${file}: ${messageOf(error)}`);
    }
  }

  #meet(by: string, declaration: SessionDeclaration): void {
    this.#gone.clear();
    const session = this.#open(by, declaration);
    if (session === undefined || this.#gone.has(session)) return;
    const before = this.#met.get(by);
    this.#met.set(by, session);
    // The file declares another session now.
    if (before !== undefined) this.#closeUnlessDeclared(before);
  }

  /** @returns undefined for one that can't be had, which is told once */
  #open(by: string, { spec, manual }: SessionDeclaration): string | undefined {
    const { supervisor, startupEvent, warn } = this.#options;
    const opened = supervisor.openSession(spec, manual || startupEvent === undefined ? {} : { startupEvent });
    if (opened.ok) {
      this.#told.delete(by);
      return opened.session;
    }
    if (this.#told.get(by) !== opened.message) warn(`${by}: ${opened.message}`);
    this.#told.set(by, opened.message);
    return undefined;
  }

  #closeUnlessDeclared(session: string): void {
    if (![...this.#met.values()].includes(session)) this.#options.supervisor.closeSession(session);
  }

  /**
   * Root directories that are declared and not there: the next directory above that is there is where they begin to come.
   * @returns what is watched: the same once nothing has come meanwhile
   */
  #watchWays(): string {
    const missing = [...this.#declared].filter(([by, { spec }]) => !this.#met.has(by) && spec.kind === 'chroot');
    const ways = missing.map(([, { spec }]) => {
      const above = spec.kind === 'chroot' ? directoriesAbove(spec.root) : [];
      return above.find((directory) => this.#watchFor(directory));
    });
    return ways.join('\n');
  }

  #watchFor(directory: string): boolean {
    try {
      this.#watch?.add(directory, APPEARING, { onlyDirectory: true });
      return true;
    } catch {
      return false;
    }
  }

  #watchAll(): void {
    const { dirs, warn } = this.#options;
    try {
      this.#watch ??= watchInotify((events) => {
        if (events.some((event) => this.#isNews(event))) this.load();
        else this.#lookSoon();
      }).unref();
      this.#mounts ??= watchMounts(() => this.#lookSoon(true));
    } catch (error) {
      warn(`Unable to watch for declared sessions: ${messageOf(error)}`);
      return;
    }
    for (const dir of dirs) this.#watchDirectory(dir);
  }

  /** Above a directory that is not there other things happen, too. */
  #isNews(event: InotifyEvent): boolean {
    if (!('name' in event) || event.name === undefined) return event.kind !== 'ignored';
    const { name } = event;
    return name.endsWith(SUFFIX) || this.#options.dirs.some((dir) => basename(dir) === name);
  }

  /** Where it is not there, that above it is watched, where it can appear. */
  #watchDirectory(dir: string): void {
    try {
      this.#watch?.add(dir, CHANGES, { onlyDirectory: true });
    } catch {
      this.#watchAbove(dir);
    }
  }

  #watchAbove(dir: string): void {
    try {
      this.#watch?.add(dirname(dir), APPEARING, { onlyDirectory: true });
    } catch {
      // Nor is that: then the configuration is not there either, and reloading finds it.
    }
  }
}
