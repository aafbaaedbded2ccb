import type { CommandHandler } from '../command.js';

/** `version`: the daemon's version, not the program's. */
export const version: CommandHandler = async ({ connect, output }) => {
  const upstart = await connect();
  const version = await upstart.version();
  output.answer(
    () => ({ version }),
    () => version,
  );
};
