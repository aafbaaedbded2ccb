import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type InstanceStatus, type UpstartClient } from '@maverick/dbus';
import { readJournal } from '@maverick/graph';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { missingBus, TestBus } from '../../dbus/test/helpers/bus.js';
import { tempDir } from './helpers/temp-dir.js';
import { TestDaemon, type TestDaemonOptions } from './helpers/test-daemon.js';

/** What the machine may do to a daemon. After each fault it serves on, and when the fault has gone everything works again. */

const SOON = { timeout: 60_000, interval: 50 };
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const isRoot = process.getuid?.() === 0;
const canMount = isRoot && spawnSync('unshare', ['-m', 'true']).status === 0;
if (!canMount) console.log('skipped: only root with CAP_SYS_ADMIN can mount a small disk');
const has = (program: string): boolean => spawnSync('which', [program], { stdio: 'ignore' }).status === 0;
for (const program of ['prlimit', 'cc']) if (!has(program)) console.log(`skipped: there is no ${program}`);

const clientOf = async (daemon: TestDaemon): Promise<UpstartClient> => {
  const client = await vi.waitFor(() => connect(daemon.address), SOON);
  onTestFinished(() => client.close());
  return client;
};

const statusOf = async (client: UpstartClient, job: string): Promise<InstanceStatus | undefined> => {
  const listed = (await client.list()).find(({ name }) => name === job);
  return listed?.instances[0]?.status;
};

const SLEEPING = 'exec sleep 1000\n';
const named = (count: number): string[] => Array.from({ length: count }, (_, number) => `job${number}`);
const jobFiles = (names: readonly string[], text: string) =>
  Object.fromEntries(names.map((name) => [`${name}.conf`, text]));

/** Start jobs one after the other. @returns those that run, and those that don't */
const startAll = async (client: UpstartClient, names: readonly string[]) => {
  const up: string[] = [];
  const down: string[] = [];
  for (const name of names) {
    const started = await client
      .job(name)
      .start()
      .then(
        () => true,
        () => false,
      );
    (started ? up : down).push(name);
  }
  return { up, down };
};

const quietly = async (daemon: TestDaemon): Promise<void> => {
  daemon.signal('SIGTERM');
  expect(await daemon.ended).toEqual({ code: 0, signal: null });
  expect(daemon.err.text).not.toContain('Internal error');
  expect(daemon.jobProcesses()).toEqual([]);
};

/** A disk of 256 KiB at `$HOME/small`, for the daemon alone. */
const SMALL_DISK = [
  'unshare',
  '-m',
  'sh',
  '-c',
  'mkdir small && mount -t tmpfs -o size=256k small small && exec "$@"',
  'sh',
];

test.skipIf(!canMount)(
  'a full disk for logs, journal and state: jobs start and stop as ever, and all is written again when there is room',
  async () => {
    const args = [
      '--user',
      '--no-dbus',
      '--logdir',
      'small/log',
      '--journal',
      'small/journal',
      '--state-dir',
      'small/state',
    ];
    const script = 'script\n  read line <@DIR@/door\n  echo said while it was full\n  exec sleep 1000\nend script\n';
    const daemon = new TestDaemon({ args, within: SMALL_DISK });
    const door = join(daemon.home, 'door');
    spawnSync('mkfifo', [door]);
    daemon.write('talk.conf', script.replaceAll('@DIR@', daemon.home));
    daemon.write('web.conf', SLEEPING);
    const client = await clientOf(daemon);
    const disk = `/proc/${daemon.pid}/root${join(daemon.home, 'small')}`;
    await vi.waitFor(() => client.job('talk').start(), SOON);
    expect(() => writeFileSync(join(disk, 'filler'), Buffer.alloc(1 << 20))).toThrow('ENOSPC');

    const long = [`VALUE=${'x'.repeat(20_000)}`];
    for (let count = 0; count < 50; count += 1) await client.emit('lost', long);
    writeFileSync(door, 'go on\n');
    await client.job('web').start();
    expect(await statusOf(client, 'web')).toMatchObject({ goal: 'start', state: 'running' });
    await daemon.err.match(/talk\.log, output is kept in memory: No space left on device/);
    await daemon.err.match(/Unable to keep the state for after a crash: .*ENOSPC/);
    await client.job('web').stop();

    rmSync(join(disk, 'filler'));
    await client.notifyDiskWriteable();
    await vi.waitFor(
      () => expect(readFileSync(join(disk, 'log/talk.log'), 'utf8')).toContain('said while it was full'),
      SOON,
    );
    await vi.waitFor(async () => {
      await client.emit('found');
      const what = readJournal(join(disk, 'journal'), 1000).map((line) => [line.what, line['name']]);
      expect(what).toContainEqual(['event-finished', 'found']);
      expect(what.map(([kind]) => kind)).toContain('journal-dropped');
    }, SOON);
    await quietly(daemon);
  },
);

/** So many descriptors are left to a daemon that is up. */
const FREE_FILES = 12;

test.skipIf(!has('prlimit'))(
  'no descriptor left (EMFILE): what needs one fails with a message, clients are served, and others start when some have ended',
  async () => {
    const names = named(60);
    const daemon = new TestDaemon({
      args: ['--user', '--no-dbus'],
      files: { ...jobFiles(names, SLEEPING), 'quiet.conf': `console none\n${SLEEPING}`, 'late.conf': SLEEPING },
    });
    const client = await clientOf(daemon);
    const files = (): number => readdirSync(`/proc/${daemon.pid}/fd`).length;
    const limit = files() + FREE_FILES;
    spawnSync('prlimit', ['--pid', String(daemon.pid), `--nofile=${limit}:${limit}`]);
    const { up, down } = await startAll(client, names);
    expect(up.length).toBeGreaterThan(0);
    expect(files()).toBeGreaterThan(limit - 5);
    // A client that comes now is let in, or turned away; the one that is there is served.
    await connect(daemon.address).then(
      (other) => other.close(),
      () => {},
    );
    for (const name of up) expect(await statusOf(client, name)).toMatchObject({ state: 'running' });
    if (down.length > 0) await daemon.err.match(/Failed to spawn job\d+ main process: .*Too many open files/);
    // One that is killed is seen to end, though there was no descriptor to watch it by.
    const last = up.at(-1) ?? '';
    process.kill((await statusOf(client, last))?.processes[0]?.pid ?? Number.NaN, 'SIGKILL');
    await vi.waitFor(async () => expect(await statusOf(client, last)).toBeUndefined(), SOON);
    for (const name of up.slice(0, -1)) await client.job(name).stop();
    await client.job('late').start();
    expect(await statusOf(client, 'late')).toMatchObject({ state: 'running' });
    await quietly(daemon);
  },
);

/** Nobody has it. Threads count, too: Node's are about a dozen. */
const STRANGER = 64_123;
const PROCESSES = 30;
const AS_STRANGER = ['setpriv', `--reuid=${STRANGER}`, `--regid=${STRANGER}`, '--clear-groups'] as const;
const canBeStranger =
  isRoot &&
  has('prlimit') &&
  spawnSync(AS_STRANGER[0], [...AS_STRANGER.slice(1), 'test', '-r', import.meta.filename]).status === 0;
if (!canBeStranger) console.log('skipped: only root can become another user, who must be able to read the project');

test.skipIf(!canBeStranger)(
  'no process left (EAGAIN on fork): a start is tried again, then fails with a message, and others start when some have ended',
  async () => {
    const names = named(30);
    const options: TestDaemonOptions = {
      args: ['--user', '--no-dbus', '--no-log'],
      within: [
        'sh',
        '-c',
        `chown -R ${STRANGER} . && exec "$@"`,
        'sh',
        ...AS_STRANGER,
        'prlimit',
        `--nproc=${PROCESSES}:${PROCESSES}`,
      ],
      files: { ...jobFiles(names, SLEEPING), 'late.conf': SLEEPING },
    };
    const daemon = new TestDaemon(options);
    const address = daemon.address.replace('/0/', `/${STRANGER}/`);
    const client = await vi.waitFor(() => connect(address), SOON);
    onTestFinished(() => client.close());
    const answers = names.map((name) =>
      client
        .job(name)
        .start()
        .then(
          () => true,
          () => false,
        ),
    );
    await daemon.err.match(/Temporary process spawn error: .*Resource temporarily unavailable/);
    await daemon.err.match(/Failed to spawn job\d+ main process: .*Resource temporarily unavailable/);
    const results = await Promise.all(answers);
    expect(results).toContain(true);
    expect(results).toContain(false);
    for (const [index, name] of names.entries()) if (results[index]) await client.job(name).stop();
    await client.job('late').start();
    expect(await statusOf(client, 'late')).toMatchObject({ state: 'running' });
    daemon.signal('SIGTERM');
    expect(await daemon.ended).toEqual({ code: 0, signal: null });
    expect(daemon.err.text).not.toContain('Internal error');
  },
);

const DAY = 86_400;

describe.skipIf(!has('cc'))('a clock that jumps', () => {
  const fakeClock = (): { library: string; file: string } => {
    const folder = tempDir();
    const library = join(folder, 'fake-clock.so');
    const source = join(import.meta.dirname, 'fixtures/fake-clock.c');
    const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-Wall', '-Wextra', '-o', library, source], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    const file = join(folder, 'offset');
    writeFileSync(file, '0\n');
    return { library, file };
  };

  test.each([
    { where: 'ten years ahead', seconds: 3650 * DAY },
    { where: 'a day back', seconds: -DAY },
  ])(
    '$where: time limits are as long as they were to be, crashes are counted, and the journal tells both times',
    async ({ seconds }) => {
      const { library, file } = fakeClock();
      const daemon = new TestDaemon({
        args: ['--user', '--no-dbus', '--journal', 'journal'],
        env: { LD_PRELOAD: library, FAKE_CLOCK: file },
        files: {
          'stubborn.conf':
            'start on startup\nkill timeout 2\nscript\n  trap "" TERM\n  touch ready\n  exec sleep 1000\nend script\n',
          'crashing.conf': 'respawn\nrespawn limit 3 3600\nexec false\n',
        },
      });
      const client = await clientOf(daemon);
      await vi.waitFor(() => expect(readdirSync(daemon.home)).toContain('ready'), SOON);
      const stopped = client.job('stubborn').stop();
      await vi.waitFor(async () => expect((await statusOf(client, 'stubborn'))?.state).toBe('killed'), SOON);
      writeFileSync(file, `${seconds}\n`);
      await stopped;
      await client
        .job('crashing')
        .start()
        .catch(() => {});
      await daemon.err.match(/crashing respawning too fast, stopped/);
      await quietly(daemon);

      const lines = readJournal(join(daemon.home, 'journal'), 10_000);
      const kills = lines.filter(({ what }) => what === 'kill').filter((line) => line.job === 'stubborn');
      expect(kills.length).toBe(2);
      const between = (kills[1]?.at ?? 0) - (kills[0]?.at ?? 0);
      expect(between).toBeGreaterThanOrEqual(2000);
      expect(between).toBeLessThan(60_000);
      const jumped = Date.parse(String(kills[1]?.time)) - Date.parse(String(kills[0]?.time));
      expect(Math.abs(jumped - seconds * 1000 - between)).toBeLessThan(1000);
    },
  );
});

test.skipIf(missingBus() !== undefined)(
  'the bus goes and comes back: jobs and the private socket do not notice, and the name is there again',
  async () => {
    const bus = await new TestBus('session').start();
    onTestFinished(() => bus.stop());
    const daemon = new TestDaemon({
      args: ['--user'],
      env: { DBUS_SESSION_BUS_ADDRESS: bus.address },
      files: { 'web.conf': `start on startup\n${SLEEPING}` },
    });
    const onBus = async (): Promise<string> => {
      const client = await connect({ bus: bus.address });
      try {
        return await client.version();
      } finally {
        client.close();
      }
    };
    const client = await clientOf(daemon);
    await vi.waitFor(async () => expect(await onBus()).toContain('1.13.2'), SOON);
    const pid = (await statusOf(client, 'web'))?.processes[0]?.pid;
    for (let round = 0; round < 3; round += 1) {
      await bus.end();
      await client.emit(`without-bus-${round}`);
      expect(await statusOf(client, 'web')).toMatchObject({ processes: [{ pid }] });
      await bus.start();
      await vi.waitFor(async () => expect(await onBus()).toContain('1.13.2'), SOON);
    }
    expect(await statusOf(client, 'web')).toMatchObject({ state: 'running', processes: [{ pid }] });
    await quietly(daemon);
  },
);

test('a configuration directory that is replaced by a rename is read anew, and watched on', async () => {
  const daemon = new TestDaemon({
    args: ['--user', '--no-dbus'],
    files: {
      'same.conf': SLEEPING,
      'gone.conf': SLEEPING,
      'changed.conf': 'exec sleep 1001\n',
      'sub/below.conf': SLEEPING,
    },
  });
  const client = await clientOf(daemon);
  await vi.waitFor(() => client.job('same').start(), SOON);
  const pid = (await statusOf(client, 'same'))?.processes[0]?.pid;
  const next = join(daemon.home, 'next');
  mkdirSync(join(next, 'sub'), { recursive: true });
  for (const [path, text] of [
    ['same.conf', SLEEPING],
    ['changed.conf', 'exec sleep 1002\n'],
    ['fresh.conf', SLEEPING],
    ['sub/other.conf', SLEEPING],
  ] as const)
    writeFileSync(join(next, path), text);
  renameSync(daemon.confDir, join(daemon.home, 'before'));
  renameSync(next, daemon.confDir);

  const names = async (): Promise<string[]> => (await client.list()).map(({ name }) => name).sort();
  await vi.waitFor(async () => expect(await names()).toEqual(['changed', 'fresh', 'same', 'sub/other']), SOON);
  expect(await statusOf(client, 'same')).toMatchObject({ state: 'running', processes: [{ pid }] });
  // What was moved away is no configuration any more, what is there now is watched.
  writeFileSync(join(daemon.home, 'before/stray.conf'), SLEEPING);
  daemon.write('sub/later.conf', SLEEPING);
  await vi.waitFor(
    async () => expect(await names()).toEqual(['changed', 'fresh', 'same', 'sub/later', 'sub/other']),
    SOON,
  );
  await client.job('changed').start();
  const changed = (await statusOf(client, 'changed'))?.processes[0]?.pid;
  // The kernel has the words of a program a moment after it executes.
  await vi.waitFor(() => expect(readFileSync(`/proc/${changed}/cmdline`, 'latin1')).toContain('1002'), SOON);
  await quietly(daemon);
});
