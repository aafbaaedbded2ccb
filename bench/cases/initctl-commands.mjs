import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ltsNode } from '../../scripts/lib/lts-node.mjs';
import { startDaemon } from '../lib/daemon.mjs';
import { sleepingJob, writeJobs } from '../lib/jobs.mjs';
import { timeProcess } from '../lib/process.mjs';
import { ROOT } from '../lib/root.mjs';

export const name = 'initctl-commands';
export const description =
  'commands of `initctl` as whole processes against a daemon of 1,000 jobs, on this Node and on the newest LTS, and the same by busctl and dbus-send';

const INITCTL = join(ROOT, 'packages/initctl/bin/initctl.js');
const MANAGER = ['com.ubuntu.Upstart', '/com/ubuntu/Upstart'];
const INTERFACE = 'com.ubuntu.Upstart0_6';

const COMMANDS = {
  version: ['version'],
  status: ['status', 'job-0001'],
  'list of 1,000': ['list'],
  start: ['start', 'done'],
  emit: ['emit', 'nothing-wants-this'],
};

/** Other clients, with the one call that `initctl version` makes. */
const others = (address) => ({
  busctl: ['busctl', `--address=${address}`, 'get-property', ...MANAGER, INTERFACE, 'version'],
  'dbus-send': [
    'dbus-send',
    `--peer=${address}`,
    '--print-reply',
    `--dest=${MANAGER[0]}`,
    MANAGER[1],
    'org.freedesktop.DBus.Properties.Get',
    `string:${INTERFACE}`,
    'string:version',
  ],
});

const nodes = () => {
  const own = { [process.version]: process.execPath };
  try {
    const lts = ltsNode();
    const { stdout } = spawnSync(lts, ['--version'], { encoding: 'utf8' });
    return { ...own, [stdout.trim()]: lts };
  } catch {
    console.error('the newest LTS of Node.js can not be fetched: left out');
    return own;
  }
};

const isThere = (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async ({ compare, defer, directory }) => {
  const folder = directory();
  const confDir = writeJobs(folder, 1000, sleepingJob);
  writeFileSync(join(confDir, 'done.conf'), 'task\nconsole none\nexec /bin/true\n');
  const { env } = await startDaemon({ folder, confDir, defer });
  const timing = (command) => ({ name: command.join(' '), run: async () => timeProcess(command, { env }) });
  for (const [version, node] of Object.entries(nodes())) {
    const reference = { ...timing([node, '-e', '0']), name: 'node -e 0 of the same Node' };
    for (const [label, args] of Object.entries(COMMANDS)) {
      const subject = { ...timing([node, INITCTL, ...args]), name: 'initctl COMMAND' };
      await compare({ label: `${version}, ${label}`, rounds: 21, subject, reference });
    }
  }
  const reference = { ...timing([process.execPath, '-e', '0']), name: 'node -e 0' };
  for (const [label, command] of Object.entries(others(env.UPSTART_SESSION))) {
    if (isThere(command[0])) await compare({ label, rounds: 21, subject: timing(command), reference });
    else console.error(`${command[0]} is not installed: left out`);
  }
};
