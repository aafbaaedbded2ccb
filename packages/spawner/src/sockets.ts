import { native, type PeerCredentials } from './native.js';
import { checked, checkedUnlessBusy, SystemError } from './system-error.js';

export type { PeerCredentials };

/**
 * Connect to a unix stream socket.
 * @param address a path, or `@name` for the abstract name of exactly these bytes (unix(7)): Node's own `net` pads
 *   abstract names on some versions and then misses everybody else's sockets. A path that begins with `@` is written
 *   `./@path`.
 * @returns a descriptor of ours: non-blocking, close-on-exec
 * @throws SystemError `ECONNREFUSED` or `ENOENT` when nobody listens, `EAGAIN` when too many wait there already
 */
export const connectUnix = (address: string): number => checked(native.socketConnect(address), 'connect', address);

/**
 * Listen on a unix stream socket. A path is created with the umask's permissions and is the caller's to remove.
 * @param options.backlog how many connections may wait for `acceptUnix`; the kernel caps it at `net.core.somaxconn`
 * @throws SystemError `EADDRINUSE` when the address is taken (or a path was left behind)
 */
export const listenUnix = (address: string, options: { readonly backlog?: number } = {}): number =>
  checked(native.socketListen(address, options.backlog ?? 128), 'listen', address);

/** The next waiting connection, non-blocking and close-on-exec; undefined when there is none. */
export const acceptUnix = (listener: number): number | undefined =>
  checkedUnlessBusy(native.socketAccept(listener), 'accept');

/**
 * Send what fits of `data` from `offset` on, and descriptors with its first byte (they stay open here).
 * Never blocks and never raises SIGPIPE.
 * @param fds at most 253; only sent if at least one byte is
 * @returns the number of bytes sent (then the descriptors are sent, too); undefined when nothing fits now
 * @throws SystemError `EPIPE` or `ECONNRESET` when the peer is gone
 */
export const sendUnix = (fd: number, data: Uint8Array, offset = 0, fds: readonly number[] = []): number | undefined =>
  checkedUnlessBusy(native.socketSend(fd, data, offset, fds), 'sendmsg');

/** Bytes and descriptors that came together. `bytes` is 0 at the end of the stream. */
export interface Received {
  readonly bytes: number;
  /** Close-on-exec, and the caller's to close. */
  readonly fds: readonly number[];
}

/**
 * Receive what is there into `buffer`, with the descriptors that came with it.
 * @returns undefined when nothing is there now
 * @throws SystemError `ECONNRESET`; `EMFILE` when descriptors were lost because no more can be open: the stream is no
 *   longer whole and should be closed
 */
export const receiveUnix = (fd: number, buffer: Uint8Array): Received | undefined => {
  const fds: number[] = [];
  const bytes = checkedUnlessBusy(native.socketReceive(fd, buffer, fds), 'recvmsg');
  return bytes === undefined ? undefined : { bytes, fds };
};

/** Who is at the other end, by the kernel's word (`SO_PEERCRED`). */
export const peerCredentials = (fd: number): PeerCredentials => {
  const peer = native.peerCredentials(fd);
  if (typeof peer === 'number') throw new SystemError('getsockopt SO_PEERCRED', -peer);
  return peer;
};

/**
 * Have calls on a descriptor wait, as a program expects of what it is given. Whoever else has the same open file waits, too.
 * @throws SystemError `EBADF`
 */
export const setBlocking = (fd: number): void => {
  checked(native.setBlocking(fd), 'fcntl');
};

/**
 * Another descriptor of the same open file, close-on-exec: for who closes what it is given.
 * @throws SystemError `EBADF`, `EMFILE`
 */
export const duplicate = (fd: number): number => checked(native.duplicate(fd), 'fcntl F_DUPFD');

/** Close a descriptor. Close its watch first. */
export const closeFd = (fd: number): void => {
  checked(native.closeFd(fd), 'close');
};
