import type { CommandHandler } from '../command.js';
import { InitctlError } from '../errors.js';
import { watchProgress } from '../progress.js';

/** `emit EVENT [KEY=VALUE]...`: prints nothing. */
export const emit: CommandHandler = async (context) => {
  const { operands, options, connect } = context;
  const [event, ...env] = operands;
  if (event === undefined) throw new InitctlError('missing-event-name', {});
  const upstart = await connect();
  const wait = !options.has('no-wait');
  await watchProgress(context, { upstart, event }, `emit ${event}`, () => upstart.emit(event, env, { wait }));
};
