import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from '@maverick/dbus/client';
import { startDaemon } from './daemon.mjs';
import { writeJobs } from './jobs.mjs';

const LIBRARIES = ['dbus-1'];
let services = 0;

/** A daemon with so many jobs, every one of them a state that is up (no process). @returns its address */
export const upstartWith = async ({ directory, defer }, count) => {
  const folder = directory();
  const confDir = writeJobs(folder, count, () => 'start on go\n');
  const { child, env } = await startDaemon({ folder, confDir, defer });
  const client = await connect(env.UPSTART_SESSION);
  await client.emit('go');
  client.close();
  return { address: env.UPSTART_SESSION, pid: child.pid };
};

/** A service in C, made with libdbus, that answers as a daemon with so many jobs would. @returns its address */
export const libdbusWith = async ({ native, defer }, count) => {
  const address = `unix:abstract=/maverick/bench/${process.pid}/${++services}`;
  const program = native('dbus-service', LIBRARIES);
  const child = spawn(program, [address, String(count)], { stdio: ['ignore', 'pipe', 'inherit'] });
  defer(async () => {
    if (child.exitCode !== null) return;
    child.kill();
    await once(child, 'exit');
  });
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => Promise.reject(new Error('no service'))),
  ]);
  return address;
};

/** The client in C that measures itself. */
export const libdbusCaller = ({ native }) => native('dbus-calls', LIBRARIES);
