import { fileURLToPath } from 'node:url';
import { libdbusCaller, libdbusWith } from '../lib/dbus.mjs';
import { runWorker } from '../lib/process.mjs';

export const name = 'dbus-client';
export const description = '20,000 calls by the client, one by one and 32 on their way, to a service in C';

const COUNT = '20000';
const CLIENT = fileURLToPath(import.meta.resolve('../workers/dbus-client.mjs'));

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async (context) => {
  const { compare, signal } = context;
  const service = await libdbusWith(context, 10);
  const caller = libdbusCaller(context);
  for (const window of ['1', '32']) {
    await compare({
      label: window === '1' ? 'one by one' : `${window} on their way`,
      rounds: 7,
      subject: {
        name: `job() of the client ${COUNT} times`,
        run: () => runWorker([process.execPath, CLIENT, service, COUNT, window], { signal }),
      },
      reference: {
        name: 'GetJobByName as often by a client in C made with libdbus',
        run: () => runWorker([caller, service, 'calls', COUNT, window], { signal }),
      },
    });
  }
};
