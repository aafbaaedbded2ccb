import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canChroot } from '../../supervisor/test/helpers/chroot.js';
import { Caller, canCall, managerCall } from './helpers/caller.js';
import { initctl } from './helpers/initctl.js';
import { isDown, makeChroot, runs, SERVICE, startSystem } from './helpers/session-daemon.js';

/** What becomes of declared sessions when the daemon becomes another. */

/** One is declared by a file, `named` by the command line, when the daemon starts. */
const start = () => {
  const [chroot, named] = [makeChroot({ web: `start on startup\n${SERVICE}` }), makeChroot({})];
  const daemon = startSystem(['--chroot-session', named.root], {
    files: { 'sessions.d/build.session': `chroot ${chroot.root}\n` },
  });
  const sessions = async () => (await initctl(daemon, 'sessions')).stdout;
  return { chroot, named, daemon, sessions, file: join(daemon.confDir, 'sessions.d/build.session') };
};

const SOON = { timeout: 60_000 };

describe.skipIf(!canChroot || !canCall)('over a re-exec', () => {
  test('a session whose file goes meanwhile is closed', async () => {
    const { chroot, daemon, sessions, file } = start();
    await runs(daemon, 'web', chroot.root);
    // It is gone before the new program looks, and nobody tells it.
    daemon.signal('SIGSTOP');
    rmSync(dirname(file), { recursive: true });
    const restarted = initctl(daemon, 'restart-init');
    daemon.signal('SIGCONT');
    await restarted;
    await isDown(daemon, 'web', chroot.root);
    await expect.poll(sessions, SOON).not.toContain(chroot.root);
  }, 120_000);

  test('what has been closed stays closed, until it is declared anew', async () => {
    const { chroot, named, daemon, sessions, file } = start();
    await runs(daemon, 'web', chroot.root);
    for (const { root } of [chroot, named]) await initctl(daemon, 'session', 'close', root);
    await initctl(daemon, 'restart-init');
    await expect.poll(sessions, SOON).toContain('system');
    for (const { root } of [chroot, named]) expect(await sessions()).not.toContain(root);
    // Nor is who is in there in the system's session for that.
    const caller = new Caller();
    await expect.poll(() => caller.connect(daemon), SOON).toBe('done');
    expect(await caller.chroot(named.root)).toBe('done');
    expect(await caller.call(managerCall('Restart'))).toMatchObject({
      errorName: 'org.maverick.Init1.Error.NoSession',
    });
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `chroot ${chroot.root}\nmanual\n`);
    await expect.poll(sessions, SOON).toContain(chroot.root);
  }, 120_000);
});
