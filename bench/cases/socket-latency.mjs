import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBridge } from '../lib/bridge.mjs';
import { startDaemon } from '../lib/daemon.mjs';
import { runWorker } from '../lib/process.mjs';

export const name = 'socket-latency';
export const description =
  'from connect() to the first byte of a server that the connection starts, beside systemd-socket-activate';

/** Of a round; their median counts. */
const CONNECTIONS = 15;
/** Between two of them everything is at rest again. */
const PAUSE_MS = 60;

/** It executes the server itself at the first connection, so there is another one for each. */
const ACTIVATE = 'while systemd-socket-activate -l "@$0" "$1" 2> /dev/null; do :; done';

const start = (command, args, defer, options = {}) => {
  const child = spawn(command, args, { stdio: 'ignore', detached: true, ...options });
  defer(async () => {
    const gone = once(child, 'exit');
    process.kill(-child.pid, 'SIGKILL');
    await gone;
  });
};

const jobsOf = (bridge, server) => ({
  [`${bridge}-started`]: `start on socket PROTO=unix PATH=@NAME-${bridge}-started\nexec ${server}\n`,
  [`${bridge}-running`]: `start on socket PROTO=unix PATH=@NAME-${bridge}-running\nexec ${server} 0\n`,
});

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async ({ compare, defer, directory, native, signal }) => {
  const server = native('socket-server');
  const client = native('socket-client');
  const unique = `maverick-bench-${process.pid}`;
  const daemon = async (bridge, args) => {
    const folder = directory();
    const confDir = join(folder, 'conf');
    mkdirSync(confDir);
    for (const [job, text] of Object.entries(jobsOf(bridge, server))) {
      writeFileSync(join(confDir, `${job}.conf`), text.replace('NAME', unique));
    }
    return startDaemon({ folder, confDir, defer, args });
  };
  await daemon('inside', ['--bridge', 'socket']);
  const { env } = await daemon('job', []);
  await startBridge('socket', { env, defer });
  start('sh', ['-c', ACTIVATE, `${unique}-systemd`, server], defer);
  // A socket unit's way to hold one open for somebody else, with a server that stays.
  start('systemd-socket-activate', ['-l', `@${unique}-running`, server, '0'], defer);
  const connect = (name) => () =>
    runWorker([client, `${unique}-${name}`, String(CONNECTIONS), String(PAUSE_MS)], { signal });
  const systemd = { name: 'the same server behind systemd-socket-activate', run: connect('systemd') };
  const rows = [
    ['started, the bridge inside the daemon', 'inside-started', systemd],
    ['started, the bridge a process of its own', 'job-started', systemd],
    ['running already', 'inside-running', { ...systemd, run: connect('running') }],
  ];
  for (const [label, name, reference] of rows) {
    const subject = { name: 'from connect() to the first byte: a job with `start on socket`', run: connect(name) };
    await compare({ label, rounds: 7, subject, reference });
  }
};
