import type { RemoteInstance } from '@maverick/dbus/client';
import type { CommandHandler } from '../command.js';
import { InitctlError } from '../errors.js';
import { isGone } from '../instance-status.js';
import { findInstance, findJob } from '../job-reference.js';

/** `reload JOB [KEY=VALUE]...`: prints nothing. */
export const reload: CommandHandler = async (context) => {
  const instance = await findInstance(await findJob(context));
  try {
    await instance.reload();
  } catch (error) {
    if (!isGone(error)) throw error;
    await hangUp(instance);
  }
};

/** For a daemon older than the Reload method: what it does, done from here. */
const hangUp = async (instance: RemoteInstance): Promise<void> => {
  const { processes } = await instance.status();
  const main = processes.find(({ role }) => role === 'main');
  if (main === undefined) throw new InitctlError('not-running', {});
  process.kill(main.pid, 'SIGHUP');
};
