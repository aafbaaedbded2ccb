import type { LogPriority } from '@maverick/engine';
import type { CommandHandler } from '../command.js';

/** `log-priority [PRIORITY]`: asks, or sets and prints nothing. */
export const logPriority: CommandHandler = async ({ operands, connect, output }) => {
  const [priority] = operands;
  const upstart = await connect();
  if (priority === undefined) {
    const current = await upstart.logPriority();
    output.answer(
      () => ({ priority: current }),
      () => current,
    );
  }
  // The daemon knows the names, and says so if this is not one of them.
  else await upstart.setLogPriority(priority as LogPriority);
};
