import { readFileSync } from 'node:fs';
import { oneLine } from '@maverick/conf';
import type { CommandContext, CommandHandler } from '../command.js';
import { InitctlError } from '../errors.js';

/** What the time bridge keeps in its file of each of its events. */
interface Timer {
  readonly event: readonly string[];
  readonly jobs: readonly string[];
  readonly clock: 'realtime' | 'boottime';
  readonly next: number | null;
  readonly last: number | null;
}

interface TimeRecord {
  readonly realtime: number;
  readonly boottime: number;
  readonly pid: number;
  readonly timers: readonly Timer[];
}

const FILE = 'upstart-time-bridge.json';

/** Where the bridge of the daemon that is meant keeps its times. */
const placeOf = ({ env, isUserSession }: CommandContext): string =>
  `${(isUserSession() && env.XDG_RUNTIME_DIR) || '/run'}/${FILE}`;

const read = (path: string): TimeRecord => {
  try {
    const record = JSON.parse(readFileSync(path, 'utf8'));
    if (Array.isArray(record.timers)) return record;
  } catch {
    // None, or not one that we know.
  }
  throw new InitctlError('no-timers', { path });
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Since 1970. What goes by the time since boot is not moved by who sets the clock. */
const wallTime = ({ clock, next }: Timer, bootAt: number): number | null =>
  next === null || clock === 'realtime' ? next : bootAt + next;

const timeText = (wall: number | null): string =>
  wall === null ? '-' : new Date(wall).toLocaleString('sv-SE', { timeZoneName: 'short' });

const tableText = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

/** Milliseconds since 1970 at which the machine was booted, by its clock of now. */
const bootTime = (): number => Date.now() - Number.parseFloat(readFileSync('/proc/uptime', 'latin1')) * 1000;

/** `timers`: what the time bridge waits for, the next first. */
export const timers: CommandHandler = async (context) => {
  const record = read(placeOf(context));
  if (!isAlive(record.pid)) throw new InitctlError('no-time-bridge', { pid: record.pid });
  const bootAt = bootTime();
  const all = record.timers
    .map((timer) => ({ ...timer, next: wallTime(timer, bootAt) }))
    .sort((a, b) => (a.next ?? Number.POSITIVE_INFINITY) - (b.next ?? Number.POSITIVE_INFINITY));
  context.output.answer(
    () => ({
      timers: all.map(({ event, jobs, next, last }) => ({ event, jobs, next: isoOf(next), last: isoOf(last) })),
    }),
    () =>
      tableText([
        ['NEXT', 'LAST', 'EVENT', 'JOBS'],
        ...all.map(({ event, jobs, next, last }) => [
          timeText(next),
          timeText(last),
          oneLine(event.join(' ')),
          oneLine(jobs.join(' ')),
        ]),
      ]),
  );
};

const isoOf = (wall: number | null): string | null => (wall === null ? null : new Date(wall).toISOString());
