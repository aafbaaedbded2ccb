import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JournalLine, journalFileName, replay } from '@maverick/engine';
import { openJournal } from '@maverick/supervisor';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Running } from '../../supervisor/test/helpers/running.js';
import {
  bootGraph,
  crashScene,
  endOf,
  type History,
  historiesOf,
  journalLines,
  ranMs,
  recordingOf,
  startText,
} from '../src/index.js';

const BOUNDS = { maxBytes: 32 * 1024, files: 2 };

const JOBS = {
  db: 'start on boot\nexec sleep 1000',
  web: 'start on started db\nexec sleep 1000',
  tick: 'start on tick\ntask\nexec true',
};

const sizes = (lines: readonly JournalLine[]) => lines.map((line) => JSON.stringify(line).length);

test('a journal whose beginning was put away and removed goes on from what each file says first', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'maverick-rotated-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const journal = openJournal(dir, BOUNDS);
  const running = new Running(JOBS, { journal, env: ['PATH=/usr/bin:/bin'] });
  onTestFinished(() => running.close());
  const { supervisor } = running;
  await supervisor.emit('boot');
  await vi.waitFor(() => expect(supervisor.instance('web')?.state).toBe('running'), { timeout: 20_000 });

  await journal.written();
  const [whole] = historiesOf(journalLines(dir));
  expect(whole?.isCut).toBe(false);
  const isCut = (): boolean => ![...journalLines(dir)].some(({ what }) => what === 'began');
  while (!isCut()) {
    await supervisor.emit('tick');
    await journal.written();
  }
  await supervisor.emit('tick');
  await journal.written();
  expect(existsSync(join(dir, journalFileName(BOUNDS.files)))).toBe(false);

  const lines = [...journalLines(dir)];
  const snapshots = lines.filter(({ what }) => what === 'snapshot');
  expect(snapshots.length).toBeGreaterThan(0);
  expect(Math.max(...sizes(snapshots))).toBeLessThan(BOUNDS.maxBytes / 2);

  // What was before it is known: why, since when, for how long, and since when the daemon was there.
  const [history] = historiesOf(lines) as [History];
  expect(history.isCut).toBe(true);
  expect(history.began).toEqual(whole?.began);
  const runs = (of: History | undefined) =>
    of?.runs
      .filter(({ ref }) => ref.job !== 'tick')
      .map((run) => [run.ref.job, startText(of, run), Math.round(run.began.at), run.processes.map(({ pid }) => pid)]);
  expect(runs(history)).toEqual(runs(whole));
  for (const run of history.runs) {
    const before = whole?.runs.find(({ ref }) => ref.job === run.ref.job);
    if (run.ref.job !== 'tick') expect(ranMs(run, 1e9)).toBeCloseTo(ranMs(before as never, 1e9) as number, -3);
  }

  const edges = (of: History) =>
    bootGraph(of, true)
      .edges.map((edge) => JSON.stringify(edge))
      .filter((text) => !text.includes('tick'))
      .sort();
  expect(edges(history)).toEqual(edges(whole as History));

  // An engine can be told it all again.
  const recording = recordingOf(lines);
  if (recording === undefined) throw new Error('no recording');
  const { engine } = replay(recording);
  for (const job of Object.keys(JOBS)) {
    expect(engine.job('', job)?.instances).toEqual(supervisor.job(job)?.instances);
  }

  // And what ends later is told whole.
  const { processes = [] } = supervisor.instance('web') ?? {};
  process.kill(processes[0]?.pid ?? Number.NaN, 'SIGSEGV');
  await vi.waitFor(() => expect(supervisor.instance('web')).toBeUndefined(), { timeout: 20_000 });
  await journal.written();
  const [after] = historiesOf(journalLines(dir)) as [History];
  const web = after.runs.find(({ ref }) => ref.job === 'web');
  if (web === undefined) throw new Error('no run of web');
  expect(endOf(after, web, true)).toEqual({ kind: 'crashed', text: 'killed by signal SEGV' });
  const scene = crashScene(after, web);
  expect(scene?.isAtLeast).toBe(false);
  expect(scene?.beside.map(({ ref }) => ref.job)).toEqual(['db']);
});
