import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JournalLine } from '@maverick/engine';
import { expect, onTestFinished, test } from 'vitest';
import {
  crashScene,
  endOf,
  type History,
  historiesOf,
  linesOfBoot,
  NoSuchBootError,
  type Run,
  ranMs,
  readHistories,
  spanText,
  startText,
} from '../src/index.js';
import { Recorder } from './helpers/recorder.js';

const SEGV = { kind: 'signalled', signal: 11 } as const;

const only = (recorder: Recorder): History => {
  const [history, ...others] = historiesOf(recorder.lines);
  if (history === undefined || others.length > 0) throw new Error(`${others.length + 1} histories`);
  return history;
};

const told = (history: History, isPresent = true) =>
  history.runs.map((run) => [
    run.ref.job,
    startText(history, run),
    ranMs(run, history.to.at),
    endOf(history, run, isPresent).kind,
    endOf(history, run, isPresent).text,
  ]);

const runOf = (history: History, job: string): Run => {
  const run = history.runs.find(({ ref }) => ref.job === job);
  if (run === undefined) throw new Error(`no run of ${job}`);
  return run;
};

test('every run: what started it, how long it ran, what stopped it and how it ended', () => {
  const recorder = new Recorder({
    web: 'start on net-up\nstop on net-down\nexec web',
    once: 'start on net-up\ntask\nexec once',
    hand: 'exec hand',
  });
  recorder.emit('net-up', ['IFACE=eth0']).pass(10).started('web').started('once').pass(300).ended('once');
  recorder.send({ kind: 'start', session: '', job: 'hand', request: 1, wait: true }).started('hand').pass(1000);
  recorder.emit('net-down').pass(50).ended('web', { kind: 'signalled', signal: 15 });
  expect(told(only(recorder))).toEqual([
    ['web', 'event net-up IFACE=eth0', 1350, 'stopped', 'event net-down; killed by signal TERM'],
    ['once', 'event net-up IFACE=eth0', 300, 'done', 'exited with status 0'],
    ['hand', 'command start', 1050, 'running', 'goes on'],
  ]);
  expect(told(only(recorder), false)[2]?.slice(3)).toEqual(['untold', 'the daemon ended before it']);
});

test('how long a crashed server had run, what else ran then, and how long the daemon had been up', () => {
  const recorder = new Recorder({
    db: 'start on boot\nexec db',
    cache: 'start on boot\nexec cache',
    server: 'start on started db\nexec server',
  });
  recorder.emit('boot').started('db').started('cache').started('server').pass(5000).ended('cache').pass(2500);
  recorder.ended('server', SEGV);
  const history = only(recorder);
  const run = runOf(history, 'server');
  expect(endOf(history, run, true)).toEqual({ kind: 'crashed', text: 'killed by signal SEGV' });
  expect(ranMs(run, 0)).toBe(7500);
  const scene = crashScene(history, run);
  expect([scene?.upMs, scene?.beside.map(({ ref }) => ref.job)]).toEqual([7500, ['db']]);
});

test('a respawn is a run of its own', () => {
  const recorder = new Recorder({ dies: 'start on boot\nrespawn\nrespawn limit 1 60\nexec dies' });
  recorder.emit('boot').started('dies').pass(10).ended('dies', SEGV).started('dies').pass(20).ended('dies', SEGV);
  expect(told(only(recorder))).toEqual([
    ['dies', 'event boot', 10, 'crashed', 'killed by signal SEGV'],
    ['dies', 'respawn', 20, 'crashed', 'killed by signal SEGV; respawned too fast'],
  ]);
});

test('a process that could not be started is the end of its run', () => {
  const recorder = new Recorder({ web: 'start on boot\nexec web' });
  recorder.emit('boot');
  const failure = { step: 'exec', errno: 2, message: 'unable to execute: No such file or directory' };
  recorder.tell('spawn-failed', { session: '', job: 'web', instance: '', role: 'main', failure });
  recorder.send({ kind: 'spawn-failed', process: recorder.processOf('web'), failure });
  expect(told(only(recorder))).toEqual([
    [
      'web',
      'event boot',
      undefined,
      'crashed',
      'main could not be started: unable to execute: No such file or directory',
    ],
  ]);
});

test('each life of the daemon has a history; a re-execution goes on with it', () => {
  const jobs = { web: 'start on boot\nexec web' };
  const first = new Recorder(jobs).emit('boot').started('web').pass(10).emit('last');
  const second = new Recorder(jobs, { at: 5000 }).emit('boot').started('web');
  second.tell('began', { pid: 1, continued: true, inputs: 4 });
  second.pass(30).ended('web');
  const histories = historiesOf([...first.lines, ...second.lines]);
  expect(histories.map((history) => [history.began?.at, ...told(history, false).flat().slice(2, 4)])).toEqual([
    [1000, 10, 'untold'],
    [5000, 30, 'done'],
  ]);
});

test('a daemon that goes on without the state of the one before it counts anew: it has a history of its own', () => {
  const jobs = { web: 'start on boot\nexec web' };
  const first = new Recorder(jobs).emit('boot').started('web').lines;
  const second = new Recorder(jobs, { at: 5000 }).emit('other').emit('boot').started('web').lines;
  const lost = second.map((line) => (line.what === 'began' ? { ...line, continued: true, inputs: 0 } : line));
  const histories = historiesOf([...first, ...lost]);
  expect(histories.map((history) => told(history, false).map(([job, by]) => [job, by]))).toEqual([
    [['web', 'event boot']],
    [['web', 'event boot']],
  ]);
});

test('lines that no daemon has written are passed over', () => {
  const { lines } = new Recorder({ web: 'start on boot\nexec web' }).emit('boot').started('web');
  const odd = [{ what: 'input' }, { what: 'event-queued', env: 7 }];
  const [history] = historiesOf([...lines, ...(odd as unknown as JournalLine[])]);
  expect(history?.runs.map(({ ref }) => ref.job)).toEqual(['web']);
});

test('a journal of one boot has none before it', () => {
  const dir = journalOf(...new Recorder({}).emit('one').lines);
  expect([...linesOfBoot(dir, 0)].length).toBeGreaterThan(1);
  expect(() => [...linesOfBoot(dir, -1)]).toThrow(NoSuchBootError);
});

test('lines that were lost are counted', () => {
  const recorder = new Recorder({});
  recorder.tell('journal-dropped', { lines: 7 });
  expect(only(recorder).lostLines).toBe(7);
});

const journalOf = (...lines: readonly JournalLine[]): string => {
  const dir = mkdtempSync(join(tmpdir(), 'maverick-boots-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, 'journal.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return dir;
};

test('a boot is found from the end; the oldest may lack its beginning', () => {
  const tail = new Recorder({}).emit('cut').lines.slice(1);
  const boots = ['one', 'two'].map((name, index) => new Recorder({}, { at: 9000 * (index + 1) }).emit(name).lines);
  const dir = journalOf(...tail, ...boots.flat());
  const emitted = (boot: number) => [...linesOfBoot(dir, boot, { what: 'event-queued' })].map(({ name }) => name);
  expect([0, -1, -2].map(emitted)).toEqual([['two'], ['one'], ['cut']]);
  expect(() => emitted(-3)).toThrow(NoSuchBootError);
  expect(readHistories(dir, -1).map(({ began }) => began?.at)).toEqual([9000]);
  expect(readHistories(dir).map(({ began }) => began?.at)).toEqual([undefined, 9000, 18_000]);
});

test.each([
  [0, '0.000 s'],
  [213.4, '0.213 s'],
  [59_999, '59.999 s'],
  [59_999.9, '1 min 0 s'],
  [3_723_000, '1 h 2 min'],
  [90_000_000, '1 d 1 h'],
])('%d ms: %s', (ms, text) => expect(spanText(ms)).toBe(text));
