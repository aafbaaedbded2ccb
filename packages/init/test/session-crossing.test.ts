import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { canChroot } from '../../supervisor/test/helpers/chroot.js';
import { canMakeUsers } from '../../supervisor/test/helpers/users.js';
import { Caller, canCall, managerCall } from './helpers/caller.js';
import { initctl } from './helpers/initctl.js';
import { makeChroot, makeUser, startSystem } from './helpers/session-daemon.js';
import type { TestDaemon } from './helpers/test-daemon.js';

/** Two sessions at work at the same time, with real processes: nothing of one is to be found in the other. */

/** Of each session; `npm run test:long` has 500. */
const JOBS = Number(process.env['MAVERICK_SESSION_JOBS'] ?? 50);
/** One process in so many is killed, to be started again. */
const KILLED = 10;

vi.setConfig({ testTimeout: 120_000 + JOBS * 1000 });

const SOON = { timeout: 60_000 + JOBS * 500, interval: 250 };

/** Half of them start on an event, half on the start of another one; each says whose it is. */
const jobsOf = (tag: string): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: JOBS }, (_, index) => [
      `job${index}`,
      `start on ${index % 2 === 0 ? 'go' : `started job${index - 1}`}\nstop on halt\nrespawn\nenv OWN=${tag}\n` +
        'exec sh -c \'echo "$OWN $OF $UPSTART_JOB"; exec sleep 1000\'\n',
    ]),
  );

/** One of the two, as its owner sees it. */
interface Side {
  readonly session: string;
  readonly tag: string;
  readonly caller: Caller;
  readonly logDir: string;
}

const call = async ({ caller }: Side, ...words: Parameters<typeof managerCall>): Promise<void> =>
  expect(await caller.call(managerCall(...words))).toMatchObject({ kind: 'return' });

const emit = (side: Side, name: string, ...env: readonly string[]) =>
  call(side, 'EmitEvent', 'sasb', [name, env, false]);

/** The process of each job that runs. */
const processesOf = async (daemon: TestDaemon, { session }: Side): Promise<ReadonlyMap<string, number>> => {
  const { stdout } = await initctl(daemon, `--in-session=${session}`, 'list');
  const running = [...stdout.matchAll(/^(\S+) start\/running, process (\d+)$/gm)];
  return new Map(running.map(([, job = '', pid]) => [job.split('/').at(-1) ?? '', Number(pid)]));
};

/** All of them, when none is one of `gone`. */
const allOf = async (
  daemon: TestDaemon,
  side: Side,
  gone: readonly number[] = [],
): Promise<ReadonlyMap<string, number>> => {
  const fresh = async () => [...(await processesOf(daemon, side)).values()].filter((pid) => !gone.includes(pid)).length;
  await expect.poll(fresh, SOON).toBe(JOBS);
  return processesOf(daemon, side);
};

/** Where an open descriptor leads, by number. */
const descriptorsOf = (pid: number): readonly (readonly [fd: string, to: string])[] =>
  readdirSync(`/proc/${pid}/fd`)
    .sort()
    .map((fd) => [fd, readlinkSync(`/proc/${pid}/fd/${fd}`)]);

/** Everything that a process has, and where it writes. */
const checkProcesses = async (own: ReadonlyMap<string, number>, { tag }: Side, other: Side): Promise<Set<string>> => {
  const outputs = new Set<string>();
  for (const [job, pid] of own) {
    // Until it has become its program it has some of ours.
    await expect.poll(() => descriptorsOf(pid).map(([fd]) => fd), SOON).toEqual(['0', '1', '2']);
    const [input = '', output = '', errors = ''] = descriptorsOf(pid).map(([, to]) => to);
    expect([input, output]).toEqual(['/dev/null', errors]);
    outputs.add(output);
    const environ = readFileSync(`/proc/${pid}/environ`, 'utf8');
    expect(environ.split('\0')).toEqual(
      expect.arrayContaining([
        `UPSTART_JOB=${job}`,
        `OWN=${tag}`,
        `OF=${tag}`,
        ...(job.endsWith('0') ? [`BY=${tag}`] : []),
      ]),
    );
    expect(environ).not.toContain(other.tag);
  }
  return outputs;
};

const checkLogs = async ({ logDir, tag }: Side, least: number): Promise<void> => {
  const lines = () =>
    readdirSync(logDir).flatMap((file) =>
      readFileSync(join(logDir, file), 'utf8')
        .trim()
        .split(/\r?\n/)
        .map((line) => `${file}: ${line}`),
    );
  await expect.poll(() => lines().length, SOON).toBeGreaterThanOrEqual(least);
  for (const line of lines()) {
    const [, job = ''] = /^(job\d+)\.log: /.exec(line) ?? [];
    expect(line).toBe(`${job}.log: ${tag} ${tag} ${job}`);
  }
};

const killSome = (processes: ReadonlyMap<string, number>): readonly number[] => {
  const killed = [...processes.values()].filter((_, index) => index % KILLED === 0);
  for (const pid of killed) process.kill(pid, 'SIGKILL');
  return killed;
};

describe.skipIf(!canMakeUsers || !canChroot || !canCall)('a user and a chroot', () => {
  test(`with ${JOBS} jobs each: no event, variable, descriptor or line of one comes to the other`, async () => {
    const [user, chroot] = [makeUser(jobsOf('of-the-user')), makeChroot(jobsOf('of-the-chroot'))];
    const daemon = startSystem(['--user-sessions', '--chroot-session', chroot.root]);
    const callers = [new Caller(user.uid), new Caller()] as const;
    for (const caller of callers) await expect.poll(() => caller.connect(daemon), SOON).toBe('done');
    expect(await callers[1].chroot(chroot.root)).toBe('done');
    const logs = join(daemon.home, '.cache/upstart/users', user.name);
    const sides: readonly [Side, Side] = [
      { session: `user:${user.name}`, tag: 'of-the-user', caller: callers[0], logDir: logs },
      { session: chroot.root, tag: 'of-the-chroot', caller: callers[1], logDir: chroot.path('var/log/upstart') },
    ];
    const [one, other] = sides;
    for (const side of sides) await call(side, 'SetEnv', 'assb', [[], `OF=${side.tag}`, true]);
    await Promise.all(sides.map((side) => emit(side, 'go', `BY=${side.tag}`)));

    let [ofOne, ofOther] = await Promise.all([allOf(daemon, one), allOf(daemon, other)]);
    const outputs = [await checkProcesses(ofOne, one, other), await checkProcesses(ofOther, other, one)] as const;
    expect([...outputs[0]].filter((output) => outputs[1].has(output))).toEqual([]);
    for (const side of sides) await checkLogs(side, JOBS);

    // Once more for those that are started again, while the other side's are.
    const killed = [...killSome(ofOne), ...killSome(ofOther)];
    [ofOne, ofOther] = await Promise.all([allOf(daemon, one, killed), allOf(daemon, other, killed)]);
    await checkProcesses(ofOne, one, other);
    await checkProcesses(ofOther, other, one);
    for (const side of sides) await checkLogs(side, JOBS + killed.length / 2);

    // What ends one does not end the other: its processes are the same.
    await emit(one, 'halt');
    await expect.poll(async () => (await processesOf(daemon, one)).size, SOON).toBe(0);
    expect(await processesOf(daemon, other)).toEqual(ofOther);
  });
});
