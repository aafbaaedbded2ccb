import type { ClientLink } from './client-link.js';
import { BUS_NAME } from './connect-target.js';
import { DBusError } from './dbus-error.js';
import { implement } from './implementation.js';
import { BUS, MONITORING, signatureOf } from './interfaces.js';
import type { SignalMessage } from './message.js';

/** There are no names on a private socket; these are for clients that can't do without. */
const CLIENT_NAME = ':1.0';
/** The daemon itself. */
export const DAEMON_NAME = ':1.1';

/** Every name that somebody could ask for, and whose it is. */
const OWNERS: ReadonlyMap<string, string> = new Map([
  [BUS.name, BUS.name],
  [CLIENT_NAME, CLIENT_NAME],
  [DAEMON_NAME, DAEMON_NAME],
  [BUS_NAME, DAEMON_NAME],
]);

const ownerOf = (name: string): string => {
  const owner = OWNERS.get(name);
  if (owner !== undefined) return owner;
  throw new DBusError(
    'org.freedesktop.DBus.Error.NameHasNoOwner',
    `Could not get owner of name '${name}': no such name`,
  );
};

/** A call on a private socket that is meant for a bus. */
interface BusCall {
  readonly client: ClientLink;
}

/**
 * As much of a bus as gdbus, busctl, dbus-monitor and libraries ask for that take every connection for one to a bus. Rules
 * are taken and not looked at: every signal goes to everybody here.
 */
export const bus = implement<typeof BUS, BusCall>(
  BUS,
  {
    Hello: ({ client }, _, answer) => {
      client.tookForBus?.();
      answer(CLIENT_NAME);
    },
    AddMatch: (_, __, answer) => answer(),
    RemoveMatch: (_, __, answer) => answer(),
    GetNameOwner: (_, [name], answer) => answer(ownerOf(name)),
    NameHasOwner: (_, [name], answer) => answer(OWNERS.has(name)),
  },
  {},
);

/** What a bus tells who becomes a monitor, and busctl waits for: it has no name any more. */
const NAME_LOST: SignalMessage = {
  kind: 'signal',
  path: '/org/freedesktop/DBus',
  interface: BUS.name,
  member: 'NameLost',
  signature: signatureOf(BUS.signals.NameLost),
  body: [CLIENT_NAME],
  sender: BUS.name,
};

/** A monitor hears what everybody hears: the daemon's signals. */
export const monitoring = implement<typeof MONITORING, BusCall>(
  MONITORING,
  {
    BecomeMonitor: ({ client }, _, answer) => {
      answer();
      client.signal(NAME_LOST);
    },
  },
  {},
);
