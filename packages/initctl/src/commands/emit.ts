import type { CommandHandler } from '../command.js';
import { InitctlError } from '../errors.js';

/** `emit EVENT [KEY=VALUE]...`: prints nothing. */
export const emit: CommandHandler = async ({ operands, options, connect }) => {
  const [event, ...env] = operands;
  if (event === undefined) throw new InitctlError('missing-event-name', {});
  const upstart = await connect();
  await upstart.emit(event, env, { wait: !options.has('no-wait') });
};
