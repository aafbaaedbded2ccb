import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { liveDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';

/* What people of the plan want to see, each on a real daemon. */

const daemon = liveDaemon({
  db: 'start on boot\nexec sleep 300\n',
  prepare: 'start on boot\ntask\nexec sleep 0.1\n',
  server: "start on started db\nexec sh -c 'sleep 0.3; kill -SEGV $$'\n",
});

const initctl = (...words: readonly string[]) => run(words, { env: daemon.env });
const journalDir = () => join(daemon.folder, '.local/state/upstart/journal');

const runsOf = async (...words: readonly string[]) => {
  const { stdout } = await initctl('history', '--json', ...words);
  return JSON.parse(stdout).runs as { job: string; ranMs: number; end: { kind: string; text: string } }[];
};

beforeAll(async () => {
  await initctl('emit', 'boot');
  await vi.waitFor(async () => expect((await runsOf('server'))[0]?.end.kind).toBe('crashed'), {
    timeout: 60_000,
    interval: 100,
  });
}, 120_000);

test('an administrator wants a log of all jobs showing when they ran and how long they took to run', async () => {
  const { stdout } = await initctl('history');
  const [titles = '', ...lines] = stdout.trimEnd().split('\n');
  expect(titles).toMatch(/^STARTED +RAN {2}JOB +STARTED BY +END$/);
  const rows = lines.filter((line) => !line.startsWith(' ')).map((line) => line.trim().split(/ {2,}/));
  expect(
    rows.map(([began, ran, ...rest]) => [/^\d{4}-.*Z$/.test(began ?? ''), /^\d+\.\d{3} s$/.test(ran ?? ''), ...rest]),
  ).toEqual([
    [true, true, 'db', 'event boot', 'goes on'],
    [true, true, 'prepare', 'event boot', 'exited with status 0'],
    [true, true, 'server', 'event started JOB=db', 'killed by signal SEGV'],
  ]);
  const [prepare] = await runsOf('prepare');
  expect(prepare?.ranMs).toBeGreaterThan(0);
});

test('a developer wants to know how long a server ran before it crashed and what other jobs were running then', async () => {
  const { stdout } = await initctl('history', 'server');
  const [, line = '', scene = ''] = stdout.split('\n');
  expect(line).toMatch(/Z {2}\d+\.\d{3} s {2}server {2}event started JOB=db {2}killed by signal SEGV$/);
  expect(scene).toMatch(/^ {4}then there ran: db; the init daemon had been up for \d+\.\d{3} s$/);
});

describe('the journal', () => {
  const kinds = async (...words: readonly string[]) => {
    const { stdout } = await initctl('journal', '--json', ...words);
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  };

  test('of an event by name, and of all that it led to by its number', async () => {
    const queued = await kinds('--event=boot', '--what=event-queued');
    expect(queued.map(({ name }) => name)).toEqual(['boot']);
    const led = await kinds(`--event=${queued[0].event}`, '--what=goal-changed');
    expect(led.map(({ job }) => job)).toEqual(['db', 'prepare']);
  });

  test('of a span of time: all its lines', async () => {
    const all = await kinds('--boot=0');
    expect(all[0]).toMatchObject({ what: 'began', continued: false });
    expect(all.length).toBeGreaterThan(100);
    const { time } = all[50];
    expect(await kinds(`--since=${time}`)).toEqual(all.filter((line) => line.time >= time));
    expect(await kinds(`--until=${time}`)).toEqual(all.filter((line) => line.time < time));
    expect(await kinds('--since=1d', '--session=system', '-n', '2')).toEqual(
      all.filter(({ session }) => session === '').slice(-2),
    );
    expect(await initctl('journal', '--session=nosuch')).toEqual({
      status: 0,
      stdout: '',
      stderr: 'initctl: No line of the journal fits\n',
    });
    expect(await initctl('journal', '--job=nosuch', '-n0')).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('without a daemon, by its directory', async () => {
    const offline = await run(['journal', '--json', '--boot=0', `--journal-dir=${journalDir()}`]);
    expect(offline.stdout).toBe((await initctl('journal', '--json', '--boot=0')).stdout);
  });

  test.each([
    [['journal', '--boot=-7'], 'initctl: The journal that can be read does not reach back to boot -7'],
    [['journal', '--boot=1'], 'initctl: illegal number for --boot: 1'],
    [['history', '--since=yesterday'], 'initctl: illegal time for --since: yesterday'],
    [['history', '--journal-dir=/nonexistent'], 'initctl:/nonexistent: No journal that can be read'],
    [['history', 'nosuch'], 'initctl: The journal tells of no run of nosuch'],
    [['journal', '--since=2999'], 'initctl: 2999 is still to come'],
    [['history', '--since=2999-01-01'], 'initctl: 2999-01-01 is still to come'],
    [['timeline', '--since=2999-01-01T10'], 'initctl: 2999-01-01T10 is still to come'],
    [['journal', '--since=2026-01-02', '--until=2026-01-01'], 'initctl: --until must be later than --since'],
    [['history', '--since=2026-01', '--until=2026-01-01T00:00'], 'initctl: --until must be later than --since'],
    [['timeline', '--since=5min', '--until=6min'], 'initctl: --until must be later than --since'],
    [
      ['timeline', '--until=2026-01-01'],
      'initctl: Nothing of this boot is in that span: the journal tells of it from 20',
    ],
  ])('%j', async (words, text) => {
    const { status, stderr } = await initctl(...words);
    expect([status, stderr.slice(0, text.length)]).toEqual([1, text]);
  });
});

test.each([['--whole'], ['--since=1h'], ['--since=1h', '--until=2999']])(
  'timeline %s %s: until now',
  async (...span) => {
    const lastOf = async () => JSON.parse((await initctl('journal', '-n1', '--json')).stdout);
    const last = Date.parse((await lastOf()).time);
    // Nothing happens meanwhile, so that now is later than the last line.
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(last + 100), { timeout: 60_000 });
    const before = Date.now();
    const { time, lengthMs, rows } = JSON.parse((await initctl('timeline', '--json', ...span)).stdout);
    const [{ at, time: began }] = JSON.parse(
      `[${(await initctl('journal', '--boot=0', '--what=began', '--json')).stdout}]`,
    );
    expect([time, typeof at]).toEqual([began, 'number']);
    // The two clocks are not the same one to the millisecond.
    expect(Date.parse(time) + lengthMs).toBeGreaterThan(before - 50);
    const { bars } = rows.find(({ job }: { job: string }) => job === 'db');
    expect(bars[0]).toMatchObject({ open: true, to: lengthMs });
  },
);

test('timeline: a dead daemon is drawn until its last line', async () => {
  const { stdout } = await run(['timeline', '--whole', '--json', `--journal-dir=${journalDir()}`]);
  const { time, lengthMs } = JSON.parse(stdout);
  const last = JSON.parse((await initctl('journal', '-n1', '--json')).stdout);
  expect(Math.abs(Date.parse(time) + lengthMs - Date.parse(last.time))).toBeLessThan(2);
});
