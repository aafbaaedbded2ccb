import { beforeAll, describe, expect, test, vi } from 'vitest';
import { liveDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';
import { drawScreen, type Screen } from './helpers/screen.js';
import { onTerminal } from './helpers/terminal.js';

/** What a person sees of `list --tree`, `status`, `explain` and `top`, drawn by a terminal. */

const JOBS = {
  db: 'description "データベース: 高速で信頼できる、とても長い説明がここにあります。さらに続きます。"\nstart on boot\nexec sleep 300\n',
  web: [
    'description "ein Webserver für alle"',
    'start on (started db and net-up) or (stopped never A=1 B!=2 and another-event-with-a-long-name and yet-another-one)',
    'stop on stopping db',
    'exec sleep 300\n',
  ].join('\n'),
  helper: 'description "한국어 설명"\nstart on started db\nexec sleep 300\n',
  'a-job-with-a-name-that-is-rather-long-for-a-terminal-of-80-columns': 'start on never-seen\nexec true\n',
  inst: 'instance $N\nexec sleep 300\n',
  hand: 'exec sleep 300\n',
  dies: 'start on boot\nrespawn\nrespawn limit 2 60\nscript\n  exit 3\nend script\n',
} as const;

const daemon = liveDaemon(JOBS);

const initctl = (...words: readonly string[]) => run(words, { env: daemon.env });

beforeAll(async () => {
  await initctl('emit', 'boot');
  await initctl('start', 'inst', 'N=数値');
  await initctl('start', 'inst', 'N=b/c');
  await vi.waitFor(async () => expect((await initctl('status', 'dies')).stdout).toBe('dies stop/waiting\n'), {
    timeout: 60_000,
  });
}, 120_000);

const see = async (command: string, columns: number, env: Readonly<Record<string, string>> = {}): Promise<Screen> => {
  const { screen } = await onTerminal(`$I ${command}`, { ...daemon.env, ...env }, { columns });
  return drawScreen(screen, { columns });
};

const HOME = '\x1b[H';
const SHOW_CURSOR = '\x1b[?25h';

/** The first screen that top shows. */
const seeTop = async (columns: number): Promise<Screen> => {
  const { screen } = await onTerminal('$I top -s name', daemon.env, { columns, keys: [[/q quit/, 'q']] });
  const [, frame = ''] = screen.split(HOME);
  return drawScreen(frame.split(SHOW_CURSOR)[0] ?? '', { columns, rows: 24 });
};

/** Where a text that a pattern finds begins, on each line that has it. */
const columnsOf = ({ lines, columnOf }: Screen, pattern: RegExp): number[] =>
  lines.flatMap((line, index) => {
    const found = pattern.exec(line)?.[0];
    return found === undefined ? [] : columnOf(index, found);
  });

const COMMANDS = ['list --tree', 'status -l web', 'status dies', 'explain web', 'explain dies'] as const;

describe.each([80, 200])('on a terminal of %i columns', (columns) => {
  test.each(COMMANDS)('no line of %s is broken by the terminal', async (command) => {
    const { lines, wrapped } = await see(command, columns);
    expect(lines.length).toBeGreaterThan(4);
    expect(wrapped).toEqual([]);
  });

  test('states, processes and descriptions of list --tree stand below each other', async () => {
    const screen = await see('list --tree', columns);
    const states = columnsOf(screen, /(start|stop)\/\w+/);
    expect(states.length).toBeGreaterThan(8);
    expect(new Set(states).size).toBe(1);
    const ends = screen.lines.flatMap((line, index) => {
      const pid = /(?:running) +(\d+)/.exec(line)?.[1];
      return pid === undefined ? [] : screen.columnOf(index, pid) + pid.length;
    });
    expect(ends).toHaveLength(4);
    expect(new Set(ends).size).toBe(1);
    const notes = columnsOf(screen, /データ|한국|\(\(started/);
    expect(notes).toHaveLength(3);
    expect(new Set(notes).size).toBe(1);
  });

  test('what status tells goes on below itself', async () => {
    const { lines, columnOf } = await see('status -l web', columns);
    const details = lines.slice(1);
    const begins = details.map((line, index) => columnOf(index + 1, line.slice(19).trim()));
    expect(new Set(begins)).toEqual(new Set([19]));
    expect(details.map((line) => line.slice(8, 19).trim()).filter((label) => label !== '')).toEqual([
      'down for',
      'why',
      'log',
    ]);
  });

  test('explain has a line for each sentence, and what goes on is further in', async () => {
    const { lines } = await see('explain web', columns);
    const plain = (await initctl('explain', 'web')).stdout.trimEnd().split('\n');
    expect(lines.filter((line) => !line.startsWith('  '))).toHaveLength(plain.length);
    expect(lines.length > plain.length).toBe(columns === 80);
  });

  test('numbers of top stand below their titles', async () => {
    const screen = await seeTop(columns);
    expect(screen.wrapped).toEqual([]);
    const head = screen.lines.findIndex((line) => line.startsWith('JOB'));
    const rows = screen.lines.slice(head + 1, head + 5);
    expect(rows.map((row) => row.replace(/\s+start\/.*/, ''))).toEqual(['db', 'helper', 'inst (b/c)', 'inst (数値)']);
    const end = (line: number, text: string): number => screen.columnOf(line, text) + text.length;
    const timeEnd = end(head, 'TIME');
    for (const [index, row] of rows.entries()) {
      expect(end(head + 1 + index, /\d+:\d\d\.\d\d$/.exec(row)?.[0] ?? 'none')).toBe(timeEnd);
      expect(screen.columnOf(head + 1 + index, 'start/')).toBe(screen.columnOf(head, 'STATE'));
    }
  });
});

/** Red, green, magenta and cyan: those of the 16 that people can read on their own background, light or dark. */
const READABLE = new Set([undefined, 1, 2, 5, 6]);

test.each([...COMMANDS, 'top'])('%s can be read on light and on dark', async (command) => {
  const { cells } = command === 'top' ? await seeTop(80) : await see(command, 80);
  expect(cells.length).toBeGreaterThan(50);
  expect(cells.filter(({ isFixedColour }) => isFixedColour)).toEqual([]);
  expect(new Set(cells.map(({ background }) => background))).toEqual(new Set([undefined]));
  for (const { text, foreground } of cells) expect(READABLE, `${text} in ${foreground}`).toContain(foreground);
});

test('a terminal that knows no Unicode gets none of ours', async () => {
  const { lines } = await see('list --tree', 80, { LANG: 'C' });
  const own = lines.filter((line) => !/[データ한数]/.test(line)).join('\n');
  expect(own).toMatch(/^`- dies/m);
  expect(own).toMatch(/^\| {2}`- web \^/m);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all that is not ASCII is looked for
  expect(own).not.toMatch(/[^\x00-\x7f]/);
});

test('colours go where NO_COLOR or a dumb terminal wants none', async () => {
  for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
    const { screen } = await onTerminal('$I list --tree', { ...daemon.env, ...env });
    expect(screen).not.toContain('\x1b');
  }
});
