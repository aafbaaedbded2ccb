import { native } from './native.js';
import { SystemError } from './system-error.js';

/** Where a socket is. */
export type SocketAddress =
  | {
      readonly family: 'inet';
      /** `127.0.0.1`; `0.0.0.0` is every address. No host names. */
      readonly address: string;
      /** 0 when binding: the system chooses one, see {@link socketAddress}. */
      readonly port: number;
    }
  | {
      readonly family: 'inet6';
      /** `::1`; a link-local address needs its interface, by name or number: `fe80::1%eth0`. */
      readonly address: string;
      readonly port: number;
    }
  | {
      readonly family: 'unix';
      /** A file, or `@name` for an abstract name of exactly these bytes; `` for a socket without a name. */
      readonly path: string;
    }
  | {
      readonly family: 'netlink';
      /** Multicast groups to hear, a bit each. */
      readonly groups: number;
      /** Which netlink socket; 0 is the kernel. Only in answers. */
      readonly port?: number;
    };

/** An address as text, as in an event or a message: `127.0.0.1:80`, `[::1]:80`, `@name`, `/run/x`. */
export const formatAddress = (address: SocketAddress): string => {
  switch (address.family) {
    case 'inet':
      return `${address.address}:${address.port}`;
    case 'inet6':
      return `[${address.address}]:${address.port}`;
    case 'unix':
      return address.path;
    case 'netlink':
      return `netlink:${address.groups}`;
    default:
      return unreachable(address);
  }
};

const unreachable = (value: never): never => {
  throw new TypeError(`unknown kind of address: ${JSON.stringify(value)}`);
};

const addressOf = (fd: number, ofPeer: boolean): SocketAddress => {
  const address = native.socketAddress(fd, ofPeer);
  if (typeof address === 'number') throw new SystemError(ofPeer ? 'getpeername' : 'getsockname', -address);
  return address;
};

/** Where a socket is bound: with the port that was chosen for it. */
export const socketAddress = (fd: number): SocketAddress => addressOf(fd, false);

/**
 * What a socket is connected to.
 * @throws SystemError `ENOTCONN`
 */
export const peerAddress = (fd: number): SocketAddress => addressOf(fd, true);
