import type { JournalFilter, SessionId } from '@maverick/engine';
import type { SignalMessage } from './message.js';
import { SYSTEM_SESSION } from './object-path.js';

/** Whoever made a call, for as long as it is there: a private connection, or a name on the bus. */
export interface ClientLink {
  /** Send a signal to this client alone. */
  signal(message: SignalMessage): void;
  /** It takes the private socket for a bus: from now on signals say who they are from. Absent on a bus. */
  readonly tookForBus?: () => void;
  /** What was set up for this client, by number: called when it is taken back, or when the client is gone. */
  readonly belongings: Map<number, Belonging>;
  /** Where it was found last. A process may change its root directory, and with it its session. */
  session: SessionId;
  /** To be called when it is gone. */
  left?: (() => void) | undefined;
}

/** A client of which nothing is known yet. */
export const newClient = (talk: Pick<ClientLink, 'signal' | 'tookForBus'>): ClientLink => ({
  ...talk,
  belongings: new Map(),
  session: SYSTEM_SESSION,
});

/** A follower of the journal. */
interface Belonging {
  readonly filter: JournalFilter;
  release(): void;
}

/** Let go of everything that was set up for a client that is gone. */
export const releaseBelongings = ({ belongings, left }: ClientLink): void => {
  for (const belonging of belongings.values()) belonging.release();
  belongings.clear();
  left?.();
};
