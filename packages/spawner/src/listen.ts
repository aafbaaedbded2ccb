import { lstatSync, unlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { native } from './native.js';
import { formatAddress, type SocketAddress } from './socket-address.js';
import { checked, checkedUnlessBusy, SystemError } from './system-error.js';

/** Types of socket; the position is the addon's number. */
const SOCKET_TYPES = ['stream', 'dgram', 'seqpacket', 'raw'] as const;

/** `raw` is for netlink. */
export type SocketType = (typeof SOCKET_TYPES)[number];

/** What can be switched on before a socket is bound, and the addon's bit. */
const OPTION_BITS = {
  /** Take over an address whose last connections are still being closed. True unless given, for inet and inet6. */
  reuseAddress: 1,
  /** Share the address with other sockets of this user that ask for it, too; connections are spread over them. */
  reusePort: 2,
  /** Look now and then whether a silent peer is still there. */
  keepAlive: 4,
  /** Bind to an address that this machine does not have, or not yet. */
  freeBind: 8,
  /** The same, and receive what is routed to foreign addresses; needs CAP_NET_ADMIN. */
  transparent: 16,
  /** inet6 only: leave IPv4 alone. True unless given, so that `::` and `0.0.0.0` can both be bound. */
  v6Only: 32,
  /** unix and netlink: what is received tells who sent it. */
  passCredentials: 64,
} as const;

export type SocketOptions = { readonly [Name in keyof typeof OPTION_BITS]?: boolean };

/** A socket to be bound. */
export interface ListenSpec extends SocketOptions {
  readonly address: SocketAddress;
  /** `stream` unless given. */
  readonly type?: SocketType;
  /** The protocol's number, 0 unless given: the family's and type's own. For netlink the kind, see netlink(7). */
  readonly protocol?: number;
  /**
   * `stream` and `seqpacket` listen: how many connections may wait to be accepted. The most that the system allows
   * unless given (`net.core.somaxconn`). Negative: only bind.
   */
  readonly backlog?: number;
  /**
   * For a path: the file's exact permissions whatever the umask, and its owner. Nobody can connect before they are
   * set. Without it the umask decides, and the file is ours.
   */
  readonly file?: { readonly mode: number; readonly uid?: number; readonly gid?: number };
  /** For a path: remove a socket that is there already if nobody listens on it any more. */
  readonly replaceStale?: boolean;
}

/** More than any system allows; it takes what it can. */
const MOST = 0x7fffffff;

const optionsOf = (spec: ListenSpec): number => {
  const inet = spec.address.family === 'inet' || spec.address.family === 'inet6';
  const given: SocketOptions = { reuseAddress: inet, v6Only: spec.address.family === 'inet6', ...spec };
  let options = 0;
  for (const [name, bit] of Object.entries(OPTION_BITS)) if (given[name as keyof SocketOptions]) options |= bit;
  return options;
};

const backlogOf = (spec: ListenSpec): number =>
  spec.type === 'dgram' || spec.type === 'raw' ? -1 : (spec.backlog ?? MOST);

const bind = (spec: ListenSpec): number =>
  native.socketBind({
    address: spec.address,
    type: SOCKET_TYPES.indexOf(spec.type ?? 'stream'),
    protocol: spec.protocol ?? 0,
    backlog: backlogOf(spec),
    options: optionsOf(spec),
    ...spec.file,
  });

/** Remove a socket's file that was left behind: it is a socket, and nobody answers there. */
const removeIfStale = ({ address, type }: ListenSpec): boolean => {
  if (address.family !== 'unix' || address.path.startsWith('@')) return false;
  if (lstatSync(address.path, { throwIfNoEntry: false })?.isSocket() !== true) return false;
  try {
    native.closeFd(connectSocket(address, type));
    return false;
  } catch (error) {
    if (!(error instanceof SystemError && error.code === 'ECONNREFUSED')) return false;
  }
  unlinkSync(address.path);
  return true;
};

/**
 * A socket that is bound to an address, and listens there if its type has connections. Its file is the caller's to
 * remove.
 * @returns a descriptor of ours: non-blocking, close-on-exec
 * @throws SystemError `EADDRINUSE`; `EADDRNOTAVAIL` when the machine has no such address (see `freeBind`); `EACCES` for
 *   ports below `net.ipv4.ip_unprivileged_port_start` without CAP_NET_BIND_SERVICE; `EINVAL` for what is no address or
 *   port; `ENODEV` for an unknown interface; `ENAMETOOLONG`; `ENOPROTOOPT` for an option that the family has not; the
 *   socket's file is gone again if its owner can't be set (`EPERM`: needs CAP_CHOWN)
 * @see bind(2), listen(2), socket(7), ip(7), ipv6(7), unix(7)
 */
export const listenSocket = (spec: ListenSpec): number => {
  let fd = bind(spec);
  if (fd === -constants.errno.EADDRINUSE && spec.replaceStale === true && removeIfStale(spec)) fd = bind(spec);
  return checked(fd, 'bind', formatAddress(spec.address));
};

/**
 * Connect to an address. A TCP connection may still be under way: the descriptor becomes writable when it is there.
 * @throws SystemError `ECONNREFUSED`, `ENOENT`, `EAGAIN` when too many wait at a unix socket
 */
export const connectSocket = (address: SocketAddress, type: SocketType = 'stream', protocol = 0): number =>
  checked(
    native.socketOpen({ address, type: SOCKET_TYPES.indexOf(type), protocol }),
    'connect',
    formatAddress(address),
  );

/** A connection that was accepted, and where it comes from. */
export interface Accepted {
  /** Non-blocking, close-on-exec, and the caller's to close. */
  readonly fd: number;
  readonly peer: SocketAddress;
}

/**
 * The next waiting connection; undefined when there is none. A connection that its peer has already given up is
 * skipped. To learn that one waits without accepting it, use `watchFd`.
 * @throws SystemError `EMFILE`, `ENFILE`: the connection goes on waiting
 */
export const acceptSocket = (listener: number): Accepted | undefined => {
  const accepted = native.socketAcceptFrom(listener);
  if (typeof accepted !== 'number') return accepted;
  checkedUnlessBusy(accepted, 'accept');
  return undefined;
};
