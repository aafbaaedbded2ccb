import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bar, Timeline } from '@maverick/graph';
import { describe, expect, onTestFinished, test } from 'vitest';
import { cellsOf } from '../src/cells.js';
import { painter } from '../src/colours.js';
import { timelineLines } from '../src/timeline-text.js';
import { liveDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';

const bar = (stretches: Bar['stretches'], more: Partial<Bar> = {}): Bar => ({
  run: undefined as never,
  from: stretches[0]?.from ?? 0,
  to: stretches.at(-1)?.to ?? 0,
  stretches,
  startedBy: 'event boot',
  end: { kind: 'running', text: 'goes on' },
  isOpen: true,
  isOpenLeft: false,
  ...more,
});

const TIMELINE: Timeline = {
  time: '2026-01-01T00:00:00.000Z',
  lengthMs: 400,
  rows: [
    {
      ref: undefined as never,
      label: 'web',
      bars: [
        bar([
          { state: 'starting', from: 0, to: 200 },
          { state: 'running', from: 200, to: 400 },
        ]),
      ],
    },
    {
      ref: undefined as never,
      label: 'データ',
      bars: [bar([{ state: 'running', from: 100, to: 200 }], { isOpen: false, end: { kind: 'crashed', text: '' } })],
    },
    { ref: undefined as never, label: 'short\u001b[2J', bars: [bar([{ state: 'running', from: 399, to: 399.5 }])] },
  ],
  marks: [
    { at: 0, text: 'boot', number: 1 },
    { at: 200, text: 'net\u001b', number: 2 },
  ],
};

const draw = (unicode: boolean, causes?: (one: Bar) => string[]) =>
  timelineLines(TIMELINE, { columns: 62, unicode, paint: painter(false), mark: '~', causes });

test('bars in columns, whatever the characters of the names', () => {
  expect(draw(true)).toEqual([
    '2026-01-01T00:00:00.000Z, 0.400 s',
    '          |0.0 s             |0.2 s',
    '          ▼                  ▼',
    'web       ···················████████████████████',
    'データ             ██████████✗                        0.100 s',
    'short [2J                                       █',
    '          · waits   ▒ prepares   ▓ starts   █ runs   ░ stops',
    'Events',
    '      0.000 s  boot',
    '      0.200 s  net ',
  ]);
});

test('without Unicode, in ASCII; with causes below each bar', () => {
  const lines = draw(false, () => ['event boot']);
  expect(lines[3]).toMatch(/^web {7}\.+=+$/);
  expect(lines[4]).toBe(`${' '.repeat(10)}event boot`);
  expect(lines.filter((line) => !line.includes('デ')).join('')).toMatch(/^[ -~]*$/);
});

test('nothing is wider than the screen', () => {
  for (const line of draw(true)) expect(cellsOf(line)).toBeLessThanOrEqual(62);
});

describe('of a daemon', () => {
  const daemon = liveDaemon({
    first: 'start on boot\ntask\nexec sleep 0.1\n',
    after: 'start on stopped first\nexec sleep 300\n',
  });
  const initctl = (...words: readonly string[]) => run(words, { env: daemon.env });

  test('a page, an image, the longest first, and what the last one waited for', async () => {
    await initctl('emit', 'boot');
    await initctl('wait', '--for=started', 'after');
    const folder = mkdtempSync(join(tmpdir(), 'initctl-timeline-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    expect(await initctl('timeline', '--html', '-o', join(folder, 'page.html'))).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
    expect(readFileSync(join(folder, 'page.html'), 'utf8')).toMatch(
      /^<!doctype html>[\s\S]*data-job="after"[\s\S]*<\/html>\n$/,
    );
    expect((await initctl('timeline', '--svg')).stdout).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    // Without an option the end of the name says what it is to be.
    for (const [name, begin] of [
      ['bars.svg', /^<svg /],
      ['bars.html', /^<!doctype html>/],
      ['bars.json', /^\{"time"/],
      ['bars.txt', /^2\d{3}-/],
    ] as const) {
      await initctl('timeline', '-o', join(folder, name));
      expect(readFileSync(join(folder, name), 'utf8')).toMatch(begin);
    }
    expect((await initctl('timeline', '--svg', '-o', '/nonexistent/x')).stderr).toMatch(
      /^initctl:\/nonexistent\/x: ENOENT/,
    );
    expect((await initctl('blame')).stdout).toMatch(
      /^ +TOOK +WAITED {2}JOB\n0\.\d{3} s {2}0\.000 s {2}first\n.* after\n$/,
    );
    const { stdout } = await initctl('critical-chain');
    expect(stdout.split('\n').map((line) => line.replace(/^[ \d.s]+/, '').replace(/\d+/g, 'N'))).toEqual([
      expect.stringMatching(/^after was up N\.N s after the init daemon began$/),
      'AT     TOOK  WHAT WAS WAITED FOR -> WHAT THAT LED TO',
      'event boot -> starting JOB=first',
      'first: main process N ended -> stopping JOB=first RESULT=ok -> stopped JOB=first RESULT=ok -> starting JOB=after',
      'after: main process N started',
      '',
    ]);
    expect((await initctl('critical-chain', 'nosuch')).stderr).toBe('initctl: The journal tells of no run of nosuch\n');
  });
});
