import { expect, test } from 'vitest';
import {
  arrivalOf,
  blame,
  bootRuns,
  causeLines,
  chainTo,
  type History,
  historiesOf,
  lastOfBoot,
  linkText,
  timelineOf,
} from '../src/index.js';
import { Recorder } from './helpers/recorder.js';

const only = ({ lines }: Recorder): History => {
  const [history] = historiesOf(lines);
  if (history === undefined) throw new Error('no history');
  return history;
};

/** The chain to the first arrival of a job: when each link began, how long it took, and what it was. */
const chain = (history: History, job: string) => {
  const run = history.runs.find(({ ref }) => ref.job === job);
  const came = run && arrivalOf(run);
  return came && chainTo(history, came.cause).map((link) => [link.from, link.to - link.from, linkText(history, link)]);
};

test('of two conditions it is the last that was waited for', () => {
  const recorder = new Recorder({
    fast: 'start on startup\nexec fast',
    slow: 'start on startup\npre-start exec prepare\nexec slow',
    both: 'start on started fast and started slow\nexec both',
  });
  recorder.emit('startup').pass(5).started('fast').started('slow', 'pre-start').pass(300);
  recorder.ended('slow', { kind: 'exited', code: 0 }, 'pre-start').pass(7).started('slow').pass(3).started('both');
  expect(chain(only(recorder), 'both')).toEqual([
    [1000, 0, 'event startup -> starting JOB=slow'],
    [1000, 305, 'slow: pre-start process 102 ended'],
    [1305, 7, 'slow: main process 103 started -> started JOB=slow -> starting JOB=both'],
    [1312, 3, 'both: main process 104 started'],
  ]);
});

test('a hook leads back to whoever let go of it', () => {
  const recorder = new Recorder({ web: 'start on startup\nexec web', db: 'start on starting web\nexec db' });
  recorder.emit('startup').pass(50).started('db').pass(2).started('web');
  expect(chain(only(recorder), 'web')).toEqual([
    [1000, 0, 'event startup -> starting JOB=web -> starting JOB=db'],
    [1000, 50, 'db: main process 101 started -> starting JOB=web'],
    [1050, 2, 'web: main process 102 started'],
  ]);
});

test('an event that a process has emitted leads back to that process', () => {
  const recorder = new Recorder({ net: 'start on startup\ntask\nexec net', web: 'start on net-up\nexec web' });
  recorder.emit('startup').pass(10).started('net').pass(90).emit('net-up', ['IFACE=a'], 'net').pass(4).started('web');
  expect(chain(only(recorder), 'web')).toEqual([
    [1000, 0, 'event startup -> starting JOB=net'],
    [1000, 100, 'net: main process 101 called emit -> net-up IFACE=a -> starting JOB=web'],
    [1100, 4, 'web: main process 102 started'],
  ]);
});

test('a process that waited for the answer to its call waited for what held that up', () => {
  const jobs = { net: 'start on startup\ntask\nexec net', web: 'start on net-up\nexec web' };
  const recorder = new Recorder(jobs).emit('startup').pass(10).started('net');
  recorder.pass(90).emit('net-up', [], 'net', 1).pass(40).started('web').pass(5).ended('net');
  expect(chain(only(recorder), 'net')).toEqual([
    [1000, 0, 'event startup -> starting JOB=net'],
    [1000, 100, 'net: main process 101 called emit -> net-up -> starting JOB=web'],
    [1100, 40, 'web: main process 102 started -> net-up'],
    [1140, 5, 'net: main process 101 ended -> stopping JOB=net RESULT=ok'],
  ]);
});

test('a call that was answered at once held nobody up', () => {
  const recorder = new Recorder({ net: 'start on startup\ntask\nexec net' }).emit('startup').pass(10).started('net');
  recorder.pass(90).emit('net-up', [], 'net', 1).pass(5).ended('net');
  expect(chain(only(recorder), 'net')).toEqual([
    [1000, 0, 'event startup -> starting JOB=net'],
    [1000, 105, 'net: main process 101 ended -> stopping JOB=net RESULT=ok'],
  ]);
});

test('of jobs that go round, a boot is the rounds, and each bar tells its newest causes', () => {
  const recorder = new Recorder({ round: 'start on startup or stopped round\ntask\nexec round' }).emit('startup');
  for (let count = 0; count < 100; count += 1) recorder.pass(1).started('round').pass(1).ended('round');
  const history = only(recorder);
  expect(bootRuns(history)).toHaveLength(100);
  const run = bootRuns(history).at(-1);
  const came = run && arrivalOf(run);
  expect(came && chainTo(history, came.cause)).toHaveLength(101);
  const [row] = timelineOf(history, { from: 1000, to: 1200 }, true).rows;
  const lines = (row?.bars ?? []).map((bar) => causeLines(history, bar));
  expect(lines[3]?.[0]).toBe('event startup -> starting JOB=round');
  expect([lines[90]?.length, lines[90]?.[0]]).toEqual([21, '… and what led to that']);
});

test('a timer is a link, too', () => {
  const recorder = new Recorder({ web: 'start on startup\nrespawn\nrespawn backoff 1 10\nexec web' });
  recorder.emit('startup').started('web').pass(100).ended('web', { kind: 'exited', code: 1 });
  const timer = recorder.lines.findLast(({ what }) => what === 'set-timer');
  if (timer === undefined) throw new Error('no timer was set');
  recorder.pass(Number(timer['dueAt']) - timer.at).send({ kind: 'timer-fired', timer: Number(timer['timer']) });
  recorder.pass(6).started('web');
  const history = only(recorder);
  const run = history.runs.at(-1);
  const links = run?.up && chainTo(history, run.up.cause).map(({ kind, to, from }) => [kind, to - from]);
  expect(links).toEqual([
    ['outside', 0],
    ['process', 100],
    ['timer', Number(timer['dueAt']) - timer.at],
    ['process', 6],
  ]);
});

test('the boot is what the first event led to: not what a service that is up does later, and no command', () => {
  const recorder = new Recorder({
    bridge: 'start on startup\nexec bridge',
    prepare: 'start on startup\ntask\nexec prepare',
    app: 'start on stopped prepare\nexec app',
    plugged: 'start on plugged\nexec plugged',
    after: 'start on stopped bridge\nexec after',
    hand: 'exec hand',
  });
  recorder.emit('startup').started('bridge').started('prepare').pass(20).ended('prepare').pass(5).started('app');
  recorder.send({ kind: 'start', session: '', job: 'hand', request: 1, wait: false }).started('hand');
  recorder.pass(60_000).emit('plugged', [], 'bridge').started('plugged').ended('bridge').started('after');
  const history = only(recorder);
  expect(bootRuns(history).map(({ ref }) => ref.job)).toEqual(['bridge', 'prepare', 'app']);
  expect(lastOfBoot(history)?.ref.job).toBe('app');
});

test('a boot whose beginning is not in the journal has no end', () => {
  const recorder = new Recorder({ web: 'start on startup\nexec web' }).emit('startup').started('web');
  const [history] = historiesOf(recorder.lines.slice(-4));
  expect(history && lastOfBoot(history)).toBeUndefined();
});

test('blame counts the time of its own processes, and apart from that what others took', () => {
  const recorder = new Recorder({
    web: 'start on startup\nexec web',
    db: 'start on starting web\npre-start exec prepare\nexec db',
    once: 'start on startup\ntask\nexec once',
    never: 'start on startup\nexpect stop\nexec never',
  });
  recorder.emit('startup').pass(1).started('once').started('never').started('db', 'pre-start').pass(40);
  recorder.ended('db', { kind: 'exited', code: 0 }, 'pre-start').pass(2).started('db').pass(3).started('web').pass(500);
  recorder.ended('once');
  expect(blame(only(recorder)).map(({ run, ownMs, waitedMs }) => [run.ref.job, ownMs, waitedMs])).toEqual([
    ['once', 546, 0],
    ['db', 43, 0],
    ['web', 3, 43],
  ]);
});
