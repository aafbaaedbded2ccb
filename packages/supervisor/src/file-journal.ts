import { close, openSync, write } from 'node:fs';
import { join } from 'node:path';
import type { JournalLine, JournalSink } from './journal.js';
import { makeDirectory } from './make-directory.js';

/** The file's name in its directory. */
export const JOURNAL_FILE = 'journal.jsonl';
/** What may wait for a slow disk; more is dropped and counted. */
const MAX_PENDING_BYTES = 4 * 1024 * 1024;

/** Node 20 can't write an expression of tens of thousands of operators: such a line keeps what every line has. */
const textOf = (line: JournalLine): string => {
  try {
    return JSON.stringify(line);
  } catch (error) {
    const { at, time, what, session, job, instance, cause } = line;
    return JSON.stringify({ at, time, what, session, job, instance, cause, unwritable: String(error) });
  }
};

/**
 * A journal in a file: JSON lines, appended. Lines are collected and written together by Node's thread pool, so writing
 * never holds up a job. While the disk takes nothing, lines are dropped; the next line that can be written tells how many.
 */
class FileJournal implements JournalSink {
  readonly #fd: number;
  #pending: string[] = [];
  #pendingBytes = 0;
  #dropped = 0;
  #writing = false;
  #closed: (() => void) | undefined;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(line: JournalLine): void {
    if (this.#closed !== undefined) return;
    const text = `${textOf(line)}\n`;
    if (this.#pendingBytes + text.length > MAX_PENDING_BYTES) {
      this.#dropped += 1;
      return;
    }
    this.#pending.push(text);
    this.#pendingBytes += text.length;
    this.#flush();
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#closed = () => close(this.#fd, () => resolve());
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#writing) return;
    if (this.#pending.length === 0) {
      this.#closed?.();
      return;
    }
    this.#writing = true;
    // One write for all the lines of this turn of the event loop.
    setImmediate(() => this.#writeAll(this.#take()));
  }

  #take(): Buffer {
    if (this.#dropped > 0)
      this.#pending.unshift(`${JSON.stringify({ what: 'journal-dropped', lines: this.#dropped })}\n`);
    const text = Buffer.from(this.#pending.join(''));
    this.#dropped = 0;
    this.#pending = [];
    this.#pendingBytes = 0;
    return text;
  }

  #writeAll(data: Buffer): void {
    write(this.#fd, data, (error, written) => {
      if (error !== null) this.#dropped += data.toString().split('\n').length - 1;
      else if (written < data.length) return this.#writeAll(data.subarray(written));
      this.#writing = false;
      this.#flush();
    });
  }
}

/**
 * Open (or go on with) the journal of a directory, which is created where it is missing, with mode 0700.
 * @throws the system's error where the file can't be opened
 */
export const openJournal = (dir: string): JournalSink => {
  makeDirectory(dir, 0o700);
  return new FileJournal(openSync(join(dir, JOURNAL_FILE), 'a', 0o600));
};
