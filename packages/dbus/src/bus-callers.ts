import { closeFd, type ProcessPin } from '@maverick/spawner';
import { isTrusted } from './access.js';
import { type BusCredentials, credentialsOf, nameHasOwner, unwatchName, watchName } from './bus-calls.js';
import { CallLines, type LinedCall } from './call-lines.js';
import { type ClientLink, newClient, releaseBelongings } from './client-link.js';
import type { Connection } from './connection.js';
import type { CallMessage, Received, SignalMessage } from './message.js';
import { peerOf } from './peer.js';
import type { CallOrigin } from './service.js';

/** So many callers are remembered; those who have not called for the longest time are asked about again. */
const MOST_KNOWN = 1024;
/** So many calls may wait for the bus to say who made them. */
const MOST_WAITING = 10_000;

/** A call that waits until it is known who made it. */
interface WaitingCall {
  readonly message: Received<CallMessage>;
  /** The descriptors of its arguments, in order. */
  readonly fds: readonly number[];
  /** The bytes of the message. */
  readonly size: number;
  take(origin: CallOrigin): void;
  /** The caller is gone. */
  drop(): void;
  /** Too many wait. */
  refuse(): void;
}

/** A call of a user, which waits for its turn. */
type GuestCall = LinedCall & { readonly call: WaitingCall };

/** Holds the process that has a unique name. */
type PinOf = (name: string, credentials: BusCredentials) => ProcessPin;

/** A caller that is known, or whose calls wait until it is. */
type Caller = { readonly origin: CallOrigin } | { readonly waiting: WaitingCall[] };

/** Something is kept for it, until it is gone. */
const mustBeWatched = ({ belongings, left }: ClientLink): boolean => belongings.size > 0 || left !== undefined;

/**
 * Who calls on a bus. A unique name means one connection of one process, for ever, so what the bus daemon says of it is
 * asked for once. Calls of one caller are taken in the order in which they came.
 */
export class BusCallers {
  private readonly connection: Connection;
  private readonly signal: (signal: SignalMessage) => void;
  /** The longest unused first. */
  private readonly callers = new Map<string, Caller>();
  /** Names that are watched, because something was set up for them. */
  private readonly watched = new Set<string>();
  private readonly pinOf: PinOf;
  private waiting = 0;
  private readonly guests = new CallLines<GuestCall>();
  private readonly daemonUid: number;

  /**
   * @param daemonUid whose calls, beside root's, are taken before others'
   * @param signal sends a signal, and takes care of what can't be sent
   */
  constructor(connection: Connection, daemonUid: number, signal: (signal: SignalMessage) => void, pinOf: PinOf) {
    this.connection = connection;
    this.daemonUid = daemonUid;
    this.signal = signal;
    this.pinOf = pinOf;
  }

  /** Take a call when it is known who made it, and it is their turn: root's at once. */
  identify(name: string, call: WaitingCall): void {
    const caller = this.callers.get(name);
    if (caller && 'origin' in caller) {
      this.callers.delete(name);
      this.callers.set(name, caller);
      this.take(name, caller.origin, call);
    } else if (this.waiting >= MOST_WAITING) call.refuse();
    else if (caller) {
      this.waiting += 1;
      caller.waiting.push(call);
    } else void this.ask(name, [call]);
  }

  /** A name has lost its owner: whoever it was does not come back. */
  left(name: string): void {
    const caller = this.callers.get(name);
    if (!this.watched.delete(name) || !caller || !('origin' in caller)) return;
    releaseBelongings(caller.origin.client);
    this.callers.delete(name);
    unwatchName(this.connection, name).catch(() => {});
  }

  /** Take no call any more. @returns those that have not been taken, in the order in which each caller's came */
  handOver(): readonly WaitingCall[] {
    const unidentified = [...this.callers.values()].flatMap((caller) => ('waiting' in caller ? caller.waiting : []));
    return [...this.guests.clear().map(({ call }) => call), ...unidentified];
  }

  /** The connection has ended: nobody is there any more. */
  close(): void {
    for (const { call } of this.guests.clear()) call.drop();
    for (const caller of this.callers.values()) if ('origin' in caller) releaseBelongings(caller.origin.client);
    this.callers.clear();
  }

  private async ask(name: string, waiting: WaitingCall[]): Promise<void> {
    this.waiting += 1;
    this.callers.set(name, { waiting });
    const origin = await this.originOf(name);
    this.waiting -= waiting.length;
    this.callers.delete(name);
    if (origin) this.remember(name, origin);
    for (const call of waiting) {
      if (origin) this.take(name, origin, call);
      else call.drop();
    }
  }

  /** @returns undefined for somebody who is gone already */
  private async originOf(name: string): Promise<CallOrigin | undefined> {
    try {
      const credentials = await credentialsOf(this.connection, name);
      const signal = (message: SignalMessage): void => this.signal({ ...message, destination: name });
      const pin = this.pinOf(name, credentials);
      if (credentials.pidfd !== undefined) closeFd(credentials.pidfd);
      return { peer: peerOf(credentials, pin), client: newClient({ signal }) };
    } catch {
      return undefined;
    }
  }

  private remember(name: string, origin: CallOrigin): void {
    this.callers.set(name, { origin });
    for (const [oldest, caller] of this.callers) {
      if (this.callers.size <= MOST_KNOWN) return;
      if ('origin' in caller && !mustBeWatched(caller.origin.client)) this.callers.delete(oldest);
    }
  }

  private take(name: string, origin: CallOrigin, call: WaitingCall): void {
    const take = (): void => {
      call.take(origin);
      this.watch(name, origin.client);
    };
    const { uid } = origin.peer;
    if (isTrusted({ uid }, this.daemonUid)) take();
    else this.guests.add(uid, { call, size: call.size, take, refuse: () => call.refuse() });
  }

  /** Only who has something set up is watched: hearing of everybody who leaves the bus would be work without end. */
  private watch(name: string, client: ClientLink): void {
    if (!mustBeWatched(client) || this.watched.has(name)) return;
    this.watched.add(name);
    // It may have left before the watch began.
    watchName(this.connection, name)
      .then(() => nameHasOwner(this.connection, name))
      .then((there) => {
        if (!there) this.left(name);
      })
      .catch(() => {});
  }
}
