import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { Chroot, canChroot } from './helpers/chroot.js';
import { Running } from './helpers/running.js';

/** Runs until it is stopped. */
const SERVICE = 'exec sleep 1000\n';

describe.skipIf(!canChroot)('the session of a root directory', () => {
  let running: Running | undefined;
  let chroot: Chroot | undefined;
  afterEach(async () => {
    await running?.close();
    chroot?.remove();
    running = undefined;
    chroot = undefined;
  });

  const open = (
    jobs: Readonly<Record<string, string>>,
    { system = {}, startupEvent }: { system?: Readonly<Record<string, string>>; startupEvent?: string } = {},
  ) => {
    chroot = new Chroot(jobs);
    running = new Running(system);
    const { supervisor } = running;
    const opened = supervisor.openSession(
      { kind: 'chroot', root: chroot.root },
      startupEvent === undefined ? {} : { startupEvent },
    );
    if (!opened.ok) throw new Error(opened.message);
    const scope = supervisor.scope(opened.session);
    if (scope === undefined) throw new Error('it is not open');
    const ask = (request: Parameters<typeof scope.request>[0]) =>
      new Promise((resolve) => scope.request(request, resolve));
    return { running, supervisor, chroot, scope, ask };
  };

  const pidIn = (scope: ReturnType<typeof open>['scope'], job: string): number =>
    scope.instance(job)?.processes.find(({ role }) => role === 'main')?.pid ?? Number.NaN;

  test('has its own jobs, which run in its root, and neither sees those of the other', async () => {
    const { supervisor, chroot, scope, ask } = open({ web: SERVICE, only: SERVICE }, { system: { web: SERVICE } });
    expect(await ask({ kind: 'start', job: 'web', wait: true })).toMatchObject({ ok: true });
    expect(readlinkSync(`/proc/${pidIn(scope, 'web')}/root`)).toBe(chroot.root);
    expect(readlinkSync(`/proc/${pidIn(scope, 'web')}/cwd`)).toBe(chroot.root);
    expect(supervisor.instance('web')).toBeUndefined();
    expect(supervisor.jobs().map(({ name }) => name)).toEqual(['web']);
    expect(scope.jobs().map(({ name }) => name)).toEqual(['only', 'web']);
    expect(supervisor.sessions()).toEqual([
      { id: '', kind: 'system', jobs: 1, closing: false },
      { id: chroot.root, kind: 'chroot', root: chroot.root, jobs: 2, closing: false },
    ]);
  });

  test("changes root before the job's own root and directory apply, and finds users in there", async () => {
    const { chroot, ask } = open({
      deep: 'task\nchroot /inner\nchdir /tmp\nexec sh -c "pwd; echo > here"\n',
      user: 'task\nsetuid jailed\nexec sh -c "id -u; id -g"\n',
      unknown: 'task\nsetuid daemon\nexec id -u\n',
    });
    writeFileSync(chroot.path('etc/passwd'), 'root:x:0:0::/:/bin/sh\njailed:x:4242:4343::/:/bin/sh\n');
    writeFileSync(chroot.path('etc/group'), 'root:x:0:\njailed:x:4343:\n');
    mkdirSync(chroot.path('inner/tmp'), { recursive: true });
    for (const dir of ['bin', 'lib', 'lib64', 'usr']) {
      if (existsSync(chroot.path(dir)))
        cpSync(chroot.path(dir), chroot.path(`inner/${dir}`), { recursive: true, verbatimSymlinks: true });
    }
    expect(await ask({ kind: 'start', job: 'deep', wait: true })).toMatchObject({ ok: true });
    expect(existsSync(chroot.path('inner/tmp/here'))).toBe(true);
    expect(await ask({ kind: 'start', job: 'user', wait: true })).toMatchObject({ ok: true });
    expect(readFileSync(chroot.path('var/log/upstart/user.log'), 'utf8')).toBe('4242\n4343\n');
    // A user of the system, and none in there.
    expect(await ask({ kind: 'start', job: 'unknown', wait: true })).toMatchObject({ ok: false, code: 'JobFailed' });
  });

  test('writes the output of its jobs below its root, and no link leads it out', async () => {
    const { running, chroot, scope, ask } = open({ say: 'task\nexec sh -c "echo inside"\n' });
    expect(scope.logFile('say', '')).toBe(chroot.path('var/log/upstart/say.log'));
    await ask({ kind: 'start', job: 'say', wait: true });
    expect(readFileSync(chroot.path('var/log/upstart/say.log'), 'utf8')).toBe('inside\n');
    mkdirSync(running.path('outside'));
    rmSync(chroot.path('var/log/upstart'), { recursive: true });
    symlinkSync(running.path('outside'), chroot.path('var/log/upstart'));
    await ask({ kind: 'start', job: 'say', wait: true });
    expect(existsSync(running.path('outside/say.log'))).toBe(false);
  });

  test('reads no job through a link that leads out, but through one that leads somewhere inside', () => {
    const { running, chroot, scope } = open({});
    writeFileSync(running.path('secret.conf'), 'description "not theirs"\n');
    writeFileSync(chroot.path('tmp/inside.conf'), 'description "theirs"\n');
    symlinkSync(running.path('secret.conf'), chroot.path('etc/init/out.conf'));
    symlinkSync(`../../../../../../../../..${running.path('secret.conf')}`, chroot.path('etc/init/up.conf'));
    symlinkSync('/tmp/inside.conf', chroot.path('etc/init/in.conf'));
    scope.reloadConfiguration();
    expect(scope.jobs().map(({ name, definition }) => [name, definition.description])).toEqual([['in', 'theirs']]);
  });

  test('takes in what changes in its directory', async () => {
    const { running, chroot, scope } = open({});
    const added = running.next((event) => (event.kind === 'job-added' && event.job === 'late' ? event : undefined));
    chroot.job('late', SERVICE);
    expect(await added).toMatchObject({ session: scope.session });
  });

  test('starts with what is emitted in it at its opening, and hears what the system emits', async () => {
    const { running, scope } = open(
      { boot: 'start on startup\nexec sleep 1000\n', net: 'start on net-up\nexec sleep 1000\n' },
      { startupEvent: 'startup', system: { other: 'start on only-there\nexec sleep 1000\n' } },
    );
    expect(scope.instance('boot')?.goal).toBe('start');
    await running.supervisor.emit('net-up');
    expect(scope.instance('net')?.goal).toBe('start');
    await new Promise((resolve) => scope.request({ kind: 'emit', name: 'only-there', wait: true }, resolve));
    expect(running.supervisor.instance('other')).toBeUndefined();
  });

  test('is closed on request: its jobs are stopped, and then nothing is left', async () => {
    const { running, supervisor, chroot, scope, ask } = open({ web: SERVICE });
    await ask({ kind: 'start', job: 'web', wait: true });
    const pid = pidIn(scope, 'web');
    await new Promise((resolve) => supervisor.closeSession(chroot.root, resolve));
    expect(existsSync(`/proc/${pid}`)).toBe(false);
    expect(supervisor.sessions()).toHaveLength(1);
    expect(running.events.some(({ kind }) => kind === 'session-closed')).toBe(true);
    expect(supervisor.scope(chroot.root)).toBeUndefined();
    const again = await new Promise((resolve) => supervisor.closeSession(chroot.root, resolve));
    expect(again).toMatchObject({ ok: false, code: 'UnknownSession' });
  });

  test.each([
    { who: 'root outside', uid: 0, root: '/', session: '' },
    { who: 'root inside', uid: 0, root: '@', session: '@' },
    { who: 'a user outside', uid: 4242, root: '/', session: '' },
    { who: 'a user inside', uid: 4242, root: '@', session: undefined },
    { who: 'root in another root directory', uid: 0, root: '/mnt', session: undefined },
    { who: 'root in a root directory inside', uid: 0, root: '@/tmp', session: undefined },
    { who: 'somebody whose root is not known', uid: 0, root: undefined, session: undefined },
  ])('is that of $who: $session', ({ uid, root, session }) => {
    const { supervisor, chroot } = open({});
    const place = (text: string | undefined) => text?.replace('@', chroot.root);
    const expected = session === undefined ? { ok: false, code: 'NoSession' } : { ok: true, session: place(session) };
    expect(supervisor.contact({ uid, root: place(root) })).toMatchObject(expected);
  });

  test('comes to be at the first contact, where it is to, and starts nothing then', () => {
    chroot = new Chroot({ boot: 'start on startup\nexec sleep 1000\n' });
    running = new Running({}, { sessions: { chroots: true } });
    const { root } = chroot;
    expect(running.supervisor.contact({ uid: 0, root })).toEqual({ ok: true, session: root });
    expect(running.supervisor.contact({ uid: 0, root })).toEqual({ ok: true, session: root });
    expect(running.supervisor.scope(root)?.job('boot')?.instances).toEqual([]);
  });

  test('reads no job that others than root could have written, and no directory of such', () => {
    const { running, chroot, scope } = open({ good: SERVICE, open: SERVICE, theirs: SERVICE });
    const names = () => scope.jobs().map(({ name }) => name);
    chmodSync(chroot.path('etc/init/open.conf'), 0o666);
    chownSync(chroot.path('etc/init/theirs.conf'), 4242, 4242);
    chroot.job('good', `description "again"\n${SERVICE}`);
    scope.reloadConfiguration();
    const codes = () => running.events.flatMap((event) => (event.kind === 'diagnostic' ? event.diagnostic.code : []));
    expect(codes()).toEqual(['UnsafeFile', 'UnsafeFile']);
    chmodSync(chroot.path('etc/init'), 0o777);
    chroot.job('evil', SERVICE);
    scope.reloadConfiguration();
    expect(names()).not.toContain('evil');
    expect(codes()).toHaveLength(3);
  });

  test('is one of so many that come to be at contact; one without a running job makes room', async () => {
    chroot = new Chroot({});
    const root = (name: string): string => {
      mkdirSync(chroot?.path(`tmp/${name}/etc/init`) ?? '', { recursive: true });
      return chroot?.path(`tmp/${name}`) ?? '';
    };
    chmodSync(chroot.path('tmp'), 0o755);
    running = new Running({}, { sessions: { chroots: true, contacts: 2 } });
    const { supervisor } = running;
    const contact = (name: string) => supervisor.contact({ uid: 0, root: root(name) });
    const start = async (name: string) => {
      writeFileSync(`${root(name)}/etc/init/web.conf`, 'manual\n');
      expect(contact(name)).toMatchObject({ ok: true });
      const scope = supervisor.scope(root(name));
      await new Promise((resolve) => scope?.request({ kind: 'start', job: 'web', wait: true }, resolve));
    };
    await start('a');
    expect(contact('b')).toMatchObject({ ok: true });
    // The second has nothing that runs.
    await start('c');
    expect(supervisor.sessions().map(({ id }) => id)).toEqual(['', root('a'), root('c')]);
    expect(contact('d')).toMatchObject({ ok: false, code: 'LimitsExceeded' });
    // Who is told to by name is.
    expect(supervisor.openSession({ kind: 'chroot', root: root('d') })).toMatchObject({ ok: true });
  });

  test('is not made at contact inside of another one', () => {
    chroot = new Chroot({});
    running = new Running({}, { sessions: { chroots: true } });
    const { root } = chroot;
    running.supervisor.contact({ uid: 0, root });
    expect(running.supervisor.contact({ uid: 0, root: `${root}/tmp` })).toMatchObject({ ok: false, code: 'NoSession' });
  });

  test('leaves who is in there nothing when it is closing, closed or gone: not the system’s', async () => {
    const { supervisor, chroot, ask } = open({
      web: 'exec sh -c "trap : TERM; while :; do sleep 1; done"\nkill timeout 1\n',
    });
    const { root } = chroot;
    await ask({ kind: 'start', job: 'web', wait: true });
    const closed = new Promise((resolve) => supervisor.closeSession(root, resolve));
    for (const where of [root, `${root}/tmp`, undefined])
      expect(supervisor.contact({ uid: 0, root: where })).toMatchObject({ ok: false, code: 'NoSession' });
    await closed;
    for (const where of [root, `${root}/tmp`, undefined])
      expect(supervisor.contact({ uid: 0, root: where })).toMatchObject({ ok: false, code: 'NoSession' });
    expect(supervisor.contact({ uid: 0, root: '/' })).toEqual({ ok: true, session: '' });
  });

  test('goes with its directory', async () => {
    const { running, chroot, ask } = open({ web: SERVICE });
    await ask({ kind: 'start', job: 'web', wait: true });
    const closed = running.next((event) => (event.kind === 'session-closed' ? event.session : undefined));
    chroot.remove();
    expect(await closed).toBe(chroot.root);
  });

  test('is refused where others than root could write its jobs', () => {
    const { supervisor, chroot } = open({});
    const root = chroot.path('tmp/theirs');
    mkdirSync(root, { recursive: true });
    chmodSync(root, 0o777);
    expect(supervisor.openSession({ kind: 'chroot', root })).toMatchObject({ ok: false, code: 'UnsafeRoot' });
    chmodSync(root, 0o755);
    chmodSync(chroot.path('tmp'), 0o777);
    expect(supervisor.openSession({ kind: 'chroot', root })).toMatchObject({ ok: false, code: 'UnsafeRoot' });
  });

  test.each(['/', 'relative', '/no/such/directory', '/etc/passwd'])('%s can not have one', (root) => {
    const { supervisor } = open({});
    expect(supervisor.openSession({ kind: 'chroot', root })).toMatchObject({ ok: false, code: 'NoRoot' });
  });
});
