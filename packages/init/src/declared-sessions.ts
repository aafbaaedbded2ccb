import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type FileChange, type Inotify, type InotifyEvent, watchInotify } from '@maverick/spawner';
import type { Supervisor } from '@maverick/supervisor';
import { messageOf } from './attempt.js';
import { parseDeclaration, type SessionDeclaration } from './session-declaration.js';

export interface DeclaredSessionsOptions {
  readonly supervisor: Pick<Supervisor, 'openSession' | 'closeSession'>;
  /** Directories of `.session` files, which need not be there. */
  readonly dirs: readonly string[];
  /** Root directories that the command line names. */
  readonly roots: readonly string[];
  /** Emitted in each session that is not `manual`, as it is opened. Absent: none. */
  readonly startupEvent?: string;
  readonly warn: (message: string) => void;
}

const SUFFIX = '.session';
/** A declaration is a few lines. */
const MOST_BYTES = 64 * 1024;

const CHANGES: readonly FileChange[] = ['create', 'close-write', 'moved-from', 'moved-to', 'delete', 'delete-self'];
const APPEARING: readonly FileChange[] = ['create', 'moved-to'];

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

/** Opens the sessions that are declared, at the start and as files come, and closes them when their files go. */
export class DeclaredSessions {
  readonly #options: DeclaredSessionsOptions;
  /** The session that is open because of a file. */
  readonly #byFile = new Map<string, string>();
  /** Those that the command line names: they stay. */
  readonly #named = new Set<string>();
  #watch: Inotify | undefined;

  constructor(options: DeclaredSessionsOptions) {
    this.#options = options;
  }

  /** Read everything, now and whenever a file changes. */
  start(): void {
    for (const root of this.#options.roots) {
      const opened = this.#open(`--chroot-session=${root}`, { spec: { kind: 'chroot', root }, manual: false });
      if (opened !== undefined) this.#named.add(opened);
    }
    this.load();
  }

  /** Read every file again. */
  load(): void {
    // First the watch: what changes while we read is read again.
    this.#watchAll();
    const files = this.#options.dirs.flatMap((dir) => this.#filesIn(dir));
    for (const [file, session] of [...this.#byFile]) {
      if (files.includes(file)) continue;
      this.#byFile.delete(file);
      this.#closeUnlessDeclared(session);
    }
    for (const file of files) this.#read(file);
  }

  /** Watch nothing any more. */
  close(): void {
    this.#watch?.close();
    this.#watch = undefined;
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
      if (parsed.ok) this.#declare(file, parsed);
      else this.#options.warn(`${file}:${parsed.line === undefined ? '' : `${parsed.line}:`} ${parsed.message}`);
    } catch (error) {
      if (!isMissing(error)) this.#options.warn(`${file}: ${messageOf(error)}`);
    }
  }

  #declare(file: string, declaration: SessionDeclaration): void {
    const before = this.#byFile.get(file);
    const session = this.#open(file, declaration);
    if (session === undefined) return;
    this.#byFile.set(file, session);
    // The file declares another session now.
    if (before !== undefined) this.#closeUnlessDeclared(before);
  }

  /** @returns undefined for one that can't be had, which is told */
  #open(by: string, { spec, manual }: SessionDeclaration): string | undefined {
    const { supervisor, startupEvent, warn } = this.#options;
    const opened = supervisor.openSession(spec, manual || startupEvent === undefined ? {} : { startupEvent });
    if (opened.ok) return opened.session;
    warn(`${by}: ${opened.message}`);
    return undefined;
  }

  #closeUnlessDeclared(session: string): void {
    const isDeclared = this.#named.has(session) || [...this.#byFile.values()].includes(session);
    if (!isDeclared) this.#options.supervisor.closeSession(session);
  }

  #watchAll(): void {
    const { dirs, warn } = this.#options;
    try {
      this.#watch ??= watchInotify((events) => {
        if (events.some((event) => this.#isNews(event))) this.load();
      }).unref();
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
