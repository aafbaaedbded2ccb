import type { SessionId } from '@maverick/engine';
import type { ClientLink } from './client-link.js';
import type { Connection } from './connection.js';
import { SYSTEM_SESSION } from './object-path.js';

/**
 * Who hears of what. What happens in the system's session is told on every connection; what happens in another is told to the
 * clients of that session one by one, and to nobody else: a bus would show it to everybody.
 */
export class Audience {
  private readonly everybody = new Set<Connection>();
  private readonly guests = new Map<SessionId, Set<ClientLink>>();

  /** Connections that hear of the system's session. */
  get connections(): ReadonlySet<Connection> {
    return this.everybody;
  }

  /** Nobody is there. */
  get isEmpty(): boolean {
    return this.everybody.size === 0 && this.guests.size === 0;
  }

  add(connection: Connection): void {
    this.everybody.add(connection);
  }

  remove(connection: Connection): void {
    this.everybody.delete(connection);
  }

  clear(): void {
    this.everybody.clear();
    this.guests.clear();
  }

  /** The clients of a session other than the system's. */
  guestsOf(session: SessionId): Iterable<ClientLink> {
    return this.guests.get(session) ?? [];
  }

  /** A client is in this session, from now on or still. */
  seat(client: ClientLink, session: SessionId): void {
    if (client.session === session) return;
    this.unseat(client);
    client.session = session;
    if (session === SYSTEM_SESSION) return;
    this.guests.set(session, (this.guests.get(session) ?? new Set()).add(client));
    client.left = () => this.unseat(client);
  }

  private unseat(client: ClientLink): void {
    const seated = this.guests.get(client.session);
    seated?.delete(client);
    if (seated?.size === 0) this.guests.delete(client.session);
    client.session = SYSTEM_SESSION;
    client.left = undefined;
  }
}
