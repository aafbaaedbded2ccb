import type { CommandHandler } from '../command.js';

/** `reload-configuration`: prints nothing. */
export const reloadConfiguration: CommandHandler = async ({ connect }) => {
  const upstart = await connect();
  await upstart.reloadConfiguration();
};
