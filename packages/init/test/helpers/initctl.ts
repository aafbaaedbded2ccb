import { type ExecFileException, execFile } from 'node:child_process';
import { join } from 'node:path';
import type { TestDaemon } from './test-daemon.js';

const INITCTL = join(import.meta.dirname, '../../../initctl/bin/initctl.js');

/** How a command ended. */
export interface Ran {
  readonly status: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Run `initctl` against a daemon. */
export const initctl = (daemon: TestDaemon, ...words: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const { PATH = '' } = process.env;
    const env = { PATH, UPSTART_SESSION: daemon.address };
    const done = (error: ExecFileException | null, stdout: string, stderr: string) =>
      resolve({ status: error === null ? 0 : error.code, stdout, stderr });
    execFile(process.execPath, [INITCTL, ...words], { env, timeout: 60_000 }, done);
  });
