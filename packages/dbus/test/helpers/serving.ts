import { onTestFinished } from 'vitest';
import { connect } from '../../src/connect.js';
import { createServer, type ServerOptions, type UpstartServer } from '../../src/server.js';
import type { UpstartClient } from '../../src/upstart-client.js';
import { FakeModel } from './fake-model.js';

let count = 0;

/** An address that nobody else has. */
export const uniqueAddress = (): string => `unix:abstract=/maverick/test/dbus/${process.pid}/${++count}`;

export interface Serving {
  readonly model: FakeModel;
  readonly server: UpstartServer;
  readonly address: string;
  readonly warnings: string[];
  /** A client that ends with the test. */
  client(): Promise<UpstartClient>;
}

/** A server that ends with the test. */
export const serve = (model = new FakeModel(), options: Partial<ServerOptions> = {}): Serving => {
  const warnings: string[] = [];
  const address = uniqueAddress();
  const server = createServer(model, { address, onWarning: (message) => warnings.push(message), ...options });
  onTestFinished(() => server.close());
  const client = async (): Promise<UpstartClient> => {
    const client = await connect(server.address);
    onTestFinished(() => client.close());
    return client;
  };
  return { model, server, address: server.address, warnings, client };
};
