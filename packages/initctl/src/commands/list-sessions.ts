import type { CommandHandler } from '../command.js';
import { isAlive, type SessionFile, sessionFiles } from '../session-files.js';

/** `list-sessions`: needs no daemon. */
export const listSessions: CommandHandler = async ({ env, options, output }) => {
  const alive: SessionFile[] = [];
  for (const file of sessionFiles(env.XDG_RUNTIME_DIR)) {
    if (isAlive(file.pid)) alive.push(file);
    else if (!options.has('json')) output.info(`Ignoring stale session file: ${file.path}`);
  }
  output.answer(
    () => ({ sessions: alive.map(({ pid, address }) => ({ pid, address })) }),
    () => alive.map(({ pid, address }) => `${pid} ${address}`).join('\n'),
  );
};
