import {
  chmodSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { SupervisorOptions } from '../src/options.js';
import type { UserLimits } from '../src/user-session.js';
import { FakeClock } from './helpers/fake-clock.js';
import { Running } from './helpers/running.js';
import { canMakeUsers, TestUser } from './helpers/users.js';

/** Runs until it is stopped. */
const SERVICE = 'exec sleep 1000\n';

describe.skipIf(!canMakeUsers)('the session of a user', () => {
  let running: Running | undefined;
  const users: TestUser[] = [];
  afterEach(async () => {
    await running?.close();
    running = undefined;
    for (const user of users.splice(0)) user.remove();
  });

  const makeUser = (jobs: Readonly<Record<string, string>> = {}): TestUser => {
    const user = new TestUser();
    users.push(user);
    for (const [name, text] of Object.entries(jobs)) user.job(name, text);
    return user;
  };

  const start = (
    limits: Partial<UserLimits> = {},
    system: Readonly<Record<string, string>> = {},
    more: Partial<SupervisorOptions> = {},
  ): Running => {
    running = new Running(system, {
      sessions: { users: { limits, address: 'unix:abstract=there' } },
      sessionMode: false,
      ...more,
    });
    return running;
  };

  const contact = (all: Running, { uid }: TestUser) => {
    const result = all.supervisor.contact({ uid, root: '/' });
    const scope = result.ok ? all.supervisor.scope(result.session) : undefined;
    if (scope === undefined) throw new Error('there is no session');
    const ask = (request: Parameters<typeof scope.request>[0]) =>
      new Promise((resolve) => scope.request(request, resolve));
    const log = (job: string) => readFileSync(scope.logFile(job, '') ?? '', 'utf8');
    return { scope, ask, log };
  };

  /** What was told of files, as `CODE NAME`. */
  const refusals = (all: Running): string[] =>
    all.events.flatMap((event) =>
      event.kind === 'diagnostic' && event.diagnostic.code !== undefined
        ? [`${event.diagnostic.code} ${event.diagnostic.path.split('/').at(-1)}`]
        : [],
    );

  test('comes to be when they call, and starts what they have for the start', async () => {
    const user = makeUser({ boot: `start on startup\n${SERVICE}` });
    const all = start({}, { web: SERVICE });
    const { scope } = contact(all, user);
    expect(scope.session).toBe(`user:${user.name}`);
    expect(scope.instance('boot')?.goal).toBe('start');
    expect(scope.job('web')).toBeUndefined();
    expect(all.supervisor.sessions()).toContainEqual({
      id: `user:${user.name}`,
      kind: 'user',
      uid: user.uid,
      jobs: 1,
      closing: false,
    });
  });

  test('runs their jobs as themselves, at home, with their environment, and they can read the output', async () => {
    const user = makeUser({
      who: 'task\nexec sh -c "id -un; id -gn; pwd; echo $HOME $USER $LOGNAME $SHELL $UPSTART_SESSION"\n',
    });
    const { scope, ask, log } = contact(start(), user);
    expect(await ask({ kind: 'start', job: 'who', wait: true })).toMatchObject({ ok: true });
    const { name, home } = user;
    expect(log('who')).toBe(`${name}\n${name}\n${home}\n${home} ${name} ${name} /bin/sh unix:abstract=there\n`);
    expect(statSync(scope.logFile('who', '') ?? '')).toMatchObject({ uid: user.uid, gid: user.gid });
  });

  test.each([
    ['setuid root', 'setuid root\n'],
    ['setgid root', 'setgid root\n'],
    ['chroot', 'chroot /\n'],
    ['console owner', 'console owner\n'],
    ['console output', 'console output\n'],
    ['oom score', 'oom score -500\n'],
    ['oom score never', 'oom score never\n'],
    ['apparmor switch', 'apparmor switch unconfined\n'],
    ['apparmor load', 'apparmor load /etc/hostname\n'],
    ['cgroup', 'cgroup cpu own cpu.weight 10000\n'],
  ])('has no job with %s', (_what, stanza) => {
    const user = makeUser({ bad: `${stanza}${SERVICE}`, good: SERVICE });
    const all = start();
    const { scope } = contact(all, user);
    expect(scope.jobs().map(({ name }) => name)).toEqual(['good']);
    expect(refusals(all)).toEqual(['NotForUsers bad.conf']);
  });

  test('has jobs with setuid and setgid of themselves', async () => {
    const user = makeUser();
    user.job('self', `setuid ${user.name}\nsetgid ${user.name}\ntask\nexec id -un\n`);
    const { ask, log } = contact(start(), user);
    expect(await ask({ kind: 'start', job: 'self', wait: true })).toMatchObject({ ok: true });
    expect(log('self')).toBe(`${user.name}\n`);
  });

  test('keeps the good definition of a job that is made one that it may not have', async () => {
    const user = makeUser({ web: SERVICE });
    const all = start();
    const { scope } = contact(all, user);
    const stale = all.next((event) => (event.kind === 'job-stale' ? event : undefined));
    user.job('web', `setuid root\n${SERVICE}`);
    expect(await stale).toMatchObject({ session: scope.session, job: 'web' });
    expect(scope.job('web')?.definition.setuid).toBeUndefined();
  });

  test("reads nothing that they could not read, by a link in a file's or a directory's place", () => {
    const [alice, bob] = [makeUser({ own: SERVICE }), makeUser({ secret: 'description "of bob"\n' })];
    symlinkSync(join(bob.home, '.config/upstart/secret.conf'), join(alice.home, '.config/upstart/link.conf'));
    symlinkSync('/etc/shadow', join(alice.home, '.config/upstart/shadow.conf'));
    const all = start();
    const { scope } = contact(all, alice);
    expect(scope.jobs().map(({ name }) => name)).toEqual(['own']);
    rmSync(join(alice.home, '.config/upstart'), { recursive: true });
    symlinkSync(join(bob.home, '.config/upstart'), join(alice.home, '.config/upstart'));
    scope.reloadConfiguration();
    expect(scope.job('secret')).toBeUndefined();
    expect(JSON.stringify(all.events)).not.toContain('of bob');
  });

  test('reads nothing that belongs to somebody else, also where they could', () => {
    const [alice, bob] = [makeUser(), makeUser({ open: SERVICE })];
    for (const dir of ['', '.config', '.config/upstart']) chmodSync(join(bob.home, dir), 0o755);
    mkdirSync(join(alice.home, '.config'));
    symlinkSync(join(bob.home, '.config/upstart'), join(alice.home, '.config/upstart'));
    const all = start();
    expect(contact(all, alice).scope.jobs()).toEqual([]);
    expect(refusals(all)).toEqual(['NotTheirs upstart']);
  });

  test('is not held up by what is no file', () => {
    const user = makeUser({ good: SERVICE });
    symlinkSync('/dev/zero', join(user.home, '.config/upstart/endless.conf'));
    const all = start();
    expect(
      contact(all, user)
        .scope.jobs()
        .map(({ name }) => name),
    ).toEqual(['good']);
    writeFileSync(user.write('.config/upstart/large.conf', ''), 'x'.repeat(2 << 20));
    contact(all, user).scope.reloadConfiguration();
    expect(refusals(all)).toContain('FileTooLarge large.conf');
  });

  test("enters no directory that they can't, with our rights", async () => {
    const [alice, bob] = [makeUser(), makeUser()];
    mkdirSync(join(bob.home, 'open'), { mode: 0o755 });
    alice.job('spy', `task\nchdir ${bob.home}/open\nexec touch ${alice.home}/ran\n`);
    const all = start();
    const failed = all.next((event) => (event.kind === 'spawn-failed' ? event.failure : undefined));
    const { ask } = contact(all, alice);
    expect(await ask({ kind: 'start', job: 'spy', wait: true })).toMatchObject({ ok: false, code: 'JobFailed' });
    expect(await failed).toMatchObject({ step: 'chdir', message: expect.stringContaining('Permission denied') });
    expect(existsSync(join(alice.home, 'ran'))).toBe(false);
  });

  test.each([
    { limit: 'jobs', limits: { jobs: 3 }, files: 5, code: 'TooManyJobs' },
    { limit: 'files in their directories', limits: { jobs: 3 }, files: 50, code: 'TooManyFiles' },
    { limit: 'bytes of configuration', limits: { configurationBytes: 100 }, files: 9, code: 'ConfigurationTooLarge' },
  ])('has no more $limit than it may: $code', ({ limits, files, code }) => {
    const user = makeUser(Object.fromEntries(Array.from({ length: files }, (_, index) => [`job${index}`, SERVICE])));
    const all = start(limits);
    const { scope } = contact(all, user);
    expect(refusals(all).map((text) => text.split(' ', 1)[0])).toContain(code);
    expect(scope.jobs().length).toBeLessThan(files);
    // What is removed makes room.
    for (let index = 1; index < files; index += 1) rmSync(join(user.home, `.config/upstart/job${index}.conf`));
    scope.reloadConfiguration();
    expect(scope.jobs().map(({ name }) => name)).toEqual(['job0']);
  });

  test('has no more instances and unfinished events than it may', async () => {
    const user = makeUser({ many: `instance $N\n${SERVICE}`, slow: 'start on tick\npre-start exec sleep 1000\n' });
    const { ask } = contact(start({ instances: 2, events: 2 }), user);
    await ask({ kind: 'start', job: 'many', env: ['N=1'], wait: true });
    await ask({ kind: 'emit', name: 'tick' });
    expect(await ask({ kind: 'start', job: 'many', env: ['N=2'] })).toMatchObject({
      ok: false,
      code: 'LimitsExceeded',
    });
    await ask({ kind: 'emit', name: 'tick' });
    expect(await ask({ kind: 'emit', name: 'tick' })).toMatchObject({ ok: false, code: 'LimitsExceeded' });
  });

  test('has no environment larger than it may', async () => {
    const user = makeUser({ web: SERVICE });
    const { ask, scope } = contact(start({ environmentBytes: 1000 }), user);
    const large = `A=${'x'.repeat(1000)}`;
    const refused = { ok: false, code: 'LimitsExceeded', message: expect.stringMatching(/bytes/) };
    expect(await ask({ kind: 'emit', name: 'E', env: [large] })).toMatchObject(refused);
    expect(await ask({ kind: 'start', job: 'web', env: [large] })).toMatchObject(refused);
    expect(await ask({ kind: 'set-env', variables: [large], retain: false })).toMatchObject(refused);
    expect(scope.environment()).not.toContain(large);
  });

  test('is closed though they call meanwhile, which is answered; then they have another', async () => {
    const user = makeUser({ stubborn: `kill timeout 1\nexec sh -c 'trap "" TERM; while :; do sleep 0.1; done'\n` });
    const all = start();
    const { scope, ask } = contact(all, user);
    expect(await ask({ kind: 'start', job: 'stubborn', wait: true })).toMatchObject({ ok: true });
    const closed = new Promise((resolve) => all.supervisor.closeSession(scope.session, resolve));
    const call = () => all.supervisor.contact({ uid: user.uid, root: '/' });
    expect(call()).toMatchObject({ ok: false, code: 'NoSession', message: expect.stringContaining('is closing') });
    expect(await closed).toEqual({ ok: true });
    expect(call()).toMatchObject({ ok: true });
  });

  test('asks for no more than it may in a time, for more when time has passed, and for none by closing the session', async () => {
    const clock = new FakeClock();
    const user = makeUser({ web: SERVICE });
    const all = start({ requests: 100, requestsPerSecond: 10 }, {}, { clock });
    const { ask, scope } = contact(all, user);
    const emit = () => ask({ kind: 'emit', name: 'E' });
    const refused = {
      ok: false,
      code: 'LimitsExceeded',
      message: expect.stringMatching(/100 at once, and then 10 a second/),
    };
    for (let count = 0; count < 50; count += 1) expect(await emit()).toMatchObject({ ok: true });
    expect(scope.reloadConfiguration()).toBeUndefined();
    expect(await emit()).toMatchObject(refused);
    expect(await ask({ kind: 'start', job: 'web' })).toMatchObject(refused);
    expect(scope.reloadConfiguration()).toMatchObject(refused);
    expect(scope.spend('close')).toMatchObject(refused);
    // Others go on.
    expect(await all.supervisor.emit('E')).toBeUndefined();
    clock.advance(100);
    expect(await emit()).toMatchObject({ ok: true });
    expect(await emit()).toMatchObject(refused);
    await new Promise((resolve) => all.supervisor.closeSession(scope.session, resolve));
    expect(contact(all, user).scope.spend('request')).toMatchObject(refused);
  });

  test('closes the descriptors of an event that came too often', async () => {
    const { ask } = contact(start({ requests: 0 }), makeUser());
    const fd = openSync('/dev/null', 'r');
    expect(await ask({ kind: 'emit', name: 'E', fds: [fd] })).toMatchObject({ code: 'LimitsExceeded' });
    expect(() => fstatSync(fd)).toThrow('EBADF');
  });

  test('fills no disk with output, whatever a job says of its log', async () => {
    const user = makeUser({ talks: 'log pipe\nlog rotate 1000000000 100\ntask\nexec head -c 45000000 /dev/zero\n' });
    const { scope, ask } = contact(start(), user);
    expect(await ask({ kind: 'start', job: 'talks', wait: true })).toMatchObject({ ok: true });
    const dir = dirname(scope.logFile('talks', '') ?? '');
    const files = readdirSync(dir).map((name) => statSync(join(dir, name)));
    expect(files.filter(({ uid }) => uid !== user.uid)).toEqual([]);
    const sizes = files.map(({ size }) => size);
    expect(sizes.length).toBe(3);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(11 << 20);
  });

  test('has no more logs than it may, whatever its instances are called', async () => {
    const user = makeUser({ says: 'instance $N\nlog pipe\ntask\nexec echo said $N\n' });
    const { scope, ask } = contact(start(), user);
    const dir = dirname(scope.logFile('says', '1') ?? '');
    for (let index = 0; index < 99; index += 1) writeFileSync(join(dir, `old-${index}.log`), '');
    for (const n of ['1', '2', '3']) await ask({ kind: 'start', job: 'says', env: [`N=${n}`], wait: true });
    expect(readdirSync(dir)).toHaveLength(101);
    expect(readFileSync(scope.logFile('says', '1') ?? '', 'utf8')).toBe('said 1\n');
    expect(readFileSync(scope.logFile('says', '3') ?? '', 'utf8')).toBe('said 2\nsaid 3\n');
    expect(statSync(join(dir, 'others.log')).uid).toBe(user.uid);
  });

  test('can not hold up a job of the system', async () => {
    const user = makeUser({ evil: 'start on starting web\npre-start exec sleep 1000\n' });
    const all = start({}, { web: SERVICE });
    contact(all, user);
    await all.supervisor.startJob('web');
    expect(all.supervisor.instance('web')?.state).toBe('running');
  });

  test('is closed with their jobs stopped, and is there again when they call', async () => {
    const user = makeUser({ web: SERVICE });
    const all = start();
    const { scope, ask } = contact(all, user);
    await ask({ kind: 'start', job: 'web', wait: true });
    await new Promise((resolve) => all.supervisor.closeSession(scope.session, resolve));
    expect(all.supervisor.sessions()).toHaveLength(1);
    expect(contact(all, user).scope.job('web')?.instances).toEqual([]);
  });

  test.skipIf(!existsSync('/etc/pam.d'))(
    'opens a PAM session for each process: its limits and its environment apply, and the job does not raise them',
    async () => {
      const service = `maverick-user-session-${process.pid}`;
      const user = makeUser({
        says: 'task\nexec sh -c "grep \'Max file size\' /proc/self/limits; echo $FROM_PAM"\n',
        more: 'limit fsize 2048000 2048000\ntask\nexec true\n',
        less: 'limit fsize 512000 512000\ntask\nexec grep "Max file size" /proc/self/limits\n',
      });
      const limits = user.write('limits.conf', `${user.name} - fsize 1000\n`);
      const env = user.write('env.conf', 'FROM_PAM DEFAULT=there\n');
      const pam = `/etc/pam.d/${service}`;
      writeFileSync(
        pam,
        `session required pam_limits.so conf=${limits}\nsession required pam_env.so conffile=${env}\n`,
      );
      try {
        running = new Running({}, { sessions: { users: { pamService: service } } });
        const { ask, log } = contact(running, user);
        expect(await ask({ kind: 'start', job: 'says', wait: true })).toMatchObject({ ok: true });
        expect(log('says')).toMatch(/^Max file size +1024000 +1024000 .*\nthere\n$/);
        const failed = running.next((event) => (event.kind === 'spawn-failed' ? event.failure : undefined));
        expect(await ask({ kind: 'start', job: 'more', wait: true })).toMatchObject({ ok: false, code: 'JobFailed' });
        expect(await failed).toMatchObject({ step: 'limit', argument: 'fsize' });
        expect(await ask({ kind: 'start', job: 'less', wait: true })).toMatchObject({ ok: true });
        expect(log('less')).toMatch(/^Max file size +512000 +512000 /);
      } finally {
        rmSync(pam);
      }
    },
  );

  test('goes with its user, and is not who gets their number', async () => {
    const user = makeUser({ web: SERVICE });
    const all = start();
    const { scope, ask } = contact(all, user);
    await ask({ kind: 'start', job: 'web', wait: true });
    const closed = all.next((event) => (event.kind === 'session-closed' ? event.session : undefined));
    user.forget();
    expect(all.supervisor.contact({ uid: user.uid, root: '/' })).toEqual({ ok: true, session: '' });
    expect(await closed).toBe(scope.session);
  });

  test('is there for who has no home directory: without jobs of theirs, and what is to run there fails and is said', async () => {
    const user = makeUser();
    rmSync(user.home, { recursive: true });
    const all = start();
    const { scope, ask } = contact(all, user);
    expect(scope.jobs()).toEqual([]);
    // It comes later, such as by a mount.
    const added = all.next((event) => (event.kind === 'job-added' ? event.job : undefined));
    mkdirSync(user.home);
    user.job('here', 'task\nexec true\n');
    scope.reloadConfiguration();
    expect(await added).toBe('here');
    expect(await ask({ kind: 'start', job: 'here', wait: true })).toMatchObject({ ok: true });
    user.job('elsewhere', 'task\nchdir /no/such/place\nexec true\n');
    scope.reloadConfiguration();
    const failed = all.next((event) => (event.kind === 'spawn-failed' ? event.failure : undefined));
    expect(await ask({ kind: 'start', job: 'elsewhere', wait: true })).toMatchObject({ ok: false, code: 'JobFailed' });
    expect(await failed).toMatchObject({ step: 'chdir' });
  });

  test('is not there for users where the daemon was not told to have such', () => {
    const user = makeUser();
    running = new Running({});
    expect(running.supervisor.contact({ uid: user.uid, root: '/' })).toEqual({ ok: true, session: '' });
    expect(running.supervisor.openSession({ kind: 'user', user: user.name })).toMatchObject({ code: 'SessionsOff' });
  });

  test('is not there for nobody', () => {
    const all = start();
    expect(all.supervisor.openSession({ kind: 'user', user: 'no-such-user' })).toMatchObject({ code: 'UnknownUser' });
    expect(all.supervisor.openSession({ kind: 'user', user: '../root' })).toMatchObject({ code: 'UnknownUser' });
  });
});
