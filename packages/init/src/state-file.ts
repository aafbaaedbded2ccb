import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from './directories.js';
import type { Options } from './option-table.js';

/** Whether what a re-exec hands over is to be kept for people to look at: `--write-state-file`, or the variable. */
export const wantsStateFile = ({ writesStateFile }: Pick<Options, 'writesStateFile'>, env: Environment): boolean =>
  writesStateFile || env.UPSTART_WRITE_STATEFILE !== undefined;

/**
 * Write the state as `upstart.state` in the log directory, readable for its owner only.
 * @throws the system's error
 * @see spec: engine.md 7.6
 */
export const writeStateFile = (logDir: string, state: string): void => {
  const path = join(logDir, 'upstart.state');
  rmSync(path, { force: true });
  writeFileSync(path, state, { mode: 0o400, flag: 'wx' });
};
