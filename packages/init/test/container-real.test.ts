import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { canBeMachine, TestMachine, type TestMachineOptions } from './helpers/test-machine.js';

vi.setConfig({ testTimeout: 120_000 });

/** What the runtime of a container makes before it starts anything. */
const PREPARED = [
  'sh',
  '-c',
  'mount -t proc proc /proc; mount -t devtmpfs dev /dev; mount -t devpts pts /dev/pts; exec "$0" "$@"',
];

const container = ({ before = [], ...options }: TestMachineOptions): TestMachine =>
  new TestMachine({ ...options, before: [...PREPARED, ...before] });

const sh = (text: string): string[] => ['--', '/bin/sh', '-c', text];
const task = (text: string): string => `start on startup\ntask\nscript\n${text}\nend script\n`;

describe.skipIf(!canBeMachine)('the exit status of the container is', () => {
  test.each([
    { what: 'that of its command', args: sh('exit 7'), status: 7 },
    { what: '0 for a command that has done its work', args: sh('true'), status: 0 },
    { what: '128 and the signal that ended it', args: sh('kill -KILL $$'), status: 137 },
    { what: '127 for a command that is not there', args: ['--', '/no/such/program'], status: 127 },
    { what: '126 for one that is no program', args: ['--', '/etc/passwd'], status: 126 },
    { what: '127 for a job that is not there', args: ['--job', 'nobody'], status: 127 },
  ])('$what', async ({ args, status }) => {
    expect(await container({ args }).ended).toEqual({ code: status, signal: null });
  });

  test.each([
    { what: 'that of its job', text: 'exec sh -c "exit 3"\n', status: 3 },
    { what: 'that of a job that the startup event starts', text: task('exit 4'), status: 4 },
    {
      what: 'the last of a job that was respawned too often',
      text: 'respawn\nrespawn limit 2 60\nexec sh -c "exit 5"\n',
      status: 5,
    },
    {
      what: 'that of what kept the job from running',
      text: 'pre-start exec sh -c "exit 6"\nexec sleep 1000\n',
      status: 6,
    },
  ])('$what', async ({ text, status }) => {
    const machine = container({ args: ['--job', 'app'], files: { 'app.conf': text } });
    expect(await machine.ended).toEqual({ code: status, signal: null });
  });
});

describe.skipIf(!canBeMachine)('a container with a command', () => {
  test('has its services up before, and takes them down after it; what they say is what the container says', async () => {
    const db = [
      'start on starting command',
      'stop on stopped command',
      'post-start exec echo db is up',
      'post-stop exec echo db is down',
      'exec sleep 1000',
    ].join('\n');
    const machine = container({ args: sh('echo command runs'), files: { 'db.conf': db } });
    expect(await machine.ended).toEqual({ code: 0, signal: null });
    expect(machine.out.text).toBe('db is up\ncommand runs\ndb is down\n');
  });

  test('gives it the words as they are, its input, environment and directory', async () => {
    const text = 'read line; echo "$line $GREETING $(pwd) $1"';
    const args = ['--', '/bin/sh', '-c', text, 'sh', '$HOME *'];
    const machine = container({
      args,
      env: { GREETING: 'hello' },
      input: 'from outside\n',
      before: ['env', '-C', '/tmp'],
    });
    await machine.ended;
    expect(machine.out.text).toBe('from outside hello /tmp $HOME *\n');
  });

  test('passes signals on that are not about the container', async () => {
    const signals = ['HUP', 'INT', 'QUIT', 'USR1', 'USR2', 'WINCH', 'ALRM', 'URG'] as const;
    const traps = signals.map((name) => `trap "echo ${name}" ${name}`).join('; ');
    const machine = container({ args: sh(`${traps}; echo ready; while :; do sleep 0.01; done`) });
    await machine.out.match(/ready\n/);
    for (const name of signals) {
      machine.signal(`SIG${name}`);
      await machine.out.match(new RegExp(`^${name}$`, 'm'));
    }
    machine.signal('SIGTERM');
    expect(await machine.ended).toEqual({ code: 143, signal: null });
  });

  test('gives it the terminal that there is, with job control and Ctrl-C', async () => {
    const upstart = join(import.meta.dirname, '../bin/upstart.js');
    // As `docker run -it` does it: the terminal is that of our session.
    const command = `exec ${process.execPath} ${upstart} -- /bin/bash --norc -i`;
    const machine = container({
      before: ['sh', '-c', `exec script -qefc '${command}' /dev/null`],
      env: { PS1: 'ready> ' },
      input: null,
    });
    await machine.out.match(/ready> /);
    machine.type('(echo on $(tty); exec sleep 1000)\n');
    await machine.out.match(/^on \/dev\/pts\/\d+/m);
    machine.type('\u0003');
    await machine.out.match(/\^C.*ready> /s);
    machine.type('echo status $?; sleep 1000 &\n');
    await machine.out.match(/^status 130/m);
    machine.type('jobs; exit 9\n');
    await machine.out.match(/^\[1\]\+ +Running +sleep 1000 &/m);
    expect((await machine.ended).code).toBe(9);
    expect(machine.out.text).not.toMatch(/no job control|paste/);
  });
});

describe.skipIf(!canBeMachine)('a re-exec of the init of a container', () => {
  const restarted = async (machine: TestMachine): Promise<void> => {
    await machine.initctl('restart-init');
    expect(machine.read('/proc/1/cmdline').split('\0')).toContain('--restart');
  };

  test.each([
    { what: 'its command', args: sh('mkfifo /tmp/go; echo ready; read status < /tmp/go; exit $status'), files: {} },
    {
      what: 'the job that it is there for',
      args: ['--job', 'app'],
      files: { 'app.conf': 'script\n  mkfifo /tmp/go; echo ready; read status < /tmp/go; exit $status\nend script\n' },
    },
  ])('leaves the exit status to $what', async ({ args, files }) => {
    const machine = container({ args, files });
    await machine.out.match(/ready\n/);
    for (let time = 0; time < 2; time += 1) await restarted(machine);
    machine.write('/tmp/go', '7\n');
    expect(await machine.ended).toEqual({ code: 7, signal: null });
    expect(machine.out.text).toBe('ready\n');
    expect(machine.err.text).not.toMatch(/error|Unable/i);
  });

  test('does not forget how the main process ended, while what comes after it runs', async () => {
    const app =
      'exec sh -c "exit 6"\npost-stop script\n  mkfifo /tmp/go; echo ended; read line < /tmp/go\nend script\n';
    const machine = container({ args: ['--job', 'app'], files: { 'app.conf': app } });
    await machine.out.match(/ended\n/);
    for (let time = 0; time < 2; time += 1) await restarted(machine);
    machine.write('/tmp/go', '\n');
    expect(await machine.ended).toEqual({ code: 6, signal: null });
    expect(machine.out.text).toBe('ended\n');
  });

  test('passes signals on to the command that goes on', async () => {
    const machine = container({ args: sh('trap "exit 5" HUP; echo ready; while :; do sleep 0.01; done') });
    await machine.out.match(/ready\n/);
    await restarted(machine);
    machine.signal('SIGHUP');
    expect(await machine.ended).toEqual({ code: 5, signal: null });
  });

  test('at the very end of the command: its status, and no second run', async () => {
    const machine = container({ args: sh('echo run; mkfifo /tmp/go; read line < /tmp/go; exit 9') });
    await machine.until('/proc/1/stat', /./);
    await machine.out.match(/run\n/);
    // Both are under way at once: the process ends while its init can't look.
    const restart = machine.initctl('restart-init').catch(() => {});
    machine.write('/tmp/go', '\n');
    expect(await machine.ended).toEqual({ code: 9, signal: null });
    await restart;
    expect(machine.out.text).toBe('run\n');
  });
});

describe.skipIf(!canBeMachine)('a container that is stopped', () => {
  const SERVICE = 'start on startup\npost-stop exec echo service is down\nexec sleep 1000\n';

  test.each(['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGPWR', 37, 38] as const)(
    'by %s takes down its services',
    async (signal) => {
      const machine = container({ args: ['--container'], files: { 'service.conf': SERVICE } });
      await machine.err.match(/service started/);
      machine.signal(signal);
      expect(await machine.ended).toEqual({ code: 0, signal: null });
      expect(machine.out.text).toBe('service is down\n');
    },
  );

  test('lets its command say how it ends', async () => {
    const machine = container({ args: sh('trap "echo bye; exit 3" TERM; echo ready; while :; do sleep 0.01; done') });
    await machine.out.match(/ready\n/);
    machine.signal('SIGTERM');
    expect(await machine.ended).toEqual({ code: 3, signal: null });
    expect(machine.out.text).toBe('ready\nbye\n');
  });

  test('kills what is not down in time, whatever its own time', async () => {
    const stubborn =
      'start on startup\nkill timeout 600\nscript\n  trap "" TERM\n  echo ready\n  while :; do sleep 1; done\nend script\n';
    const args = ['--container', '--stop-timeout=0.5'];
    const machine = container({ args, files: { 'stubborn.conf': stubborn, 'service.conf': SERVICE } });
    await machine.out.match(/ready\n/);
    machine.signal('SIGTERM');
    expect(await machine.ended).toEqual({ code: 0, signal: null });
    expect(machine.err.text).toContain('they are killed');
    expect(machine.out.text).toContain('service is down\n');
  });

  test('kills 500 of them together, and nobody outlives it', async () => {
    const stubborn = 'start on startup\nkill timeout 600\nexec env --ignore-signal=TERM sleep 1000\n';
    const files = Object.fromEntries(Array.from({ length: 500 }, (_, number) => [`s${number}.conf`, stubborn]));
    const machine = container({ args: ['--container', '--stop-timeout=1'], files });
    await machine.until('/proc/1/stat', /./);
    const sleeping = async (): Promise<number> =>
      Number(await machine.run('sh', '-c', 'cat /proc/[0-9]*/comm 2>&- | grep -c "^sleep$" || true'));
    await expect.poll(sleeping, { timeout: 60_000 }).toBe(500);
    machine.signal('SIGTERM');
    // The namespace ends with its process 1, and so does all that is in there: it has to have waited for them itself.
    expect(await machine.ended).toEqual({ code: 0, signal: null });
    expect(machine.err.text).toContain('they are killed');
    expect(machine.err.text).not.toContain('could not be ended');
  });

  test('ends orphans, too, and gives them time to say something', async () => {
    const orphan = `start on startup\nscript\n  setsid sh -c '( trap "echo orphan; exit" TERM; echo ready; while :; do sleep 0.01; done ) &'\n  exec sleep 1000\nend script\n`;
    const machine = container({ args: ['--container'], files: { 'orphan.conf': orphan } });
    await machine.out.match(/ready\n/);
    machine.signal('SIGTERM');
    await machine.ended;
    expect(machine.out.text).toBe('ready\norphan\n');
  });
});

describe.skipIf(!canBeMachine)('whoever is not root', () => {
  test('can be the init of a container, and is found by the jobs', async () => {
    const before = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const machine = container({ args: sh('echo $UPSTART_SESSION; id -u; exit 3'), before });
    expect(await machine.ended).toEqual({ code: 3, signal: null });
    expect(machine.out.text).toBe('unix:abstract=/com/ubuntu/upstart-session/65534/1\n65534\n');
    expect(machine.err.text).not.toMatch(/Unable|error/i);
  });

  test('and not that of a machine', async () => {
    const before = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const machine = container({ args: [], before });
    expect(await machine.ended).toEqual({ code: 1, signal: null });
    expect(machine.err.text).toMatch(/^init: Need to be root to be the init of a machine \(give --container /);
  });
});
