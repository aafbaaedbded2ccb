import { connectUnix, errnoMessage, SystemError } from '@maverick/spawner/unix-sockets';
import { parseAddress, type SocketAddress } from './address.js';
import { DBusError } from './dbus-error.js';
import { socketName, systemErrorToDBus } from './socket-address.js';

/** The error of libdbus, word for word: clients print it. */
const connectError = (error: unknown, { name }: SocketAddress): unknown => {
  const named = systemErrorToDBus(error);
  if (!(named instanceof DBusError && error instanceof SystemError)) return named;
  const text = `Failed to connect to socket ${name}: ${errnoMessage(error.errno)}`;
  return new DBusError(named.name, text, { cause: error });
};

/**
 * Connect to the first of these addresses that answers. @returns the descriptor of the socket
 * @throws DBusError `…BadAddress`; for the last one `…FileNotFound`, `…NoServer`, `…AccessDenied`, with libdbus's text
 */
export const connectSocket = (address: string): number => {
  let failure: unknown;
  for (const place of parseAddress(address)) {
    try {
      return connectUnix(socketName(place));
    } catch (error) {
      failure = connectError(error, place);
    }
  }
  throw failure;
};

/** A daemon that takes no connection for so long will not take one. */
const FULL_LIMIT_MS = 30_000;
const FULL_RETRY_MS = 5;

const isFull = (error: unknown): boolean =>
  error instanceof DBusError && error.cause instanceof SystemError && error.cause.code === 'EAGAIN';

/** As {@link connectSocket}; where so many wait to be let in that there is no room in the line, wait for it. */
export const connectSocketWhenFree = async (address: string): Promise<number> => {
  // The clock and the timers are read from Node when they are needed, which is nearly never: a client starts in the
  // time that they take.
  let givenUp: number | undefined;
  for (;;) {
    try {
      return connectSocket(address);
    } catch (error) {
      givenUp ??= performance.now() + FULL_LIMIT_MS;
      if (!isFull(error) || performance.now() > givenUp) throw error;
      const { setTimeout } = await import('node:timers/promises');
      await setTimeout(FULL_RETRY_MS);
    }
  }
};
