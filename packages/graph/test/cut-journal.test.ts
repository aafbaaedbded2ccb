import { expect, test } from 'vitest';
import {
  bootGraph,
  bootRuns,
  chainTo,
  crashScene,
  endOf,
  type History,
  historiesOf,
  linkText,
  type Run,
  ranMs,
  startText,
  timelineHtml,
  timelineOf,
  timelineSvg,
  wasUp,
} from '../src/index.js';
import { Recorder } from './helpers/recorder.js';

const SEGV = { kind: 'signalled', signal: 11 } as const;
const UNKNOWN = "not known: before the journal's beginning";

/** What is left of a journal when its older files are gone: the lines that `act` brings about, after what was before. */
const cut = (act: (recorder: Recorder) => void): History => {
  const recorder = new Recorder({
    db: 'start on boot\nexec db',
    web: 'start on boot\nstop on net-down\nexec web',
    late: 'start on late or stopping db\nexec late',
  });
  recorder.emit('boot').pass(5).started('db').started('web').pass(1000);
  const before = recorder.lines.length;
  act(recorder);
  const [history] = historiesOf(recorder.lines.slice(before));
  if (history === undefined) throw new Error('no history');
  return history;
};

const runOf = ({ runs }: History, job: string): Run => {
  const run = runs.find(({ ref }) => ref.job === job);
  if (run === undefined) throw new Error(`no run of ${job}`);
  return run;
};

const told = (history: History, job: string) => {
  const run = runOf(history, job);
  const { kind, text } = endOf(history, run, true);
  return [run.isCut, startText(history, run), ranMs(run, history.to.at), kind, text];
};

test('a run that is stopped has run at least since the first line, and nobody knows why it had started', () => {
  const history = cut((recorder) => {
    recorder.emit('other').pass(100).emit('net-down').pass(20).ended('web', { kind: 'signalled', signal: 15 });
  });
  expect(history.isCut).toBe(true);
  expect(history.began).toBeUndefined();
  expect(told(history, 'web')).toEqual([true, UNKNOWN, 120, 'stopped', 'event net-down; killed by signal TERM']);
  expect(runOf(history, 'web').began).toEqual(history.from);
  // What had nothing happen to it is in no line.
  expect(history.runs.map(({ ref }) => ref.job)).toEqual(['web']);
});

test('a run that crashes: how it ended, at least how long the daemon was up, and what is known to have run beside it', () => {
  const history = cut((recorder) => {
    recorder.emit('other').pass(30).ended('db', SEGV).pass(50).emit('net-down').ended('web');
  });
  expect(told(history, 'db')).toEqual([true, UNKNOWN, 80, 'crashed', 'killed by signal SEGV']);
  const scene = crashScene(history, runOf(history, 'db'));
  expect(scene).toMatchObject({ upMs: 30, isAtLeast: true });
  expect(scene?.beside.map(({ ref }) => ref.job)).toEqual(['web']);
  expect(wasUp(runOf(history, 'web'), history.from.at)).toBe(true);
});

test('what begins later is told as ever; what it waited for goes back to the beginning of the lines', () => {
  const history = cut((recorder) => recorder.emit('other').pass(30).ended('db').pass(10).started('late'));
  expect(told(history, 'late').slice(0, 3)).toEqual([false, 'event stopping JOB=db RESULT=ok', 0]);
  const { up } = runOf(history, 'late');
  const chain = up === undefined ? [] : chainTo(history, up.cause);
  expect(chain.map((link) => [linkText(history, link), link.to - link.from, link.isCut ?? false])).toEqual([
    [expect.stringMatching(/^db: main process 101 ended -> stopping JOB=db/), 30, true],
    ['late: main process 103 started', 10, false],
  ]);
});

test('the boot is not told, although there is an event that is the first', () => {
  const history = cut((recorder) => recorder.emit('late').pass(10).started('late'));
  expect(runOf(history, 'late').up).toBeDefined();
  expect(bootRuns(history)).toEqual([]);
});

test('a bar is open at the left, on images and pages', () => {
  const history = cut((recorder) => recorder.emit('other').pass(30).ended('db').emit('late').pass(10).started('late'));
  const timeline = timelineOf(history, { from: history.from.at, to: history.to.at }, true);
  const open = Object.fromEntries(timeline.rows.map(({ label, bars }) => [label, bars[0]?.isOpenLeft]));
  expect(open).toEqual({ db: true, late: false });
  expect(timelineSvg(timeline).match(/class="open"/g)).toHaveLength(1);
  expect(timelineHtml(history, timeline)).toContain('db: before 0.000 s to 0.040 s');
  // What had begun before a span is open, too.
  const later = timelineOf(history, { from: history.to.at - 1, to: history.to.at }, true);
  expect(later.rows.map(({ bars }) => bars[0]?.isOpenLeft)).toEqual([true, true]);
});

test('the graph says so, and draws no cause of the start', () => {
  const history = cut((recorder) => recorder.emit('net-down').pass(20).ended('web'));
  const { nodes, edges } = bootGraph(history, true);
  expect(nodes.find(({ label }) => label === 'web')?.note).toBe('since before the journal, ran at least 0.020 s');
  expect(edges.map(({ kind }) => kind)).toEqual(['stop']);
});

test('what was found running has run since before', () => {
  const recorder = new Recorder({ db: 'exec db' });
  const cause = { input: recorder.lines.length };
  recorder.pass(5).tell('input', { number: cause.input, input: { kind: 'adopt-jobs' } });
  recorder.tell('state-changed', { session: '', job: 'db', instance: '', from: 'waiting', to: 'running', cause });
  const [history] = historiesOf(recorder.pass(10).emit('other').lines);
  if (history === undefined) throw new Error('no history');
  expect(told(history, 'db')).toEqual([true, 'found running', 15, 'running', 'goes on']);
  expect(runOf(history, 'db').phases.map(({ state }) => state)).toEqual(['running']);
});

test('where lines were lost, it is those that are missing', () => {
  const recorder = new Recorder({ db: 'start on boot\nexec db' });
  recorder.tell('journal-dropped', { lines: 9 });
  recorder.lines.push(
    ...(() => {
      const other = new Recorder({ db: 'start on boot\nexec db' });
      other.emit('boot').started('db').pass(10);
      const from = other.lines.length;
      other.ended('db');
      return other.lines.slice(from);
    })(),
  );
  const [history] = historiesOf(recorder.lines);
  if (history === undefined) throw new Error('no history');
  expect(history.isCut).toBe(false);
  expect(told(history, 'db').slice(0, 2)).toEqual([true, 'not known: lines of the journal are missing']);
});
