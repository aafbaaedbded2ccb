import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FollowSpec } from '../src/follow.js';
import { setSubreaper } from '../src/own-process.js';
import { Spawner } from '../src/spawner.js';
import { SystemError } from '../src/system-error.js';
import type { TrackerWay } from '../src/tracker.js';
import { compileFixture, ForkerRun } from './helpers/forker.js';

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
  run.close();
  setSubreaper(false);
});

const forks = (mode: string) => (fd: number) => [forker.path, mode, String(fd)];

const follow = (expectation: FollowSpec['expect'], more: Partial<FollowSpec> = {}): FollowSpec => ({
  expect: expectation,
  ...more,
});

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
        const { pid, served } = run.start(forks(mode), follow(expectation, more));
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
  });
});
