import type { CommandHandler } from '../command.js';

/** `restart-init`: prints nothing. */
export const restartInit: CommandHandler = async ({ connect }) => {
  const upstart = await connect();
  await upstart.restart();
};
