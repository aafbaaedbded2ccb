import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readlinkSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@maverick/dbus';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Chroot, canChroot } from '../../supervisor/test/helpers/chroot.js';
import { isAlive } from '../../supervisor/test/helpers/running.js';
import { canMakeUsers, TestUser } from '../../supervisor/test/helpers/users.js';
import { initctl } from './helpers/initctl.js';
import { TestDaemon, type TestDaemonOptions } from './helpers/test-daemon.js';

const SERVICE = 'start on startup\nrespawn\nexec sleep 1000\n';

const makeChroot = (jobs: Readonly<Record<string, string>>): Chroot => {
  const chroot = new Chroot(jobs);
  onTestFinished(() => chroot.remove());
  return chroot;
};

const makeUser = (jobs: Readonly<Record<string, string>>): TestUser => {
  const user = new TestUser();
  onTestFinished(() => user.remove());
  for (const [name, text] of Object.entries(jobs)) user.job(name, text);
  return user;
};

const start = (args: readonly string[], more: TestDaemonOptions = {}): TestDaemon =>
  new TestDaemon({ args: ['--session', '--live', '--no-dbus', ...args], ...more });

/** The PID of the job's process, when it runs; it is looked for from `from` on. */
const runs = async (daemon: TestDaemon, job: string, session: string, from = 0): Promise<number> => {
  const quoted = `${job} [${session}]`.replaceAll(/[[\]/]/g, '\\$&');
  const [, pid] = await daemon.out.match(new RegExp(`${quoted} +.* → running, process (\\d+)\\n`), from);
  return Number(pid);
};

/** Nothing is left of a job. */
const isDown = (daemon: TestDaemon, job: string, session: string, from = 0) =>
  daemon.out.match(new RegExp(`${`${job} [${session}]`.replaceAll(/[[\]/]/g, '\\$&')} +.* → waiting\\n`), from);

describe.skipIf(!canChroot)('a chroot whose jobs start at boot', () => {
  test('is named on the command line: its jobs run inside it, beside those of the host with the same names', async () => {
    const chroot = makeChroot({ web: SERVICE });
    const daemon = start(['--chroot-session', chroot.root], { files: { 'web.conf': SERVICE } });
    const inside = await runs(daemon, 'web', chroot.root);
    const [, outside] = await daemon.out.match(/ web +.* → running, process (\d+)\n/);
    expect(readlinkSync(`/proc/${inside}/root`)).toBe(chroot.root);
    expect(readlinkSync(`/proc/${outside}/root`)).toBe('/');
    // Neither is stopped by a look at the files, which name none.
    daemon.write('sessions.d/other.session', '# none yet\n');
    await daemon.err.match(/other\.session: expected one of chroot and user/);
    expect(daemon.out.text).not.toContain('running → stopping');
    expect((await initctl(daemon, 'status', 'web')).stdout).toBe(`web start/running, process ${outside}\n`);
    daemon.signal('SIGINT');
    expect(await daemon.ended).toEqual({ code: 0, signal: null });
    expect([inside, Number(outside)].filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
  });

  test('is declared in a file; when the file goes, so does the session', async () => {
    const chroot = makeChroot({ web: SERVICE });
    const daemon = start([], { files: { 'sessions.d/build.session': `chroot ${chroot.root}\n` } });
    await runs(daemon, 'web', chroot.root);
    daemon.remove('sessions.d/build.session');
    await isDown(daemon, 'web', chroot.root);
  });

  test('is declared while the daemon runs, also where there was no such directory', async () => {
    const chroot = makeChroot({ web: SERVICE });
    const daemon = start([], { files: { 'own.conf': SERVICE } });
    await daemon.out.match(/own +.*running/);
    daemon.write('sessions.d/build.session', `chroot ${chroot.root}\n`);
    await runs(daemon, 'web', chroot.root);
  });

  test('is declared before its directory is there, and has it whenever it comes', async () => {
    const chroot = makeChroot({ web: SERVICE });
    const place = join(chroot.root, 'far/build');
    const later = makeChroot({ web: SERVICE });
    const daemon = start(['--chroot-session', place]);
    await daemon.err.match(/expected the absolute path/);
    mkdirSync(join(chroot.root, 'far'));
    renameSync(later.root, place);
    await runs(daemon, 'web', place);
    const from = daemon.out.text.length;
    renameSync(place, later.root);
    await isDown(daemon, 'web', place, from);
    const again = daemon.out.text.length;
    renameSync(later.root, place);
    await runs(daemon, 'web', place, again);
    renameSync(place, later.root);
  });

  test('is declared, and mounted while the daemon runs', async () => {
    const chroot = makeChroot({});
    const other = makeChroot({ web: SERVICE });
    const daemon = start(['--verbose', '--chroot-session', chroot.root]);
    await daemon.err.match(/Session .* opened/);
    spawnSync('mount', ['--bind', other.root, chroot.root]);
    try {
      await runs(daemon, 'web', chroot.root);
      other.job('more', SERVICE.replace('startup', 'go'));
      await expect.poll(async () => (await initctl(daemon, '--chroot', chroot.root, 'list')).stdout).toContain('more');
    } finally {
      spawnSync('umount', ['-l', chroot.root]);
    }
    await isDown(daemon, 'web', chroot.root);
  });

  test('is declared and closed by hand: it stays so until it is declared anew', async () => {
    const chroot = makeChroot({ web: SERVICE });
    const daemon = start([], { files: { 'sessions.d/build.session': `chroot ${chroot.root}\n` } });
    await runs(daemon, 'web', chroot.root);
    await initctl(daemon, 'session', 'close', chroot.root);
    daemon.write('sessions.d/other.session', '# none yet\n');
    await daemon.err.match(/other\.session: expected one of chroot and user/);
    expect((await initctl(daemon, 'sessions')).stdout).not.toContain(chroot.root);
    const from = daemon.out.text.length;
    await initctl(daemon, 'reload-configuration');
    await runs(daemon, 'web', chroot.root, from);
  });

  test('is declared to start nothing by itself', async () => {
    const chroot = makeChroot({ web: SERVICE });
    const daemon = start(['--verbose'], { files: { 'sessions.d/a.session': `chroot ${chroot.root}\nmanual\n` } });
    await daemon.err.match(/Session .* opened/);
    // Whatever it starts with would have come before this.
    await initctl(daemon, 'emit', 'mark');
    await daemon.out.match(/mark/);
    expect(daemon.out.text).not.toContain('web [');
  });

  test.each([
    { what: 'a mistake', text: 'chroot nowhere\n', message: /a\.session:1: expected chroot and an absolute path/ },
    {
      what: 'no such directory',
      text: 'chroot /no/such\n',
      message: /a\.session: \/no\/such: expected the absolute path/,
    },
    {
      what: 'users without sessions',
      text: 'user root\n',
      message: /a\.session: This daemon has no sessions of users/,
    },
  ])('$what in a declaration is told, and all else goes on', async ({ text, message }) => {
    const daemon = start([], { files: { 'sessions.d/a.session': text, 'own.conf': SERVICE } });
    await daemon.err.match(message);
    await daemon.out.match(/own +.*running/);
  });
});

describe.skipIf(!canMakeUsers)('a user who is told to linger', () => {
  test('has their services from the start on, without a login', async () => {
    const user = makeUser({ agent: SERVICE });
    const daemon = start(['--user-sessions'], { files: { 'sessions.d/them.session': `user ${user.name}\n` } });
    const pid = await runs(daemon, 'agent', `user:${user.name}`);
    expect(statSync(`/proc/${pid}`).uid).toBe(user.uid);
    expect(readlinkSync(`/proc/${pid}/cwd`)).toBe(user.home);
    daemon.remove('sessions.d/them.session');
    await isDown(daemon, 'agent', `user:${user.name}`);
    expect(existsSync(`/proc/${pid}`)).toBe(false);
  });
});

describe.skipIf(!canChroot || !canMakeUsers)('sessions', () => {
  /** A daemon with one of each kind, and the PIDs of their jobs. */
  const both = async () => {
    const chroot = makeChroot({ web: SERVICE });
    const user = makeUser({ agent: SERVICE });
    const files = {
      'sessions.d/build.session': `chroot ${chroot.root}\n`,
      'sessions.d/them.session': `user ${user.name}\n`,
    };
    const args = ['--user-sessions', '--verbose'];
    const daemon = start(args, { files });
    const pids = [await runs(daemon, 'web', chroot.root), await runs(daemon, 'agent', `user:${user.name}`)];
    return { chroot, user, daemon, args, pids };
  };

  const living = (pids: readonly number[]) => pids.filter(isAlive);

  test('survive a re-exec with their jobs, which are stopped with them afterwards', async () => {
    const { chroot, user, daemon, pids } = await both();
    const before = daemon.out.text.length;
    const upstart = await connect(daemon.address);
    onTestFinished(() => upstart.close());
    await upstart.restart();
    expect(living(pids)).toEqual(pids);
    daemon.remove('sessions.d/build.session');
    daemon.remove('sessions.d/them.session');
    await isDown(daemon, 'web', chroot.root, before);
    await isDown(daemon, 'agent', `user:${user.name}`, before);
    expect(living(pids)).toEqual([]);
  });

  test('survive a crash with their jobs, which are stopped with them afterwards', async () => {
    const { chroot, user, daemon, args, pids } = await both();
    // All that has happened is kept by then.
    await initctl(daemon, 'version');
    daemon.signal('SIGKILL');
    await daemon.ended;
    expect(living(pids)).toEqual(pids);
    const next = start(args, { after: daemon });
    await next.err.match(/Taken over from a supervisor that died: 2 processes, 0 ended meanwhile\n/);
    // It has begun when it answers.
    await initctl(next, 'version');
    next.remove('sessions.d/build.session');
    next.remove('sessions.d/them.session');
    await isDown(next, 'web', chroot.root);
    await isDown(next, 'agent', `user:${user.name}`);
    expect(living(pids)).toEqual([]);
  });

  test('write the output of their jobs where it belongs', async () => {
    const chroot = makeChroot({ say: 'start on startup\ntask\nexec sh -c "echo chroot"\n' });
    const user = makeUser({ say: 'start on startup\ntask\nexec echo user\n' });
    const daemon = start(['--user-sessions', '--chroot-session', chroot.root], {
      files: {
        'sessions.d/them.session': `user ${user.name}\n`,
        'say.conf': 'start on startup\ntask\nexec echo system\n',
      },
    });
    for (const session of [chroot.root, `user:${user.name}`]) await isDown(daemon, 'say', session);
    await daemon.out.match(/ say +.* → waiting\n/);
    const logs = join(daemon.home, '.cache/upstart');
    const texts = [chroot.path('var/log/upstart'), join(logs, 'users', user.name), logs].map((dir) =>
      readFileSync(join(dir, 'say.log'), 'utf8'),
    );
    expect(texts.map((text) => text.trim())).toEqual(['chroot', 'user', 'system']);
  });
});
