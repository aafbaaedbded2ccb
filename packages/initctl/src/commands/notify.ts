import type { CommandHandler } from '../command.js';
import { InitctlError } from '../errors.js';

/** `notify-cgroup-manager-address ADDRESS`: prints nothing. */
export const notifyCGroupManagerAddress: CommandHandler = async ({ operands: [address], connect }) => {
  if (address === undefined) throw new InitctlError('missing-address', {});
  const upstart = await connect();
  await upstart.notifyCGroupManagerAddress(address);
};

/** `notify-dbus-address ADDRESS`: prints nothing. */
export const notifyDBusAddress: CommandHandler = async ({ operands: [address], connect }) => {
  if (address === undefined) throw new InitctlError('missing-dbus-address', {});
  const upstart = await connect();
  await upstart.notifyDBusAddress(address);
};

/** `notify-disk-writeable`: prints nothing. */
export const notifyDiskWriteable: CommandHandler = async ({ connect }) => {
  const upstart = await connect();
  await upstart.notifyDiskWriteable();
};
