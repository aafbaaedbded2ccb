import type { JournalFilter } from '@maverick/engine';
import type { CallMessage, Received } from './message.js';
import { encode, stampSerial } from './wire.js';

/*
 * What of D-Bus goes on when the daemon becomes another program of the same process: JSON-safe, but its descriptors mean
 * something in this process only. A later version reads what an earlier one has written.
 */

/** A connection as it was. */
export interface KeptConnection {
  readonly fd: number;
  /** Of the last message that was sent. */
  readonly serial: number;
  /** What has come and has not been taken, base64. */
  readonly unread: string;
  /** Descriptors that have come and wait for their message. */
  readonly fds: readonly number[];
  /** What the socket has not taken yet, base64. */
  readonly unsent: string;
  /** What the peer has said so far, base64, where it still authenticates. */
  readonly handshake?: string;
}

/** A call that has no answer yet. */
export interface KeptCall {
  readonly serial: number;
  /** On a bus: whose it is. */
  readonly sender?: string;
  /** What the model knows the answer by. */
  readonly token: number;
  /** Whether the answer names the instance. */
  readonly namesInstance: boolean;
}

/** Somebody who hears every line of the journal. */
export interface KeptFollower {
  readonly id: number;
  readonly filter: JournalFilter;
}

/** A client of a private socket. */
export interface KeptClient extends KeptConnection {
  readonly calls: readonly KeptCall[];
  readonly followers: readonly KeptFollower[];
  /** It took the socket for a bus, and is told who signals are from. Absent: false. */
  readonly tookForBus?: boolean;
}

/** A private socket with its clients. */
export interface KeptServer {
  readonly address: string;
  readonly listener: number;
  readonly guid: string;
  readonly clients: readonly KeptClient[];
  /** In which session its callers are, whoever they are. Absent: it is found from each. */
  readonly session?: string;
}

/** A daemon's place on a bus. */
export interface KeptMember {
  readonly address: string;
  readonly title: string;
  /** Absent: the daemon was not on the bus in this moment. */
  readonly connection?: KeptConnection & {
    readonly calls: readonly KeptCall[];
    /** When unique names came to be. Absent: nobody has listened. */
    readonly births?: readonly (readonly [name: string, at: number])[];
  };
}

const ofConnection = ({ fd, fds }: KeptConnection): number[] => [fd, ...fds];

/** The descriptors that must stay open. */
export const keptDescriptors = (servers: readonly KeptServer[], member?: KeptMember): number[] => [
  ...servers.flatMap(({ listener, clients }) => [listener, ...clients.flatMap(ofConnection)]),
  ...(member?.connection === undefined ? [] : ofConnection(member.connection)),
];

/** A connection on which these calls will come once more, before what it has not read yet. */
export const withCalls = (
  kept: KeptConnection,
  calls: readonly { readonly message: Received<CallMessage>; readonly fds: readonly number[] }[],
): KeptConnection => {
  const bytes = calls.map(({ message }) => {
    const encoded = encode(message);
    stampSerial(encoded.bytes, message.serial);
    return encoded.bytes;
  });
  const unread = Buffer.concat([...bytes, Buffer.from(kept.unread, 'base64')]).toString('base64');
  return { ...kept, unread, fds: [...calls.flatMap(({ fds }) => fds), ...kept.fds] };
};
