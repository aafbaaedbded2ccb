import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UpstartClient } from '@maverick/dbus/client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { schemaErrors } from './helpers/answer-schema.js';
import { run } from './helpers/run.js';

const line = (ms: number, what: string, details: object) => ({
  at: 5000 + ms,
  time: `2026-01-01T00:00:00.${String(ms).padStart(3, '0')}Z`,
  what,
  ...details,
});

const job = (name: string) => ({ session: '', job: name, instance: '' });
const status = { kind: 'signalled', signal: 11 };
const cause = { input: 90, instance: job('db') };

/** The end of a life of a daemon, of which the beginning is not there. */
const LINES = [
  line(100, 'input', { number: 89, input: { kind: 'emit', session: '', name: 'other', env: [] } }),
  line(350, 'process-ended', { ...job('db'), role: 'main', pid: 77, status }),
  line(350, 'input', { number: 90, input: { kind: 'process-exited', process: 4, status } }),
  line(350, 'goal-changed', { ...job('db'), from: 'start', to: 'stop', cause }),
  line(350, 'job-failed', { ...job('db'), process: 'main', status: 11 << 8, cause }),
  line(350, 'state-changed', { ...job('db'), from: 'running', to: 'stopping', cause }),
  line(400, 'state-changed', { ...job('db'), from: 'post-stop', to: 'waiting', cause }),
].map((one) => JSON.stringify(one));

const files = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'initctl-cut-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, 'journal.jsonl'), `${LINES.join('\n')}\n`);
  return dir;
};

/** Its journal is nothing that we may read. */
const client = { init1: { journalPlace: async () => '', journal: async () => LINES }, close: () => {} } as never;

const ROW =
  /^before 2026-01-01T00:00:00\.100Z {2}at least 0\.300 s {2}db {3}not known: before the journal's beginning {2}killed by signal SEGV$/m;
const FROM = '2026-01-01T00:00:00.100Z';

describe.each([
  {
    read: 'files whose older ones are gone',
    ask: (...words: string[]) => run([...words, `--journal-dir=${files()}`]),
    lack: `initctl: the journal tells from ${FROM} on: what ran before is known only where it has changed since\n`,
  },
  {
    read: 'the newest lines that the daemon has',
    ask: (...words: string[]) => run(words, { client: client as UpstartClient }),
    lack: `initctl: only the newest 7 lines of the journal, from ${FROM} on, could be read: its files are for others to read\n`,
  },
])('of $read', ({ ask, lack }) => {
  test('history tells the least that it can have been', async () => {
    const { stdout, stderr } = await ask('history');
    expect(stdout).toMatch(ROW);
    expect(stdout).toContain('then there ran: nothing else; the init daemon had been up for at least 0.250 s');
    expect(stderr).toBe(lack);
    const { runs } = JSON.parse((await ask('history', '--json')).stdout);
    expect(runs).toMatchObject([
      {
        job: 'db',
        began: null,
        beganBefore: FROM,
        ranMs: 300,
        startedBy: null,
        crash: { upMs: 250, upIsAtLeast: true },
      },
    ]);
  });

  test.each(['history', 'timeline', 'blame', 'graph --boot', 'journal'])(
    '%s --json is as the schema says',
    async (words) => {
      const { stdout } = await ask(...words.split(' '), '--json');
      const [command = ''] = words.split(' ');
      for (const answer of stdout.trimEnd().split('\n')) expect(schemaErrors(command, answer), answer).toBeNull();
    },
  );

  test('timeline draws what is open at the left', async () => {
    const { stdout, stderr } = await ask('timeline', '--until=2026-01-01T00:00:00.9');
    expect(stdout).toMatch(/^db {2}<=+-+x/m);
    expect(stdout).toMatch(/< since before$/m);
    expect(stderr).toBe(lack);
    expect((await ask('timeline', '--svg')).stdout).toContain('class="open"');
  });

  test('what a chain or a boot needs is not there', async () => {
    expect(await ask('critical-chain', 'db')).toEqual({
      status: 1,
      stdout: '',
      stderr: `${lack}initctl: db has run since before ${FROM}, where what the journal tells begins: what its start waited for is not known\n`,
    });
    expect((await ask('critical-chain')).stderr).toContain('does not tell how this boot began');
    expect((await ask('blame')).stdout).toBe('  TOOK  WAITED  JOB\n');
    expect((await ask('graph', '--boot')).stdout).toContain('since before the journal, ran at least 0.300 s');
  });
});
