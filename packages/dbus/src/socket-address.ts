import { SystemError } from '@maverick/spawner/unix-sockets';
import type { SocketAddress } from './address.js';
import { DBusError } from './dbus-error.js';

/** A place as the socket calls take it: `@` begins an abstract name. */
export const socketName = ({ kind, name }: SocketAddress): string => {
  if (kind === 'abstract') return `@${name}`;
  return name.startsWith('@') ? `./${name}` : name;
};

/** The errors of the system that have a name on D-Bus. */
const NAMES: Readonly<Record<string, string>> = {
  ENOENT: 'FileNotFound',
  EACCES: 'AccessDenied',
  EPERM: 'AccessDenied',
  EADDRINUSE: 'AddressInUse',
  ECONNREFUSED: 'NoServer',
  EAGAIN: 'LimitsExceeded',
};

/** A failed system call as the error that libdbus would name it; anything else unchanged. */
export const systemErrorToDBus = (error: unknown): unknown =>
  error instanceof SystemError
    ? new DBusError(`org.freedesktop.DBus.Error.${NAMES[error.code] ?? 'Failed'}`, error.message, { cause: error })
    : error;
