import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UpstartClient } from '@maverick/dbus/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { schemaErrors } from './helpers/answer-schema.js';
import { run } from './helpers/run.js';

const line = (ms: number, what: string, details: object) => ({
  at: 5000 + ms,
  time: `2026-01-01T00:00:00.${String(ms).padStart(3, '0')}Z`,
  what,
  ...details,
});

const WEB = { session: '', job: 'web', instance: '' };
const began = (pid: number) => ({ pid, continued: false, inputs: 0, options: {} });
const cause = { input: 1 };

/** A daemon that was killed while web ran, and the one after it. */
const LINES = [
  line(0, 'began', began(1)),
  line(10, 'input', { number: 1, input: { kind: 'start', session: '', job: 'web', request: 1, wait: true } }),
  line(10, 'state-changed', { ...WEB, from: 'waiting', to: 'starting', cause }),
  line(10, 'spawn', { ...WEB, process: 1, role: 'main', cause }),
  line(20, 'process-started', { ...WEB, role: 'main', pid: 77 }),
  line(20, 'state-changed', { ...WEB, from: 'spawned', to: 'running', cause }),
  line(320, 'input', { number: 2, input: { kind: 'emit', session: '', name: 'other', env: [] } }),
  line(900, 'began', began(2)),
];

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'initctl-ended-'));
  writeFileSync(join(dir, 'journal.jsonl'), LINES.map((one) => `${JSON.stringify(one)}\n`).join(''));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** The later daemon is there, and its files can be read. */
const client = { init1: { journalPlace: async () => dir }, close: () => {} } as unknown as UpstartClient;

test.each([
  { words: ['history'], what: 'the daemon that is there now' },
  { words: ['history', '--boot=-1'], what: 'the daemon that is there now' },
  { words: ['history', '--boot=-1', '--journal-dir'], what: 'no daemon' },
])(
  '$words, told by $what: a run that the daemon did not outlive took at least until its last line',
  async ({ words }) => {
    const line = words.map((word) => (word === '--journal-dir' ? `--journal-dir=${dir}` : word));
    const { stdout } = await run(line, { client });
    expect(stdout.split('\n')[1]).toMatch(
      /Z {2}at least 0\.300 s {2}web {2}command start {2}the daemon ended before it$/,
    );
    const answer = (await run([...line, '--json'], { client })).stdout;
    expect(JSON.parse(answer).runs).toMatchObject([{ ranMs: 300, ranAtLeast: true, end: { kind: 'untold' } }]);
    expect(schemaErrors('history', answer)).toBeNull();
  },
);

test('the graph of that boot says so, too', async () => {
  const { stdout } = await run(['graph', '--boots-ago=-1'], { client });
  expect(stdout).toContain('ran at least 0.300 s');
});
