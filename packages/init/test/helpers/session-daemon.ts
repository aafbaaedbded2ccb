import { onTestFinished } from 'vitest';
import { Chroot } from '../../../supervisor/test/helpers/chroot.js';
import { TestUser } from '../../../supervisor/test/helpers/users.js';
import { TestDaemon, type TestDaemonOptions } from './test-daemon.js';

/** Runs until it is stopped. */
export const SERVICE = 'exec sleep 1000\n';

/** A root directory with jobs, for one test. */
export const makeChroot = (jobs: Readonly<Record<string, string>>): Chroot => {
  const chroot = new Chroot(jobs);
  onTestFinished(() => chroot.remove());
  return chroot;
};

/** A user with jobs, for one test. */
export const makeUser = (jobs: Readonly<Record<string, string>>): TestUser => {
  const user = new TestUser();
  onTestFinished(() => user.remove());
  for (const [name, text] of Object.entries(jobs)) user.job(name, text);
  return user;
};

/** A daemon that works like the system's, and shows what it does. */
export const startSystem = (args: readonly string[], more: TestDaemonOptions = {}): TestDaemon =>
  new TestDaemon({ args: ['--session', '--live', '--no-dbus', ...args], ...more });

/** How the daemon shows an instance. */
const shown = (job: string, session: string): string =>
  (session === '' ? job : `${job} [${session}]`).replaceAll(/[[\](){}.*+?^$|\\/]/g, '\\$&');

/** The PID of the job's process, when it runs; it is looked for from `from` on. */
export const runs = async (daemon: TestDaemon, job: string, session = '', from = 0): Promise<number> => {
  const [, pid] = await daemon.out.match(new RegExp(` ${shown(job, session)} +.* → running, process (\\d+)\\n`), from);
  return Number(pid);
};

/** Nothing is left of an instance. */
export const isDown = (daemon: TestDaemon, job: string, session = '', from = 0): Promise<unknown> =>
  daemon.out.match(new RegExp(` ${shown(job, session)} +.* → waiting\\n`), from);
