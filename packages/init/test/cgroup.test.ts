import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { connect } from '@maverick/dbus';
import { removeCgroup } from '@maverick/spawner';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { initctl } from './helpers/initctl.js';
import { TestDaemon } from './helpers/test-daemon.js';

// A busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

/** The mount points of cgroup v2: alone, or beside the hierarchies of v1. */
const PLACES = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'];

/** A group of our own in the machine's cgroup v2, if we may make one. */
const makeGroup = (): string | undefined => {
  for (const place of PLACES) {
    if (!existsSync(join(place, 'cgroup.procs'))) continue;
    try {
      return mkdtempSync(join(place, 'maverick-test-'));
    } catch {
      // Not ours to write in.
    }
  }
  return undefined;
};

const probe = makeGroup();
if (probe !== undefined) removeCgroup(probe);
const missing = probe === undefined ? 'skipped: there is no cgroup v2 that we may write in' : undefined;

const groupOf = (pid: number): string => /^0::(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'latin1'))?.[1] ?? '';

/** It leaves a process behind in a session of its own, out of reach of a signal to the group. */
const MESSY = [
  'start on startup',
  'expect stop',
  'script',
  "  setsid sh -c 'echo $$ > $HOME/left; exec sleep 1000' &",
  '  while ! test -s $HOME/left; do :; done',
  '  kill -STOP $$',
  '  sleep 1000',
  'end script',
  '',
].join('\n');

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}/exe`);

describe.skipIf(missing)(`control groups${missing === undefined ? '' : ` (${missing})`}`, () => {
  const given = (): string => {
    const root = makeGroup() ?? '';
    onTestFinished(() => removeCgroup(root));
    return root;
  };

  test('--cgroup gives each instance one, whose numbers Usage has', async () => {
    const root = given();
    const files = { 'web.conf': 'start on startup\nexec sleep 1000\n' };
    const daemon = new TestDaemon({ args: ['--user', '--live', '--cgroup', root], files });
    const [, pid] = await daemon.out.match(/web .*running, process (\d+)/);
    expect(groupOf(Number(pid)).endsWith(`/${basename(root)}/web`)).toBe(true);
    const upstart = await connect(daemon.address);
    const [usage] = await upstart.init1.usage('web');
    expect(usage).toMatchObject({ job: 'web', source: 'cgroup', pids: [Number(pid)] });
    expect(usage?.memoryBytes).toBeGreaterThan(0n);
    upstart.close();
    await initctl(daemon, 'stop', 'web');
    await expect.poll(() => existsSync(join(root, 'web')), { timeout: 60_000 }).toBe(false);
  });

  test('a job with a cgroup stanza leaves nobody behind', async () => {
    const files = { 'web.conf': `cgroup perf_event\n${MESSY}` };
    const daemon = new TestDaemon({ args: ['--user', '--live', '--verbose', '--cgroup', given()], files });
    await daemon.out.match(/web .*running/);
    const left = Number(readFileSync(join(daemon.home, 'left'), 'utf8'));
    await initctl(daemon, 'stop', 'web');
    await daemon.err.match(new RegExp(`init: Killed what web has left: sleep \\(${left}\\)\n`));
    await expect.poll(() => isAlive(left), { timeout: 60_000 }).toBe(false);
  });

  test('an unknown setting fails the start by its name, and other jobs run', async () => {
    const files = {
      'bad.conf': 'start on startup\ncgroup memory colour red\nexec sleep 1000\n',
      'web.conf': 'start on started-by-hand\nexec sleep 1000\n',
    };
    const daemon = new TestDaemon({ args: ['--user', '--live', '--cgroup', given()], files });
    await daemon.err.match(
      /init: Failed to spawn bad main process: unable to setup cgroup: unknown setting colour of the cgroup controller memory/,
    );
    expect((await initctl(daemon, 'start', 'web')).stdout).toMatch(/^web start\/running, process \d+\n$/);
  });

  test("without options the place is below the daemon's own group, for jobs that ask for one", async () => {
    const files = {
      'plain.conf': 'start on startup\nexec sleep 1000\n',
      'web.conf': 'start on started plain\ncgroup perf_event\nexec sleep 1000\n',
      'limited.conf': 'cgroup rdma max "none 1"\nexec sleep 1000\n',
    };
    const own = given();
    const within = ['sh', '-ec', `echo $$ > ${own}/cgroup.procs; exec "$@"`, 'sh'];
    const daemon = new TestDaemon({ files, within });
    const [, pid] = await daemon.out.match(/web .*running, process (\d+)/);
    const [, plain] = await daemon.out.match(/plain .*running, process (\d+)/);
    expect(groupOf(Number(pid))).toMatch(new RegExp(`/${basename(own)}/upstart-\\d+-${daemon.pid}/web$`));
    expect(groupOf(Number(plain)).endsWith(`/${basename(own)}`)).toBe(true);
    expect(daemon.err.text).toContain('Job limited: its cgroup settings of rdma have no effect');
    expect((await initctl(daemon, 'start', 'limited')).stdout).toMatch(/^limited start\/running/);
    daemon.signal('SIGTERM');
    await daemon.ended;
    expect(readdirSync(own).filter((name) => name.startsWith('upstart-'))).toEqual([]);
  });
});

describe.skipIf(missing)('control groups go on', () => {
  /** `web` leaves somebody behind, out of reach of all but its group; `plain` does not ask for one. */
  const FILES = {
    'web.conf': `cgroup perf_event\n${MESSY}`,
    'plain.conf': 'start on started web\nexec sleep 1000\n',
  };
  const places = [
    { place: 'a directory that was named', isNamed: true },
    { place: "one below the daemon's own group", isNamed: false },
  ];
  const upheavals = [
    { upheaval: 'a re-exec', isCrash: false },
    { upheaval: 'a SIGKILL', isCrash: true },
  ];
  const cases = places.flatMap((place) => upheavals.map((upheaval) => ({ ...place, ...upheaval })));

  test.each(cases)('after $upheaval with $place', async ({ isNamed, isCrash }) => {
    const own = makeGroup() ?? '';
    onTestFinished(() => removeCgroup(own));
    const named = join(own, 'named');
    const options = {
      args: ['--user', '--live', '--verbose', ...(isNamed ? ['--cgroup', named] : [])],
      within: ['sh', '-ec', `echo $$ > ${own}/cgroup.procs; exec "$@"`, 'sh'],
    };
    const first = new TestDaemon({ ...options, files: FILES });
    await first.out.match(/plain .*running, process (\d+)/);
    const [, main] = await first.out.match(/web .*running, process (\d+)/);
    const left = Number(readFileSync(join(first.home, 'left'), 'utf8'));
    const group = groupOf(Number(main));
    expect(groupOf(left)).toBe(group);

    if (isCrash) {
      first.signal('SIGKILL');
      await first.ended;
    }
    const daemon = isCrash ? new TestDaemon({ ...options, after: first }) : first;
    if (isCrash) await daemon.err.match(/Taken over from a supervisor that died: 2 processes/);
    const upstart = await vi.waitFor(() => connect(daemon.address), { timeout: 60_000 });
    if (!isCrash) await upstart.restart();
    const [usage] = await upstart.init1.usage('web');
    expect(usage).toMatchObject({ source: 'cgroup' });
    expect(usage?.pids).toEqual(expect.arrayContaining([Number(main), left]));
    expect(groupOf(Number(main))).toBe(group);

    const seen = daemon.err.text.length;
    await initctl(daemon, 'stop', 'web');
    await daemon.err.match(new RegExp(`init: Killed what web has left: .*sleep \\(${left}\\)`), seen);
    await expect.poll(() => isAlive(left), { timeout: 60_000 }).toBe(false);
    // A new run has a group again.
    expect((await initctl(daemon, 'start', 'web')).stdout).toMatch(/^web start\/running/);
    const [again] = await upstart.init1.usage('web');
    expect(again).toMatchObject({ source: 'cgroup' });
    upstart.close();
    daemon.signal('SIGTERM');
    expect(await daemon.ended).toEqual({ code: 0, signal: null });
    expect(daemon.allJobProcesses).toEqual([]);
    expect(readdirSync(own).filter((name) => name.startsWith('upstart-'))).toEqual([]);
    expect(isNamed ? readdirSync(named).filter((name) => name === 'web') : []).toEqual([]);
  });
});

test('--no-cgroups: a job with the stanza runs, and one line says that it has no effect', async () => {
  const files = { 'web.conf': 'start on startup\ncgroup memory limit_in_bytes 1G\nexec sleep 1000\n' };
  const daemon = new TestDaemon({ args: ['--user', '--live', '--no-cgroups'], files });
  await daemon.out.match(/web .*running/);
  expect(daemon.err.text.match(/cgroup.*/g)).toEqual([
    'cgroup stanzas have no effect, for no cgroup subtree was given',
  ]);
});

test('--cgroup with a directory that is none is told, and jobs run', async () => {
  const files = { 'web.conf': 'start on startup\nexec sleep 1000\n' };
  const daemon = new TestDaemon({ args: ['--user', '--live', '--cgroup', '/proc/self'], files });
  await daemon.out.match(/web .*running/);
  expect(daemon.err.text).toMatch(/^init: Unable to use control groups: .*\/proc\/self/);
});
