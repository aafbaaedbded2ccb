import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBridge } from '../lib/bridge.mjs';
import { startDaemon } from '../lib/daemon.mjs';
import { runWorker } from '../lib/process.mjs';

export const name = 'socket-burst';
export const description = '10,000 connections to 1,000 sockets at once, whose jobs are killed after every third';

const SOCKETS = 1_000;
const EACH = 10;

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async ({ compare, defer, directory, native, signal }) => {
  const server = native('socket-server');
  const client = native('socket-burst');
  const begin = async (way, args) => {
    const folder = directory();
    const confDir = join(folder, 'conf');
    mkdirSync(confDir);
    const unique = `maverick-bench-${process.pid}-${way}`;
    const write = (kind, number, argument) =>
      writeFileSync(
        join(confDir, `${kind}${number}.conf`),
        `start on socket PROTO=unix PATH=@${unique}-${kind}${number}\nrespawn\nrespawn limit unlimited\nexec ${server} ${argument}\n`,
      );
    for (let number = 0; number < SOCKETS; number += 1) {
      write('killed', number, 3);
      write('running', number, 0);
    }
    const daemon = await startDaemon({ folder, confDir, defer, args });
    const connect = (kind) => () => runWorker([client, `${unique}-${kind}`, String(SOCKETS), String(EACH)], { signal });
    return { ...daemon, connect };
  };
  const inside = await begin('inside', ['--bridge', 'socket']);
  const job = await begin('job', []);
  await startBridge('socket', { env: job.env, defer });
  for (const [label, { connect }] of [
    ['the bridge inside the daemon', inside],
    ['the bridge a process of its own', job],
  ]) {
    await compare({
      label,
      rounds: 3,
      subject: { name: 'until all have their answer; no connection is refused or lost', run: connect('killed') },
      reference: {
        name: 'the same of servers that are not killed, and run after the first round',
        run: connect('running'),
      },
    });
  }
};
