import type { CallOptions } from './call-options.js';
import type { OutgoingCall } from './connection.js';
import type { Received, ReturnMessage } from './message.js';

/** Whoever answers calls: the other end of a private connection, or the owner of a name on a bus. */
export interface Remote {
  /** @throws DBusError what the other side answered, or that the connection has ended */
  call(call: OutgoingCall, options?: CallOptions): Promise<Received<ReturnMessage>>;
}
