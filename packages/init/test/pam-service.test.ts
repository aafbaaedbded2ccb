import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { canMakeUsers } from '../../supervisor/test/helpers/users.js';
import { Caller, canCall, managerCall } from './helpers/caller.js';
import { makeUser, runs, SERVICE, startSystem } from './helpers/session-daemon.js';

/** The file that is to go to /etc/pam.d, in force: only where nobody has put it there. */

const SHIPPED = join(import.meta.dirname, '../pam.d/upstart-session');
const INSTALLED = '/etc/pam.d/upstart-session';
/** Read by pam_limits beside its own file. */
const LIMITS = '/etc/security/limits.d';

const reason = !canMakeUsers || !canCall ? 'needs root' : existsSync(INSTALLED) ? `${INSTALLED} is there` : '';
const canInstall = reason === '' && existsSync('/etc/pam.d') && existsSync(LIMITS);
if (!canInstall)
  process.stderr.write(`The test of the shipped PAM service is left out: ${reason || 'there is no PAM'}\n`);

describe.skipIf(!canInstall)('the PAM service that is shipped', () => {
  test('opens a session for each job of a user: limits of pam_limits hold, and a job lowers them and raises none', async () => {
    const user = makeUser({
      mine: `start on startup\n${SERVICE}`,
      lower: `start on startup\nlimit nofile 50 100\n${SERVICE}`,
      higher: `start on startup\nlimit nofile 500 500\n${SERVICE}`,
    });
    const limits = join(LIMITS, `${user.name}.conf`);
    onTestFinished(() => {
      for (const file of [INSTALLED, limits]) rmSync(file, { force: true });
    });
    writeFileSync(limits, `${user.name} soft nofile 200\n${user.name} hard nofile 300\n`);
    copyFileSync(SHIPPED, INSTALLED);
    const daemon = startSystem(['--user-sessions']);
    const caller = new Caller(user.uid);
    await expect.poll(() => caller.connect(daemon), { timeout: 60_000 }).toBe('done');
    await caller.call(managerCall('GetAllJobs'));
    const session = `user:${user.name}`;
    const filesOf = async (job: string): Promise<string | undefined> => {
      const pid = await runs(daemon, job, session);
      return /Max open files +(\d+ +\d+)/.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1]?.replace(/ +/, ' ');
    };
    expect(await filesOf('mine')).toBe('200 300');
    expect(await filesOf('lower')).toBe('50 100');
    await daemon.err.match(/Failed to spawn higher.* main process: unable to set "nofile" resource limit/);
  }, 120_000);
});
