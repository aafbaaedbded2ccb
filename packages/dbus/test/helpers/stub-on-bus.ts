import { onTestFinished } from 'vitest';
import { connectSocket } from '../../src/connect-socket.js';
import { BUS_NAME } from '../../src/connect-target.js';
import { Connection, type ConnectionListener } from '../../src/connection.js';
import { CLIENT_LIMITS } from '../../src/limits.js';
import { ClientHandshake } from '../../src/sasl.js';
import type { Value } from '../../src/value.js';

/** A program on a bus that answers and says what a test wants. */
export interface StubOnBus {
  readonly connection: Connection;
  readonly uniqueName: string;
  /** Call the bus itself. */
  ask(member: string, signature: string, body: readonly Value[]): Promise<readonly Value[]>;
}

/** Join a bus, with the name of the daemon unless said otherwise. Gone with the test. */
export const stubOnBus = async (
  address: string,
  listener: ConnectionListener = {},
  name: string | undefined = BUS_NAME,
): Promise<StubOnBus> => {
  const uid = process.getuid?.() ?? 0;
  const connection = new Connection(connectSocket(address), new ClientHandshake(uid), CLIENT_LIMITS, listener);
  onTestFinished(() => connection.close());
  const bus = 'org.freedesktop.DBus';
  const ask = async (member: string, signature: string, body: readonly Value[]): Promise<readonly Value[]> =>
    (
      await connection.call({
        destination: bus,
        path: '/org/freedesktop/DBus',
        interface: bus,
        member,
        signature,
        body,
      })
    ).body;
  const [uniqueName] = await ask('Hello', '', []);
  if (name !== undefined) await ask('RequestName', 'su', [name, 4]);
  return { connection, uniqueName: String(uniqueName), ask };
};
