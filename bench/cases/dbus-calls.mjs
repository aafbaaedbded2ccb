import { libdbusCaller, libdbusWith, upstartWith } from '../lib/dbus.mjs';
import { runWorker } from '../lib/process.mjs';

export const name = 'dbus-calls';
export const description =
  '20,000 calls to the daemon on its private socket, one by one and 32 on their way, by a client in C';

const COUNT = '20000';

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async (context) => {
  const { compare, signal } = context;
  const upstart = await upstartWith(context, 10);
  const service = await libdbusWith(context, 10);
  const caller = libdbusCaller(context);
  for (const window of ['1', '32']) {
    const calls = (address) => runWorker([caller, address, 'calls', COUNT, window], { signal });
    await compare({
      label: window === '1' ? 'one by one' : `${window} on their way`,
      rounds: 7,
      subject: { name: `GetJobByName ${COUNT} times, answered by the daemon`, run: () => calls(upstart.address) },
      reference: { name: 'the same calls, answered by a service in C made with libdbus', run: () => calls(service) },
    });
  }
};
