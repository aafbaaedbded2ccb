import { DBusError } from '@maverick/dbus';
import type { Supervisor } from '@maverick/supervisor';
import { hindrances } from './hindrances.js';

const failed = (error: unknown): DBusError =>
  new DBusError('org.freedesktop.DBus.Error.Failed', error instanceof Error ? error.message : String(error));

/** What clients have the daemon do with the files that it holds open. */
export class FileHolding {
  readonly #supervisor: Supervisor;
  readonly #journalDir: string | undefined;

  /** @param journalDir where the journal is as a rule; absent: nowhere */
  constructor(supervisor: Supervisor, journalDir: string | undefined) {
    this.#supervisor = supervisor;
    this.#journalDir = journalDir;
  }

  release(journalDir: string | undefined, answer: (result: DBusError | readonly string[]) => void): void {
    this.#supervisor
      .releaseFiles(journalDir === undefined ? {} : { journalDir })
      .then(() => hindrances())
      .then(answer, (error: unknown) => answer(failed(error)));
  }

  resume(answer: (failure?: DBusError) => void): void {
    this.#supervisor.resumeFiles({ journalDir: this.#journalDir }).then(
      () => answer(),
      (error: unknown) => answer(failed(error)),
    );
  }
}
