import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { canChroot } from '../../supervisor/test/helpers/chroot.js';
import { canMakeUsers } from '../../supervisor/test/helpers/users.js';
import { Caller, canCall, managerCall } from './helpers/caller.js';
import { initctl } from './helpers/initctl.js';
import { isDown, makeChroot, makeUser, runs, SERVICE, startSystem } from './helpers/session-daemon.js';
import type { TestDaemon } from './helpers/test-daemon.js';

/** What sessions are for, in the words of the plan of 2010: each story from its beginning to its end. */

vi.setConfig({ testTimeout: 120_000 });

const emit = (name: string, ...env: readonly string[]) => managerCall('EmitEvent', 'sasb', [name, env, true]);

/** Somebody inside of a root directory, or a user who has logged in. */
const callerOf = async (daemon: TestDaemon, uid: number, root = '/'): Promise<Caller> => {
  const caller = new Caller(uid);
  // At first it does not listen yet.
  await expect.poll(() => caller.connect(daemon), { timeout: 60_000 }).toBe('done');
  if (root !== '/') expect(await caller.chroot(root)).toBe('done');
  return caller;
};

const does = async (caller: Caller, call: ReturnType<typeof managerCall>): Promise<unknown> => {
  const message = await caller.call(call);
  return message.kind === 'error' ? message.errorName : message.body;
};

const statusOf = async (daemon: TestDaemon, ...words: readonly string[]): Promise<string> =>
  (await initctl(daemon, ...words)).stdout.trim();

describe.skipIf(!canChroot || !canCall)('Colin administers build daemons, which run inside chroots', () => {
  test('build daemons in chroots with the same job names as the host', async () => {
    const jobs = { buildd: `start on build\nstop on built\n${SERVICE}`, cron: `start on started buildd\n${SERVICE}` };
    const [lucid, maverick] = [makeChroot(jobs), makeChroot(jobs)];
    const daemon = startSystem(['--chroot-sessions'], {
      files: { 'buildd.conf': `start on build\n${SERVICE}`, 'cron.conf': `start on startup\n${SERVICE}` },
    });
    const host = await runs(daemon, 'cron');
    const [one, other] = [await callerOf(daemon, 0, lucid.root), await callerOf(daemon, 0, maverick.root)];

    expect(await does(one, emit('build'))).toEqual([]);
    const [build, cron] = [await runs(daemon, 'buildd', lucid.root), await runs(daemon, 'cron', lucid.root)];
    expect([build, cron].map((pid) => readlinkSync(`/proc/${pid}/root`))).toEqual([lucid.root, lucid.root]);
    // Neither the other one nor the host has heard of it.
    expect(await does(other, emit('other'))).toEqual([]);
    for (const at of [[], [`--chroot=${maverick.root}`]])
      expect(await statusOf(daemon, ...at, 'status', 'buildd')).toBe('buildd stop/waiting');
    expect(await statusOf(daemon, 'status', 'cron')).toBe(`cron start/running, process ${host}`);

    expect(await does(other, emit('build'))).toEqual([]);
    await runs(daemon, 'buildd', maverick.root);
    expect(await does(one, emit('built'))).toEqual([]);
    await isDown(daemon, 'buildd', lucid.root);
    expect(await statusOf(daemon, `--chroot=${maverick.root}`, 'status', 'buildd')).toMatch(/^buildd start\/running/);

    expect(await statusOf(daemon, 'session', 'close', maverick.root)).toBe('');
    await isDown(daemon, 'buildd', maverick.root);
    expect(await statusOf(daemon, 'sessions')).not.toContain(maverick.root);
  });

  test('a chroot whose jobs start at boot', async () => {
    const chroot = makeChroot({
      ssh: `start on startup\n${SERVICE}`,
      network: 'start on net-up\ntask\nexec sh -c "echo $IFACE"\n',
    });
    const daemon = startSystem([], { files: { 'sessions.d/build.session': `chroot ${chroot.root}\n` } });
    // Nobody has called.
    const pid = await runs(daemon, 'ssh', chroot.root);
    expect(readlinkSync(`/proc/${pid}/root`)).toBe(chroot.root);
    // What the host tells everybody is heard inside.
    await initctl(daemon, 'emit', 'net-up', 'IFACE=eth0');
    await isDown(daemon, 'network', chroot.root);
    await expect
      .poll(() => readFileSync(chroot.path('var/log/upstart/network.log'), 'utf8').trim(), { timeout: 60_000 })
      .toBe('eth0');
    expect(await statusOf(daemon, `--chroot=${chroot.root}`, 'status', 'ssh')).toBe(
      `ssh start/running, process ${pid}`,
    );
  });
});

describe.skipIf(!canMakeUsers || !canCall)('Martin develops the desktop', () => {
  test('a desktop session with its services supervised', async () => {
    const martin = makeUser({
      desktop: `start on desktop-start\nstop on desktop-end\n${SERVICE}`,
      panel: `start on started desktop\nstop on stopping desktop\nrespawn\n${SERVICE}`,
      indicator: `start on started panel and :sys:started network\nstop on stopping desktop\n${SERVICE}`,
    });
    const session = `user:${martin.name}`;
    const daemon = startSystem(['--user-sessions'], { files: { 'network.conf': SERVICE } });
    const login = await callerOf(daemon, martin.uid);

    expect(await does(login, emit('desktop-start', 'DISPLAY=:7'))).toEqual([]);
    const desktop = await runs(daemon, 'desktop', session);
    const panel = await runs(daemon, 'panel', session);
    expect([desktop, panel].map((pid) => statSync(`/proc/${pid}`).uid)).toEqual([martin.uid, martin.uid]);
    // A service that crashes is there again.
    const before = daemon.out.text.length;
    process.kill(panel, 'SIGKILL');
    expect(await runs(daemon, 'panel', session, before)).not.toBe(panel);
    // One waits for what the system does.
    await initctl(daemon, 'start', 'network');
    await runs(daemon, 'indicator', session);
    // He commands what is his, and sees the rest.
    const jobs = (await does(login, managerCall('GetAllJobs'))) as [string[]];
    expect(jobs[0]).toHaveLength(4);

    expect(await does(login, emit('desktop-end'))).toEqual([]);
    for (const job of ['indicator', 'panel', 'desktop']) await isDown(daemon, job, session, before);
    expect(await statusOf(daemon, 'status', 'network')).toMatch(/^network start\/running/);
  });

  test('a service run as a particular user', async () => {
    const ann = makeUser({});
    const daemon = startSystem([], {
      files: { 'sync.conf': `setuid ${ann.name}\nsetgid ${ann.name}\nchdir ${ann.home}\n${SERVICE}` },
    });
    await expect.poll(() => statusOf(daemon, 'start', 'sync'), { timeout: 60_000 }).toMatch(/^sync start\/running/);
    const pid = await runs(daemon, 'sync');
    await expect.poll(() => readlinkSync(`/proc/${pid}/cwd`), { timeout: 60_000 }).toBe(ann.home);
    expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(
      new RegExp(`Uid:(\\t${ann.uid}){4}\\nGid:(\\t${ann.gid}){4}\\n[^]*Groups:\\t${ann.gid} *\\n`),
    );
    expect(await statusOf(daemon, 'stop', 'sync')).toBe('sync stop/waiting');
  });
});
