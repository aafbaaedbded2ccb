import { connect } from '@maverick/dbus/client';
import { libdbusCaller, libdbusWith, upstartWith } from '../lib/dbus.mjs';
import { runWorker } from '../lib/process.mjs';

export const name = 'dbus-list';
export const description =
  'reading 1000 and 5000 jobs with their instances from the daemon, and introspecting all of them';

const timedCall = async (act) => {
  const begun = performance.now();
  await act();
  return performance.now() - begun;
};

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async (context) => {
  const { compare, defer, signal } = context;
  const caller = libdbusCaller(context);
  for (const size of [1000, 5000]) {
    const upstart = await upstartWith(context, size);
    const service = await libdbusWith(context, size);
    const client = await connect(upstart.address);
    defer(() => client.close());
    const calls = (address, ...what) => runWorker([caller, address, ...what], { signal });
    const reference = {
      name: "the calls of the original's `initctl list`, one by one, from and to C",
      run: () => calls(service, 'list'),
    };
    await compare({
      label: `${size} jobs, list()`,
      rounds: 7,
      subject: { name: 'list() of the client', run: () => timedCall(() => client.list()) },
      reference,
    });
    await compare({
      label: `${size} jobs, the original's calls`,
      rounds: 5,
      subject: { name: "the original's calls to the daemon, from C", run: () => calls(upstart.address, 'list') },
      reference,
    });
    await compare({
      label: `${size} jobs, 10 × GetAllJobs`,
      rounds: 5,
      subject: { name: 'GetAllJobs from C', run: () => calls(upstart.address, 'jobs', '10') },
      reference: { name: 'GetAllJobs from and to C', run: () => calls(service, 'jobs', '10') },
    });
    await compare({
      label: `${size} jobs, introspection`,
      rounds: 5,
      subject: { name: 'Introspect of every object, from C', run: () => calls(upstart.address, 'introspect') },
      reference: { name: 'Introspect of every object, from and to C', run: () => calls(service, 'introspect') },
    });
  }
};
