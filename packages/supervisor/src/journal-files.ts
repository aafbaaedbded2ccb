import { closeSync, constants, fstatSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { journalFileName } from '@maverick/engine';
import { lockFile } from '@maverick/spawner';
import type { Clock } from './clock.js';
import { SupervisorError } from './errors.js';

const MAX_BYTES = 8 * 1024 * 1024;
const FILES = 4;

/** How much of a journal is kept. */
export interface JournalBounds {
  /** A file that has grown so large is put away. Default 8 MiB. */
  readonly maxBytes?: number;
  /** So many files there are at most, the one that is written to included. Default 4. */
  readonly files?: number;
  /** So many lines may wait in memory to be written; more are dropped, and counted. Default 131072. */
  readonly pendingLines?: number;
  /** What the shares of sessions are measured by. Default: the machine's. */
  readonly clock?: Pick<Clock, 'now'>;
}

/** So much is kept of the whole journal, bytes. */
export const keptBytes = ({ maxBytes = MAX_BYTES, files = FILES }: JournalBounds): number => maxBytes * files;

/** The path of a journal's file by its age, 0 being the present one. */
const journalPath = (dir: string, age: number): string => join(dir, journalFileName(age));

const NEWLINE = 10;

const endsInLine = (fd: number, size: number): boolean => {
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last[0] !== NEWLINE;
};

/** Two writers would put each other's files away. The lock ends with the descriptor, so also with the process. */
const lockDirectory = (dir: string): number => {
  const fd = openSync(dir, constants.O_RDONLY | constants.O_DIRECTORY);
  if (lockFile(fd, 'exclusive')) return fd;
  closeSync(fd);
  throw new SupervisorError('JournalInUse', `${dir}: Somebody else writes the journal there`);
};

/** The files of a journal: one to write to, and a bounded number of older ones. */
export class JournalFiles {
  readonly dir: string;
  #lock: number;
  readonly #maxBytes: number;
  readonly #count: number;
  fd: number;
  #size: number;
  /** The file's last line is incomplete: whoever wrote it was killed, or the disk was full. */
  isTorn: boolean;

  /** @throws SupervisorError `JournalInUse`; the system's error where the file can't be opened */
  constructor(dir: string, { maxBytes = MAX_BYTES, files = FILES }: JournalBounds) {
    this.dir = dir;
    this.#maxBytes = maxBytes;
    this.#count = Math.max(1, files);
    this.#lock = lockDirectory(dir);
    this.fd = this.#openFirst();
    this.#size = fstatSync(this.fd).size;
    this.isTorn = endsInLine(this.fd, this.#size);
  }

  /** So many bytes have been written. */
  grew(bytes: number): void {
    this.#size += bytes;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  get isFull(): boolean {
    return this.#size >= this.#maxBytes;
  }

  /** Somebody has removed the file that is written to, or its directory. */
  get isGone(): boolean {
    return fstatSync(this.fd).nlink === 0;
  }

  /**
   * Go on in a file of the same name, in a directory of the same name.
   * @throws SupervisorError `JournalInUse`; the system's error; the removed file stays in use then
   */
  renew(): void {
    const hasDirectory = fstatSync(this.#lock).nlink > 0;
    const lock = hasDirectory ? this.#lock : lockDirectory(this.dir);
    try {
      this.#use(this.#open());
    } catch (error) {
      if (!hasDirectory) closeSync(lock);
      throw error;
    }
    if (!hasDirectory) closeSync(this.#lock);
    this.#lock = lock;
  }

  /**
   * Put the present file away and begin a new one; the oldest goes. Who reads the present one reads it to its end.
   * @throws the system's error; the present file stays in use then
   */
  rotate(): void {
    rmSync(journalPath(this.dir, this.#count - 1), { force: true });
    for (let age = this.#count - 2; age >= 0; age -= 1) this.#age(age);
    this.#use(this.#open());
  }

  #use(fd: number): void {
    closeSync(this.fd);
    this.fd = fd;
    this.#size = fstatSync(fd).size;
    this.isTorn = endsInLine(fd, this.#size);
  }

  close(): void {
    closeSync(this.fd);
    closeSync(this.#lock);
  }

  #openFirst(): number {
    try {
      return this.#open();
    } catch (error) {
      closeSync(this.#lock);
      throw error;
    }
  }

  #age(age: number): void {
    try {
      renameSync(journalPath(this.dir, age), journalPath(this.dir, age + 1));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }

  #open(): number {
    const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
    return openSync(journalPath(this.dir, 0), O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  }
}
