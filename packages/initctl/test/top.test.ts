import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { liveDaemon, startDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';
import { drawScreen } from './helpers/screen.js';
import { onTerminal } from './helpers/terminal.js';

const JOBS = {
  db: 'start on boot\nexec sleep 300\n',
  helper: 'start on started db\nexec sleep 300\n',
  big: 'start on boot\nexec sh -c "sleep 300 & sleep 300"\n',
} as const;

const daemon = liveDaemon(JOBS);

beforeAll(async () => {
  await initctl('emit', 'boot');
}, 120_000);

const initctl = (...words: readonly string[]) => run(words, { env: daemon.env });

test('for a pipe is one table', async () => {
  const { stdout } = await initctl('top', '--sort=name');
  expect(stdout).toMatch(/^JOB +STATE +PROCS MEMORY +%CPU +TIME\n/);
  expect(stdout).toMatch(/^db +start\/running +1 +\S+ +- +\d+:\d\d\.\d\d$/m);
});

test.each([
  ['q', 0],
  ['\x03', 130],
])('key %j ends it and gives the terminal back', async (key, expected) => {
  const script =
    'stty -g >"$HOME/a"; $I top; echo "status $?"; stty -g >"$HOME/b"; cmp "$HOME/a" "$HOME/b" && echo same';
  const { screen } = await onTerminal(script, daemon.env, { columns: 200, keys: [[/q quit/, `m${key}`]] });
  expect(screen).toContain(`status ${expected}\nsame\n`);
  expect(screen).toContain('\x1b[?1049h');
  expect(screen.lastIndexOf('\x1b[?1049l')).toBeGreaterThan(screen.lastIndexOf('\x1b[?1049h'));
});

test('SIGTERM gives the terminal back, too', async () => {
  const script =
    'stty -g >"$HOME/a"; (while ! [ -s "$HOME/p" ]; do sleep 0.1; done; sleep 1; kill $(cat "$HOME/p")) & ' +
    'sh -c \'echo $$ >"$HOME/p"; exec $I top\'; echo "status $?"; stty -g >"$HOME/b"; cmp "$HOME/a" "$HOME/b" && echo same';
  const { screen } = await onTerminal(script, daemon.env);
  expect(screen).toMatch(/status 143\n(?:.*\n)?same\n/);
});

/** What was drawn, screen by screen: each begins where the cursor goes home. */
const framesOf = (written: string): string[] =>
  written
    .split('\x1b[H')
    .slice(1)
    .map((frame) => frame.split('\x1b[?25h')[0] ?? '');

/** The title of the column that is sorted by. */
const marked = (title: string): string => `\x1b[7m${title}`;
const shows =
  (text: string) =>
  (written: string): boolean =>
    written.includes(text);

const column = (lines: readonly string[], title: string): string[] => {
  const head = lines.findIndex((line) => line.startsWith('JOB'));
  const end = (lines[head] ?? '').indexOf(title) + title.length;
  return lines
    .slice(head + 1)
    .flatMap((line) => (line.includes('start/') ? (line.slice(0, end).split(' ').at(-1) ?? '') : []));
};

const jobs = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => (line.includes('start/') ? (line.split(' ')[0] ?? '') : []));

test('a key sorts by another column, which is marked', async () => {
  const { screen } = await onTerminal('$I top --sort=name', daemon.env, {
    columns: 80,
    keys: [
      [shows(marked('JOB')), 'p'],
      [shows(marked('PROCS')), 'm'],
      [shows(marked('MEMORY')), 'q'],
    ],
  });
  const drawn = await Promise.all(framesOf(screen).map((frame) => drawScreen(frame, { columns: 80, rows: 24 })));
  const sortedBy = (title: string) =>
    drawn[framesOf(screen).findIndex((frame) => frame.includes(marked(title)))]?.lines ?? [];
  expect(jobs(sortedBy('JOB'))).toEqual(['big', 'db', 'helper']);
  expect(jobs(sortedBy('PROCS'))[0]).toBe('big');
  expect(column(sortedBy('PROCS'), 'PROCS')).toEqual(['3', '1', '1']);
  expect(jobs(sortedBy('MEMORY'))[0]).toBe('big');
});

test('a terminal that gets another size gets a screen of that size', async () => {
  const tty = join(daemon.folder, 'tty');
  const size = (): string => {
    spawnSync('stty', ['-F', readFileSync(tty, 'utf8').trim(), 'cols', '60', 'rows', '12']);
    return '';
  };
  const isSmall = (written: string): boolean => framesOf(written).at(-1)?.split('\r\n').length === 12;
  const { screen } = await onTerminal(`tty >${tty}; $I top`, daemon.env, {
    keys: [
      [/q quit/, size],
      [isSmall, 'q'],
    ],
  });
  const frames = framesOf(screen.replaceAll('\n', '\r\n'));
  expect(frames[0]?.split('\r\n')).toHaveLength(24);
  const { lines, wrapped } = await drawScreen(frames.at(-1) ?? '', { columns: 60, rows: 12 });
  expect(wrapped).toEqual([]);
  expect(lines).toHaveLength(12);
  expect(lines[11]).toMatch(/^q quit/);
  expect(jobs(lines)).toHaveLength(3);
});

test('a daemon that goes ends it, and the terminal is given back', async () => {
  const other = await startDaemon({});
  const goes = (): string => {
    void other.stop();
    return '';
  };
  const { screen, status } = await onTerminal('$I top', other.env, { keys: [[/q quit/, goes]] });
  expect(status).toBe(1);
  expect(screen).toMatch(/\[\?1049linitctl: The connection to Upstart was lost\n$/);
});
