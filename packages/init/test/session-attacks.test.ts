import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import type { Message } from '../../dbus/src/message.js';
import { canChroot } from '../../supervisor/test/helpers/chroot.js';
import { canMakeUsers } from '../../supervisor/test/helpers/users.js';
import { Caller, canCall, managerCall } from './helpers/caller.js';
import { initctl } from './helpers/initctl.js';
import { isDown, makeChroot, makeUser, runs, SERVICE, startSystem } from './helpers/session-daemon.js';
import type { TestDaemon } from './helpers/test-daemon.js';

/** What users and chroots try against each other and the system: each row of docs/security.md that needs a whole daemon. */

/** What a call came to: the name of an error, or what was answered. */
const outcome = (message: Message): unknown => (message.kind === 'error' ? message.errorName : message.body);

const ALL_JOBS = managerCall('GetAllJobs');
const emit = (name: string, ...env: readonly string[]) => managerCall('EmitEvent', 'sasb', [name, env, false]);
const jobCall = (path: string, member: string) =>
  managerCall(member, 'asb', [[], true], { path, interface: 'com.ubuntu.Upstart0_6.Job' });

/** So many events; a million take minutes. */
const FLOOD = Number(process.env['MAVERICK_FLOOD'] ?? 5_000);

vi.setConfig({ testTimeout: 60_000 + 4 * FLOOD });

const JOBS = '/com/ubuntu/Upstart/jobs';
const DENIED = 'com.ubuntu.Upstart0_6.Error.PermissionDenied';
const NO_SESSION = 'org.maverick.Init1.Error.NoSession';
const LIMITED = 'org.freedesktop.DBus.Error.LimitsExceeded';
const UNKNOWN = 'org.freedesktop.DBus.Error.UnknownMethod';

/** The names of the jobs that a caller sees. */
const jobsOf = async (caller: Caller): Promise<string[]> => {
  const message = await caller.call(ALL_JOBS);
  const [paths] = message.body as [string[]];
  return paths.map((path) => path.replace(`${JOBS}/`, '')).sort();
};

/** Somebody who has connected. */
const callerOf = async (daemon: TestDaemon, uid = 0): Promise<Caller> => {
  const caller = new Caller(uid);
  // At first it does not listen yet.
  await expect.poll(() => caller.connect(daemon), { timeout: 60_000 }).toBe('done');
  return caller;
};

/** Until it has become its program, it has some of ours, which are closed by that. */
const descriptorsOf = (pid: number): string[] => readdirSync(`/proc/${pid}/fd`).sort();

/** As a part of an object path. */
const escaped = (id: string): string =>
  id.replaceAll(/[^A-Za-z0-9]/g, (letter) => `_${letter.charCodeAt(0).toString(16).padStart(2, '0')}`);

describe.skipIf(!canMakeUsers || !canCall)('a user', () => {
  test('commands neither the system nor another user, and sees the system alone', async () => {
    const [alice, bob] = [makeUser({ mine: SERVICE }), makeUser({ secret: SERVICE })];
    const daemon = startSystem(['--user-sessions'], { files: { 'web.conf': SERVICE } });
    const [a, b] = [await callerOf(daemon, alice.uid), await callerOf(daemon, bob.uid)];
    const own = `${escaped(`user:${alice.name}`)}/mine`;
    const other = `${JOBS}/${escaped(`user:${bob.name}`)}/secret`;
    expect(await jobsOf(b)).toContain('web');
    expect(await jobsOf(a)).toEqual([own, 'web'].sort());
    expect(outcome(await a.call(jobCall(`${JOBS}/web`, 'Start')))).toBe(DENIED);
    expect(outcome(await a.call(jobCall(other, 'Start')))).toBe(UNKNOWN);
    expect(outcome(await a.call(managerCall('Restart')))).toBe(DENIED);
    expect(outcome(await a.call(managerCall('EndSession')))).toBe(DENIED);
    expect(outcome(await a.call(jobCall(`${JOBS}/${own}`, 'Start')))).toHaveLength(1);
    await runs(daemon, 'mine', `user:${alice.name}`);
    expect((await initctl(daemon, 'status', 'web')).stdout).toBe('web stop/waiting\n');
  });

  test("whose job directory is swapped for a link to another's gets none of its jobs, whenever it is", async () => {
    const [alice, bob] = [makeUser({ mine: SERVICE }), makeUser({ secret: `description "of bob"\n${SERVICE}` })];
    const daemon = startSystem(['--user-sessions']);
    const a = await callerOf(daemon, alice.uid);
    expect(await jobsOf(a)).toHaveLength(1);
    const [dir, link] = [join(alice.home, '.config/upstart'), join(alice.home, '.config/link')];
    symlinkSync(join(bob.home, '.config/upstart'), link);
    const swapper = new Caller(alice.uid);
    const swapped = swapper.swap(20_000, dir, link);
    let isOver = false;
    void swapped.then(() => {
      isOver = true;
    });
    const seen = new Set<string>();
    while (!isOver) {
      // So often as they may; the directory is watched, too.
      expect([[], LIMITED]).toContainEqual(outcome(await a.call(managerCall('ReloadConfiguration'))));
      for (const job of await jobsOf(a)) seen.add(job);
    }
    expect(await swapped).toBe('done');
    expect([...seen].filter((job) => job.includes('secret'))).toEqual([]);
    expect(daemon.err.text).not.toContain('of bob');
  });

  test('has no job that is somebody else’s: setuid root is refused and said', async () => {
    const alice = makeUser({ evil: `start on startup\nsetuid root\nexec sh -c "id -u > $HOME/out"\n`, good: SERVICE });
    const daemon = startSystem(['--user-sessions']);
    const a = await callerOf(daemon, alice.uid);
    expect(await jobsOf(a)).toEqual([`${escaped(`user:${alice.name}`)}/good`]);
    await daemon.err.match(/evil\.conf: Not for a user's job: setuid root/);
    expect(existsSync(join(alice.home, 'out'))).toBe(false);
  });

  test('who defines 100,000 jobs has none of them all, is told, and holds nobody up', async () => {
    const alice = makeUser({ 'job-0': SERVICE });
    const dir = join(alice.home, '.config/upstart');
    for (let index = 1; index < 100_000; index += 1) symlinkSync('job-0.conf', join(dir, `job-${index}.conf`));
    const daemon = startSystem(['--user-sessions'], { files: { 'web.conf': SERVICE } });
    const a = await callerOf(daemon, alice.uid);
    expect((await jobsOf(a)).length).toBeLessThanOrEqual(1001);
    await daemon.err.match(/There are more than \d+ files in the configuration directories of/);
    expect((await initctl(daemon, 'start', 'web')).stdout).toMatch(/^web start\/running/);
  });

  test('who emits without end holds nobody up, and has no more unfinished events than they may', async () => {
    const alice = makeUser({ slow: 'start on tick\npre-start exec sleep 1000\nexec true\n' });
    const daemon = startSystem(['--user-sessions'], { files: { 'web.conf': SERVICE } });
    const [a, flooding] = [await callerOf(daemon, alice.uid), await callerOf(daemon, alice.uid)];
    const flooded = flooding.flood(FLOOD, emit('noise', 'A=1'));
    expect((await initctl(daemon, 'start', 'web')).stdout).toMatch(/^web start\/running/);
    // Who does not read what they are told is dropped in the end.
    expect(await flooded).toMatch(/^done$|Connection reset|Broken pipe/);
    // Each of these waits for the job, which is held by the first.
    const outcomes = [];
    for (let count = 0; count < 300; count += 1) outcomes.push(outcome(await a.call(emit('tick'))));
    expect(outcomes).toContain(LIMITED);
    expect((await initctl(daemon, 'stop', 'web')).stdout).toBe('web stop/waiting\n');
  });

  test('fills no log of the daemon: what is beyond their share is left out, and said', async () => {
    const alice = makeUser({ fails: 'instance $N\ntask\nexec false\n' });
    const daemon = startSystem(['--user-sessions'], { files: { 'web.conf': 'exec false\n' } });
    const a = await callerOf(daemon, alice.uid);
    const path = `${JOBS}/${escaped(`user:${alice.name}`)}/fails`;
    const start = { path, interface: 'com.ubuntu.Upstart0_6.Job' };
    await jobsOf(a);
    const said = daemon.err.match(new RegExp(`Session user:${alice.name}: \\d+ lines left out`)).then(() => true);
    // Their share grows with time: on a busy machine it takes more of them until something is left out.
    let count = 0;
    do {
      for (let index = 0; index < 100; index += 1, count += 1)
        await a.call(managerCall('Start', 'asb', [[`N=${count}`], true], start));
    } while (!(await Promise.race([said, delay(200, false)])));
    const endOf = (job: string): readonly string[] =>
      daemon.err.text.split('\n').filter((line) => new RegExp(`${job}.* terminated with status 1`).test(line));
    const told = new Set(endOf('fails').map((line) => /fails \((\d+)\)/.exec(line)?.[1]));
    expect(told.size).toBeGreaterThan(0);
    expect(told.size).toBeLessThan(count);
    await initctl(daemon, 'start', 'web');
    expect(endOf('web')).not.toEqual([]);
  });

  test('can not hold an event of the system’s jobs', async () => {
    const alice = makeUser({
      holds: 'start on starting web\npre-start exec sleep 1000\nexec true\n',
      hears: 'start on :sys:starting JOB=web\npre-start exec sleep 1000\nexec true\n',
    });
    const daemon = startSystem(['--user-sessions'], { files: { 'web.conf': SERVICE } });
    await callerOf(daemon, alice.uid).then(jobsOf);
    expect((await initctl(daemon, 'start', 'web')).stdout).toMatch(/^web start\/running/);
    await daemon.out.match(new RegExp(` hears \\[user:${alice.name}\\]`));
    expect(daemon.out.text).not.toContain(' holds [');
  });

  test('reads of the journal what is of their session, and nothing else', async () => {
    const [alice, bob] = [makeUser({ mine: SERVICE }), makeUser({ secret: `start on startup\n${SERVICE}` })];
    const daemon = startSystem(['--user-sessions'], { files: { 'web.conf': SERVICE } });
    const [a, b] = [await callerOf(daemon, alice.uid), await callerOf(daemon, bob.uid)];
    const [own, other] = [`user:${alice.name}`, `user:${bob.name}`];
    const journal = (session?: string) => {
      const filter = session === undefined ? [] : [['session', { signature: 's', value: session }] as const];
      return managerCall('Journal', 'a{sv}b', [new Map(filter), true], { interface: 'org.maverick.Init1' });
    };
    // From here on lines are kept, also where the daemon has no file for them.
    await a.call(journal());
    await jobsOf(b);
    await runs(daemon, 'secret', other);
    await initctl(daemon, 'start', 'web');
    await a.call(jobCall(`${JOBS}/${escaped(own)}/mine`, 'Start'));
    const { body } = await a.call(journal());
    const lines = (body[0] as string[]).map((line) => JSON.parse(line) as { session?: string });
    expect(new Set(lines.map(({ session }) => session))).toEqual(new Set([own]));
    for (const session of ['', other]) expect(outcome(await a.call(journal(session)))).toBe(DENIED);
  });

  test('smuggles no variable into what runs with other rights', async () => {
    const alice = makeUser({ job: `env LD_AUDIT=/evil-job.so\nenv UPSTART_JOB=web\nstart on go\n${SERVICE}` });
    const daemon = startSystem(['--user-sessions'], {
      files: { 'web.conf': `start on go\nsetuid nobody\n${SERVICE}` },
    });
    const a = await callerOf(daemon, alice.uid);
    for (const variable of ['LD_PRELOAD=/evil.so', 'UPSTART_JOB=web', 'UPSTART_RUN=forged'])
      expect(outcome(await a.call(managerCall('SetEnv', 'assb', [[], variable, true])))).toEqual([]);
    await a.call(emit('go', 'LD_BIND_NOW=evil'));
    const job = await runs(daemon, 'job', `user:${alice.name}`);
    await initctl(daemon, 'emit', 'go');
    const web = await runs(daemon, 'web');
    for (const pid of [job, web]) await expect.poll(() => descriptorsOf(pid), { timeout: 60_000 }).toHaveLength(3);
    const environ = (pid: number | string) => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    // It is the user's own process: there it may be what they want. Whose job it is, is not theirs to say.
    expect(environ(job)).toEqual(expect.arrayContaining(['LD_PRELOAD=/evil.so', 'UPSTART_JOB=job']));
    expect(environ(web).filter((entry) => /^LD_|forged|evil/.test(entry))).toEqual([]);
    expect(environ(web)).toContain('UPSTART_JOB=web');
    const children = readFileSync(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8').trim().split(' ');
    const others = children.filter((pid) => Number(pid) !== job);
    expect(others.length).toBeGreaterThan(1);
    for (const pid of others) expect(environ(pid).filter((entry) => /^LD_|evil/.test(entry))).toEqual([]);
  });

  test('writes no line of the daemon’s log, by no name and no value', async () => {
    const forged = 'x\ninit: forged\u001b[2J';
    const alice = makeUser({ fails: 'instance $N\ntask\nexec false\n' });
    const daemon = startSystem(['--user-sessions', '--debug']);
    const a = await callerOf(daemon, alice.uid);
    const path = `${JOBS}/${escaped(`user:${alice.name}`)}/fails`;
    await jobsOf(a);
    await a.call(
      managerCall('Start', 'asb', [[`N=${forged}`], true], { path, interface: 'com.ubuntu.Upstart0_6.Job' }),
    );
    await a.call(emit('ev', `A=${forged}`));
    await a.call(emit(forged));
    await daemon.err.match(/terminated with status 1/);
    const told = daemon.err.text + daemon.out.text;
    expect(told).not.toContain('\u001b');
    expect(told.split('\n').filter((line) => line.startsWith('init: forged'))).toEqual([]);
    expect(told).toContain(`Handling x\\ninit: forged\\x1b[2J event [user:${alice.name}]`);
    // What their jobs do is not taken for what a job of the system with the same name does.
    expect(told.split('\n').filter((line) => line.includes('fails') && !line.includes(`[user:${alice.name}]`))).toEqual(
      [],
    );
  });

  test('has root change none of the system’s files', async () => {
    const alice = makeUser({ web: SERVICE });
    const daemon = startSystem(['--user-sessions'], { files: { 'web.conf': SERVICE } });
    await callerOf(daemon, alice.uid).then(jobsOf);
    const victim = join(daemon.home, 'victim');
    writeFileSync(victim, '# as it was\n');
    symlinkSync(victim, join(alice.home, '.config/upstart/web.override'));
    for (const command of ['disable', 'enable', 'edit']) {
      const { status, stderr } = await initctl(daemon, '--in-session', `user:${alice.name}`, command, 'web');
      expect([status, stderr]).toEqual([1, expect.stringContaining(`runuser -u ${alice.name} -- initctl`)]);
    }
    expect(readFileSync(victim, 'utf8')).toBe('# as it was\n');
    expect((await initctl(daemon, '--in-session', 'system', 'disable', 'web')).status).toBe(0);
  });

  test('has nothing of the daemon’s open', async () => {
    const alice = makeUser({ files: `start on startup\n${SERVICE}` });
    const daemon = startSystem(['--user-sessions']);
    await callerOf(daemon, alice.uid).then(jobsOf);
    const pid = await runs(daemon, 'files', `user:${alice.name}`);
    await expect.poll(() => descriptorsOf(pid), { timeout: 60_000 }).toEqual(['0', '1', '2']);
  });

  test('has their output where it belongs, whatever an instance is called', async () => {
    const alice = makeUser({ say: 'instance $N\ntask\nexec echo said\n' });
    const daemon = startSystem(['--user-sessions']);
    const a = await callerOf(daemon, alice.uid);
    await jobsOf(a);
    const path = `${JOBS}/${escaped(`user:${alice.name}`)}/say`;
    await a.call(
      managerCall('Start', 'asb', [['N=../../../escaped'], true], { path, interface: 'com.ubuntu.Upstart0_6.Job' }),
    );
    await isDown(daemon, 'say (../../../escaped)', `user:${alice.name}`);
    expect(readdirSync(join(daemon.home, '.cache/upstart/users', alice.name))).toEqual(['say-.._.._.._escaped.log']);
  });
});

describe.skipIf(!canChroot || !canCall)('a chroot', () => {
  test('has the output of its jobs below its root, whatever an instance is called', async () => {
    const chroot = makeChroot({ say: 'instance $N\nstart on say\ntask\nexec sh -c "echo said"\n' });
    const daemon = startSystem(['--chroot-session', chroot.root]);
    const caller = await callerOf(daemon);
    expect(await caller.chroot(chroot.root)).toBe('done');
    await caller.call(emit('say', 'N=../../../escaped'));
    await isDown(daemon, 'say (../../../escaped)', chroot.root);
    expect(readdirSync(chroot.path('var/log/upstart'))).toEqual(['say-.._.._.._escaped.log']);
    expect(readFileSync(chroot.path('var/log/upstart/say-.._.._.._escaped.log'), 'utf8').trim()).toBe('said');
  });

  test('shows root none of the system’s files as the output of its jobs', async () => {
    const chroot = makeChroot({ say: 'start on say\ntask\nexec sh -c "echo said"\n' });
    const daemon = startSystem(['--chroot-session', chroot.root]);
    await expect.poll(async () => (await initctl(daemon, 'emit', 'hello')).status, { timeout: 60_000 }).toBe(0);
    const log = (...words: readonly string[]) => initctl(daemon, '--chroot', chroot.root, 'log', ...words);
    const file = join(chroot.root, 'var/log/upstart/say.log');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'said\n');
    expect((await log('say')).stdout).toBe('said\n');
    const secret = join(daemon.home, 'secret');
    writeFileSync(secret, 'secret\n');
    rmSync(file);
    symlinkSync(secret, file);
    expect(await log('say')).toMatchObject({ status: 1, stdout: '' });
    rmSync(dirname(file), { recursive: true });
    symlinkSync(daemon.home, dirname(file));
    expect(await log('say')).toMatchObject({ stdout: '' });
    rmSync(dirname(file));
    mkdirSync(dirname(file));
    spawnSync('mkfifo', [file]);
    expect(await log('say')).toMatchObject({ status: 1, stderr: expect.stringContaining('no regular file') });
  });

  test('hears of its files by the names that they have inside', async () => {
    const chroot = makeChroot({ say: SERVICE });
    const daemon = startSystem(['--chroot-session', chroot.root]);
    const caller = await callerOf(daemon);
    expect(await caller.chroot(chroot.root)).toBe('done');
    const path = `${JOBS}/${escaped(chroot.root)}/say`;
    const onJob = (member: string, ...rest: readonly [string, string[]]) =>
      managerCall(member, ...rest, { path, interface: 'org.maverick.Init1.Job' });
    expect(outcome(await caller.call(onJob('LogFile', 's', [''])))).toEqual(['/var/log/upstart/say.log']);
    const read = managerCall('Get', 'ss', ['org.maverick.Init1.Job', 'file'], {
      path,
      interface: 'org.freedesktop.DBus.Properties',
    });
    expect(outcome(await caller.call(read))).toEqual([{ signature: 's', value: '/etc/init/say.conf' }]);
    const outside = await callerOf(daemon);
    expect(outcome(await outside.call(read))).toEqual([
      { signature: 's', value: join(chroot.root, 'etc/init/say.conf') },
    ]);
  });

  test('gets who changes root between connecting and calling, and who comes from it does not get out', async () => {
    const chroot = makeChroot({ inner: SERVICE });
    const daemon = startSystem(['--chroot-session', chroot.root], { files: { 'web.conf': SERVICE } });
    const caller = await callerOf(daemon);
    expect(await jobsOf(caller)).toEqual(['web']);
    expect(await caller.chroot(chroot.root)).toBe('done');
    expect(await jobsOf(caller)).toEqual([`${escaped(chroot.root)}/inner`]);
    expect(outcome(await caller.call(jobCall(`${JOBS}/web`, 'Start')))).not.toEqual(expect.any(Array));
    expect(outcome(await caller.call(managerCall('Restart')))).toBe(DENIED);
    expect((await initctl(daemon, 'status', 'web')).stdout).toBe('web stop/waiting\n');
  });

  test('gets who closes its own session, or changes root once more, no further: nothing of the system’s', async () => {
    const chroot = makeChroot({ inner: SERVICE });
    const daemon = startSystem(['--chroot-session', chroot.root], { files: { 'web.conf': SERVICE } });
    const [caller, nested] = [await callerOf(daemon), await callerOf(daemon)];
    const web = jobCall(`${JOBS}/web`, 'Start');
    expect(await nested.chroot(chroot.path('tmp'))).toBe('done');
    expect(outcome(await nested.call(web))).toBe(NO_SESSION);
    expect(await caller.chroot(chroot.root)).toBe('done');
    const close = managerCall('CloseSession', 's', [chroot.root], { interface: 'org.maverick.Init1' });
    expect(outcome(await caller.call(close))).toEqual([]);
    for (const each of [caller, nested]) {
      expect(outcome(await each.call(web))).toBe(NO_SESSION);
      expect(outcome(await each.call(managerCall('Restart')))).toBe(NO_SESSION);
    }
    expect((await initctl(daemon, 'status', 'web')).stdout).toBe('web stop/waiting\n');
  });

  test('is nobody’s whose process is not there any more: no session rather than the wrong one', async () => {
    const chroot = makeChroot({ inner: SERVICE });
    const daemon = startSystem(['--chroot-session', chroot.root], { files: { 'web.conf': SERVICE } });
    const caller = await callerOf(daemon);
    expect(await caller.borrow(daemon)).toBe('done');
    expect(outcome(await caller.call(ALL_JOBS))).toBe(NO_SESSION);
    expect(outcome(await caller.call(jobCall(`${JOBS}/web`, 'Start')))).toBe(NO_SESSION);
  });

  test('gets no socket outside of it by a link in the place of its directory', async () => {
    const [chroot, outside] = [makeChroot({ web: `start on startup\n${SERVICE}` }), makeChroot({})];
    symlinkSync(outside.path('tmp'), chroot.path('run'));
    const daemon = startSystem(['--chroot-session', chroot.root]);
    await runs(daemon, 'web', chroot.root);
    expect(readdirSync(outside.path('tmp'))).toEqual([]);
    await daemon.err.match(/Unable to listen in/);
  });

  test('has nothing of the daemon’s open, and nothing of the system in its environment', async () => {
    const chroot = makeChroot({ files: `start on startup\n${SERVICE}` });
    const daemon = startSystem(['--chroot-session', chroot.root], {
      files: { 'web.conf': 'env SECRET=1\nexec true\n' },
    });
    const pid = await runs(daemon, 'files', chroot.root);
    await expect.poll(() => descriptorsOf(pid), { timeout: 60_000 }).toEqual(['0', '1', '2']);
    expect(readlinkSync(`/proc/${pid}/root`)).toBe(chroot.root);
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain('SECRET');
  });
});
