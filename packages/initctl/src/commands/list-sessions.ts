import type { CommandHandler } from '../command.js';
import { isAlive, sessionFiles } from '../session-files.js';

/** `list-sessions`: needs no daemon. */
export const listSessions: CommandHandler = async ({ env, output }) => {
  for (const { path, pid, address } of sessionFiles(env.XDG_RUNTIME_DIR)) {
    if (isAlive(pid)) output.message(`${pid} ${address}`);
    else output.info(`Ignoring stale session file: ${path}`);
  }
};
