import {
  type CrashScene,
  crashScene,
  endOf,
  type History,
  instanceText,
  type Run,
  type RunEnd,
  ranMs,
  spanText,
  startText,
} from '@maverick/graph';
import { cellsOf, fitCells, padCells, padCellsBefore, printable } from './cells.js';
import type { Paint } from './colours.js';

/** One run, as `history` tells it. */
export interface ToldRun {
  readonly run: Run;
  readonly ran: number | undefined;
  /** It ran at least so long: its beginning is not known, or its end. */
  readonly isAtLeast: boolean;
  readonly startedBy: string;
  readonly end: RunEnd;
  /** Only of one that crashed. */
  readonly scene: CrashScene | undefined;
}

/** @param isPresent the daemon of the history is there */
export const tellRun = (history: History, run: Run, isPresent: boolean, now: number): ToldRun => {
  const end = endOf(history, run, isPresent);
  return {
    run,
    ran: ranMs(run, end.kind === 'running' ? now : history.to.at),
    isAtLeast: !run.hasBeginning || (run.ended === undefined && end.kind !== 'running'),
    startedBy: startText(history, run),
    end,
    scene: end.kind === 'crashed' ? crashScene(history, run) : undefined,
  };
};

/** The same as data. Times are milliseconds; of a run whose beginning or end is not known, `ranMs` is the
 * least that it can be, and `ranAtLeast` says so. */
export const runAnswer = ({ run, ran, isAtLeast, startedBy, end, scene }: ToldRun) => ({
  session: run.ref.session,
  job: run.ref.job,
  instance: run.ref.instance,
  began: run.hasBeginning ? run.began.time : null,
  ...(!run.hasBeginning ? { beganBefore: run.began.time } : {}),
  ended: run.ended?.time ?? null,
  ranMs: ran ?? null,
  ...(ran !== undefined && isAtLeast ? { ranAtLeast: true } : {}),
  startedBy: run.startCause === undefined ? null : startedBy,
  respawn: run.isRespawn,
  end: { kind: end.kind, text: end.text },
  processes: run.processes.map(({ role, pid, status }) => ({ role, pid: pid ?? null, status: status ?? null })),
  crash: scene
    ? {
        upMs: scene.upMs,
        upIsAtLeast: scene.isAtLeast,
        beside: scene.beside.map(({ ref: { job, instance } }) => ({ job, instance })),
      }
    : null,
});

const COLOURS = { crashed: 'bad', running: 'good' } as const satisfies Partial<Record<RunEnd['kind'], string>>;

/** What else there was when it crashed. */
const sceneLine = ({ upMs, isAtLeast, beside }: CrashScene): string => {
  const names = beside.map(({ ref }) => instanceText(ref)).sort();
  const others = names.length === 0 ? 'nothing else' : names.join(', ');
  return printable(
    `    then there ran: ${others}; the init daemon had been up for ${isAtLeast ? 'at least ' : ''}${spanText(upMs)}`,
  );
};

/** In cells. Instances and events are named by whoever calls, at any length. */
const WIDEST = 60;

/**
 * A line of titles and one for each run, in columns, the oldest first; below one that crashed, what else there was then.
 * The last column ends where its text does; a text that is wider than a column becomes moves what follows it in its own row.
 * @param mark what is in the place of the rest of such a text; without it the text is whole
 */
export const historyLines = (told: readonly ToldRun[], paint: Paint, mark?: string): string[] => {
  const shown = (text: string): string => (mark === undefined ? text : fitCells(text, WIDEST, mark));
  const rows = told.map(({ run, ran, isAtLeast, startedBy, end }) => [
    run.hasBeginning ? run.began.time : `before ${run.began.time}`,
    ran === undefined ? '-' : `${isAtLeast ? 'at least ' : ''}${spanText(ran)}`,
    shown(printable(instanceText(run.ref))),
    shown(printable(startedBy)),
    printable(end.text),
  ]);
  const titles = ['STARTED', 'RAN', 'JOB', 'STARTED BY', 'END'];
  const widths = titles.map((title, column) =>
    rows.reduce((width, row) => Math.max(width, Math.min(WIDEST, cellsOf(row[column] ?? ''))), title.length),
  );
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => (column === 1 ? padCellsBefore : padCells)(cell, widths[column] ?? 0)).join('  ');
  const body = told.flatMap(({ end, scene }, index) => {
    const row = line(rows[index] ?? []).trimEnd();
    const colour = end.kind === 'crashed' || end.kind === 'running' ? COLOURS[end.kind] : undefined;
    return [colour === undefined ? row : paint(colour, row), ...(scene === undefined ? [] : [sceneLine(scene)])];
  });
  return [paint('bold', line(titles).trimEnd()), ...body];
};
