import { DBusError, type UpstartClient } from '@maverick/dbus/client';
import { beforeAll, expect, test } from 'vitest';
import { liveDaemon } from './helpers/daemon.js';
import { fakeUpstart } from './helpers/fake-upstart.js';
import { run } from './helpers/run.js';
import { onTerminal } from './helpers/terminal.js';

const JOBS = {
  nginx: 'exec sleep 300\n',
  helper: 'exec sleep 300\n',
  failing: 'start on failing-event\ntask\nexec false\n',
} as const;

const daemon = liveDaemon(JOBS);

beforeAll(async () => {
  await run(['start', 'helper'], { env: daemon.env });
}, 120_000);

const NO_SOCKET = 'unix:abstract=/maverick/nobody-is-here';

test.each([
  ['start ngnix', 'Unknown job: ngnix', "Did you mean `nginx'?"],
  ['show-config ngnix', 'Unknown job: ngnix', "Did you mean `nginx'?"],
  ['check-config ngnix', 'Invalid job class: ngnix', "Did you mean `nginx'?"],
  ['start helper', 'Job is already running: helper', "`initctl restart helper' starts it anew."],
  [
    'stop nginx',
    'Unknown instance: ',
    "It does not run: `initctl start nginx' starts it, `initctl explain nginx' tells why.",
  ],
  [
    'start failing',
    'Job failed to start',
    "`initctl log failing' shows what it printed, `initctl status --long failing' how it ended.",
  ],
  [
    'emit failing-event',
    'Event failed',
    "A job failed that it started or stopped: `initctl list --tree' shows below `failing-event' what it starts.",
  ],
  ['get-env HOEM', 'No such variable: HOEM', "Did you mean `HOME'?"],
  [
    'wait nginx --for=started --timeout=0.01',
    'Timed out: nginx stop/waiting',
    "`initctl explain nginx' tells what it waits for.",
  ],
])('%s: %s, and then %s', async (line, text, step) => {
  const { status, stdout, stderr } = await run(line.split(' '), { env: daemon.env, terminals: [2] });
  expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: '', stderr: `initctl: ${text}\n${step}\n` });
  // Scripts get the original's text alone.
  expect((await run(line.split(' '), { env: daemon.env })).stderr).toBe(`initctl: ${text}\n`);
});

test.each([
  ['staus', 'invalid command: staus', "Did you mean `status'?"],
  ['start --no-wiat nginx', 'invalid option: --no-wiat', "Did you mean `--no-wait'?"],
  ['--no-wait start nginx', 'invalid option: --no-wait', "`--no-wait' is an option of other commands."],
])('%s: after the hint', async (line, text, step) => {
  const { stderr } = await run(line.split(' '), { env: daemon.env, terminals: [2] });
  expect(stderr).toBe(`initctl: ${text}\nTry \`initctl --help' for more information.\n${step}\n`);
});

test('the file of a job that there is not', async () => {
  const { stderr } = await run(['disable', 'ngnix'], { env: daemon.env, terminals: [2] });
  expect(stderr).toMatch(/^initctl: No job file of ngnix in .*\nDid you mean `nginx'\?\n$/);
});

test('nobody answers', async () => {
  const { stderr } = await run(['list'], { env: { UPSTART_SESSION: NO_SOCKET }, terminals: [2] });
  expect(stderr).toMatch(/Connection refused\nIs it running, and for you\? `initctl list-sessions' shows sessions of/);
});

const refusing = (name: string): UpstartClient => {
  const reloadConfiguration = async (): Promise<never> => {
    throw new DBusError(name, 'You may not');
  };
  return Object.assign(Object.create(fakeUpstart({}).client), { reloadConfiguration });
};

test.each(['com.ubuntu.Upstart0_6.Error.PermissionDenied', 'org.freedesktop.DBus.Error.AccessDenied'])(
  '%s: who may',
  async (name) => {
    const options = { client: refusing(name), terminals: [2] } as const;
    const { stderr } = await run(['reload-configuration', 'x'], options);
    expect(stderr).toMatch(/^initctl: You may not\nEverybody may look, .*`sudo initctl \.\.\.'/);
  },
);

test('on a real terminal', async () => {
  const { screen, status } = await onTerminal('$I start hlper', daemon.env);
  expect(status).toBe(1);
  expect(screen).toBe("initctl: Unknown job: hlper\nDid you mean `helper'?\n");
});

test('a step that can not be found out is no error of its own', async () => {
  const list = () => Promise.reject(new Error('gone'));
  const gone: UpstartClient = Object.assign(Object.create(fakeUpstart({}).client), { list });
  expect((await run(['start', 'x'], { client: gone, terminals: [2] })).stderr).toBe('initctl: Unknown job: x\n');
});

test('a job of the system, which lists show in a session of one’s own', async () => {
  const list = async () => [{ name: 'web', path: '/com/ubuntu/Upstart/jobs/web', instances: [] }];
  const client: UpstartClient = Object.assign(Object.create(fakeUpstart({}).client), { list });
  const { stderr } = await run(['start', 'web'], { client, terminals: [2] });
  expect(stderr).toBe("initctl: Unknown job: web\nIt is a job of the system: `initctl --global ...' is about those.\n");
});
