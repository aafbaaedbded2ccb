import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FollowSpec } from '../src/follow.js';
import { setSubreaper } from '../src/own-process.js';
import { readProcess } from '../src/process-table.js';
import { Spawner } from '../src/spawner.js';
import { SystemError } from '../src/system-error.js';
import type { TrackerWay } from '../src/tracker.js';
import { compileFixture, ForkerRun } from './helpers/forker.js';
import { runFixture } from './helpers/node.js';
import { isRoot } from './helpers/run.js';

const forker = compileFixture('forker.c');
afterAll(forker.dispose);

const connectorErrno = (): string | undefined => {
  try {
    new Spawner({ onChild: () => {}, reapStrangers: false, tracker: 'connector' }).close();
    return undefined;
  } catch (error) {
    if (error instanceof SystemError) return error.code;
    throw error;
  }
};

const unavailable = connectorErrno();
if (unavailable !== undefined)
  console.log(`skipped: the kernel's process connector does not answer here (${unavailable})`);

const WAYS: readonly TrackerWay[] = unavailable === undefined ? ['connector', 'ptrace', 'scan'] : ['ptrace', 'scan'];

/** What is expected of a mode of the fixture: who serves is main in the end. */
interface Row {
  readonly what: string;
  readonly mode: string;
  readonly expect: FollowSpec['expect'];
  /** Forks away from the first process when it settles. */
  readonly forks: number;
  readonly more?: Partial<FollowSpec>;
}

const ROWS: readonly Row[] = [
  { what: 'a single fork, the parent ends at once', mode: 'single', expect: 'fork', forks: 1 },
  { what: 'a single fork, the parent waits until the child is ready', mode: 'single-ready', expect: 'fork', forks: 1 },
  { what: 'a double fork', mode: 'double', expect: 'daemon', forks: 2 },
  { what: 'a double fork, the one in the middle ends first', mode: 'double-ready', expect: 'daemon', forks: 2 },
  { what: 'a fork, then another program', mode: 'exec', expect: 'fork', forks: 1 },
  { what: 'a fork, then another program, though two forks were said', mode: 'exec', expect: 'daemon', forks: 1 },
  { what: 'a vfork, then another program', mode: 'vfork', expect: 'fork', forks: 1 },
  { what: 'a helper by vfork, then a fork', mode: 'vfork-helper', expect: 'fork', forks: 1 },
  { what: 'a storm of forks before and after', mode: 'storm', expect: 'fork', forks: 1 },
  { what: 'threads, one of which forks', mode: 'thread', expect: 'fork', forks: 1 },
  { what: 'a daemon whose first thread ends', mode: 'leader-exits', expect: 'fork', forks: 1 },
  { what: 'a daemon with workers', mode: 'single-workers', expect: 'fork', forks: 1 },
  { what: 'one fork too few', mode: 'single', expect: 'daemon', forks: 1, more: { settleMs: 100 } },
  { what: 'no fork at all', mode: 'none', expect: 'daemon', forks: 0, more: { patienceMs: 100 } },
  {
    what: 'workers, and the first process stays',
    mode: 'workers',
    expect: 'fork',
    forks: 0,
    more: { patienceMs: 100 },
  },
  { what: 'a signal meanwhile', mode: 'signals', expect: 'fork', forks: 1 },
];

let run: ForkerRun;
afterEach(() => {
  // The last tests have processes of their own.
  run?.close();
  setSubreaper(false);
});

const forks = (mode: string) => (fd: number) => [forker.path, mode, String(fd)];

const ofPid = (pid: number) => run.events.filter((event) => event.pid === pid);

/** The main process by what was told last. */
const lastMain = (): number | undefined => run.tracked.findLast(({ kind }) => kind === 'forked')?.pid;

const tracerOf = (pid: number): number =>
  Number(/^TracerPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);

const follow = (expectation: FollowSpec['expect'], more: Partial<FollowSpec> = {}): FollowSpec => ({
  expect: expectation,
  ...more,
});

/** On a busy machine the one in the middle may take its time to fork on; a scan may never have seen it, and waits this out. */
const patient = (tracker: TrackerWay): Partial<FollowSpec> => ({ settleMs: tracker === 'scan' ? 3_000 : 60_000 });

describe.each(WAYS)('followed by %s', (tracker) => {
  describe.each([
    { place: 'in a subreaper', subreaper: true },
    { place: 'where orphans go to PID 1', subreaper: false },
  ])('$place', ({ subreaper }) => {
    beforeEach(() => {
      setSubreaper(subreaper);
      run = new ForkerRun({ tracker, reapStrangers: subreaper });
    });

    test.each(ROWS)(
      '$what: who remains is the main process',
      async ({ mode, expect: expectation, forks: depth, more }) => {
        const { pid, served } = run.start(forks(mode), follow(expectation, { ...patient(tracker), ...more }));
        const settled = await run.track('settled');
        expect(settled.pid).toBe(await served);
        // Between two looks of a scan the one in the middle may have come and gone.
        if (tracker !== 'scan' || depth < 2) expect(settled.forks).toBe(depth);
        const moves = run.tracked.filter(({ kind }) => kind === 'forked');
        expect(moves.at(0)).toEqual(depth > 0 ? { kind: 'forked', from: pid, pid: moves.at(0)?.pid } : undefined);
        expect(run.spawner.kill(settled.pid, 9)).toEqual({ ok: true });
        expect(await run.ended(settled.pid)).toMatchObject({ kind: 'signalled', signal: 9 });
        expect(run.tracked.filter(({ kind }) => kind === 'settled')).toHaveLength(1);
      },
    );

    test.each([
      { what: 'a pipeline before it', command: 'true | cat; exec "$0" single "$1"', expectation: 'fork' },
      {
        what: 'pipelines before and after it',
        command: 'true | cat; "$0" double "$1"; true | cat',
        expectation: 'daemon',
      },
      {
        what: 'a pipeline that outlives the shell',
        command: 'true & sleep 0.05 | cat & "$0" single "$1"',
        expectation: 'fork',
      },
      { what: 'a background job', command: '"$0" none "$1" & exit 0', expectation: 'fork' },
      { what: 'a program that replaces it', command: 'exec "$0" double "$1"', expectation: 'daemon' },
    ] as const)('a shell in front, with $what, does not matter', async ({ command, expectation }) => {
      const { served } = run.start((fd) => ['/bin/sh', '-c', command, forker.path, String(fd)], follow(expectation));
      await run.track('settled');
      const pid = await served;
      await run.until(() => lastMain() === pid);
    });

    test.each([
      { what: 'two forks instead of one', mode: 'double', expectation: 'fork' },
      { what: 'three forks instead of two', mode: 'triple', expectation: 'daemon' },
      { what: 'three forks instead of one', mode: 'triple', expectation: 'fork' },
    ] as const)('$what: the one that serves is still found', async ({ mode, expectation }) => {
      const { served } = run.start(forks(mode), follow(expectation, { lingerMs: 20_000 }));
      await run.track('settled');
      const pid = await served;
      await run.until(() => lastMain() === pid);
      expect(run.tracked.filter(({ kind }) => kind === 'settled')).toHaveLength(1);
    });

    test('the new main process is told before the end of the old one, and no end twice', async () => {
      const { pid, served } = run.start(forks('double'), follow('daemon'));
      const main = await served;
      await run.until(() => lastMain() === main);
      await run.ended(pid);
      run.spawner.kill(main, 9);
      await run.ended(main);
      const order = run.told.map((event) =>
        event.kind === 'forked' ? `forked ${event.from}` : `${event.kind} ${event.pid}`,
      );
      expect(order.indexOf(`forked ${pid}`)).toBeLessThan(order.indexOf(`exited ${pid}`));
      const ends = run.events.map((event) => event.pid);
      expect(new Set(ends).size).toBe(ends.length);
    });

    test.each([
      { what: 'fails before it forks', mode: 'fails', end: { kind: 'exited', code: 3 } },
      { what: 'is killed before it forks', mode: 'killed', end: { kind: 'signalled', signal: 9 } },
    ])('one that $what is lost', async ({ mode, end }) => {
      const { pid, served } = run.start(forks(mode), follow('fork'));
      const ended = run.ended(pid);
      await expect(served).rejects.toThrow('nobody serves');
      expect(await run.track('lost')).toEqual({ kind: 'lost', pid, reason: 'ended' });
      expect(await ended).toMatchObject(end);
      expect(run.tracked).toHaveLength(1);
    });

    test('one whose child fails ends as its child does, or is lost', async () => {
      const { served } = run.start(forks('forks-and-fails'), follow('fork'));
      await expect(served).rejects.toThrow('nobody serves');
      const { kind } = await run.until(() => run.tracked.find((event) => event.kind !== 'forked'));
      expect(['settled', 'lost']).toContain(kind);
      const main = lastMain();
      if (main !== undefined) await run.ended(main);
    });

    test('one that is told to end leaves no successor', async () => {
      const { pid, served } = run.start(forks('workers'), follow('fork'));
      await served;
      run.spawner.kill(pid, 15, { group: true });
      expect(await run.track('lost')).toEqual({ kind: 'lost', pid, reason: 'signalled' });
    });

    test('one that stops itself is told to have stopped, and goes on when it is woken', async () => {
      const { pid, served } = run.start(forks('stops'), follow('fork'));
      await run.until(() => ofPid(pid).length > 0);
      expect(ofPid(pid)).toEqual([{ kind: 'stopped', pid, signal: 19 }]);
      expect(run.spawner.kill(pid, 18)).toEqual({ ok: true });
      expect((await run.track('settled')).pid).toBe(await served);
      expect(run.events.filter(({ kind }) => kind === 'stopped')).toHaveLength(1);
    });

    test('many at once are kept apart', async () => {
      const starts = Array.from({ length: 30 }, (_, i) =>
        run.start(forks(i % 2 === 0 ? 'double' : 'double-ready'), follow('daemon'), {
          env: [run.mark, `INSTANCE=${i}`],
        }),
      );
      const served = await Promise.all(starts.map((start) => start.served));
      await run.until(() => run.tracked.filter(({ kind }) => kind === 'settled').length === 30);
      const settled = run.tracked.filter(({ kind }) => kind === 'settled').map(({ pid }) => pid);
      expect(settled.toSorted()).toEqual(served.toSorted());
    });

    test('nobody is traced any more once that is over', async () => {
      const { served } = run.start(forks('single-workers'), follow('fork', { lingerMs: 1 }));
      await run.track('settled');
      const pid = await served;
      while (tracerOf(pid) !== 0) await new Promise((resolve) => setImmediate(resolve));
      expect(readProcess(pid)?.state).not.toBe('t');
    });

    test.each(['at once', 'later'])('a spawner that is closed %s lets go', async (when) => {
      const { pid, served } = run.start(forks('none'), follow('fork'));
      if (when === 'later') await served;
      run.spawner.close();
      expect(await served).toBe(pid);
      expect(tracerOf(pid)).toBe(0);
    });
  });
});

const asUser = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
const fixture = fileURLToPath(new URL('fixtures/follow.mjs', import.meta.url));
const canBeUser =
  isRoot && spawnSync('setpriv', [...asUser.slice(1), process.execPath, '--check', fixture]).status === 0;
if (!canBeUser) console.log('skipped: only root can become another user, who has to be able to read these files');

// Since Linux 6.6 the connector serves everybody.
test.skipIf(!canBeUser)(
  'an ordinary user follows by ptrace and by scan, and by the connector or is told that there is none',
  () => {
    const { stdout } = runFixture('follow.mjs', [forker.path, 'ptrace', 'scan', 'auto', 'connector'], asUser);
    expect(stdout).toMatch(
      /^ptrace: 2 forks\nscan: [12] forks\nauto: 2 forks\nconnector: (2 forks|EPERM|ENOTCONN|ECONNREFUSED|EACCES)\n$/,
    );
  },
);

const asPid1 = ['unshare', '--pid', '--fork', '--mount-proc', '--'];
const canBePid1 = spawnSync('unshare', [...asPid1.slice(1), 'true']).status === 0;
if (!canBePid1) console.log('skipped: only root with CAP_SYS_ADMIN can make a PID namespace');

test.skipIf(!canBePid1)(
  'in a PID namespace the connector can be bound and is never answered: another way is taken',
  () => {
    const { stdout } = runFixture('follow.mjs', [forker.path, 'auto', 'ptrace', 'scan', 'connector'], asPid1);
    expect(stdout).toMatch(/^auto: 2 forks\nptrace: 2 forks\nscan: [12] forks\nconnector: ENOTCONN\n$/);
  },
);
