import type { CommandHandler } from '../command.js';

/** `version`: the daemon's version, not the program's. */
export const version: CommandHandler = async ({ connect, output }) => {
  const upstart = await connect();
  output.message(await upstart.version());
};
