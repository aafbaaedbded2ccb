import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { liveDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';

const INITCTL = fileURLToPath(new URL('../bin/initctl.js', import.meta.url));

/** All that reads the journal. */
const READERS: readonly string[] = [
  'journal',
  'journal --boot=0',
  'history',
  'timeline',
  'blame',
  'critical-chain',
  'graph --boot',
  'explain web --at=0s',
];

describe('a daemon that keeps no journal', () => {
  const daemon = liveDaemon({ web: 'exec sleep 300\n' }, ['--no-journal']);

  test.each(READERS)('%s: says so', async (words) => {
    const { status, stdout, stderr } = await run(words.split(' '), { env: daemon.env });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^initctl: The init daemon keeps no journal: .*--journal=DIR.*\n$/);
  });

  test('tells what comes all the same', async () => {
    const child = spawn(process.execPath, [INITCTL, 'journal', '-f', '--what=event-finished'], { env: daemon.env });
    onTestFinished(() => void child.kill());
    let got = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      got += text;
    });
    await vi.waitFor(
      async () => {
        await run(['emit', 'later'], { env: daemon.env });
        expect(got).toContain('later finished');
      },
      { timeout: 60_000, interval: 100 },
    );
  });
});

test.each(READERS)('%s: --journal-dir without a journal', async (words) => {
  const dir = mkdtempSync(join(tmpdir(), 'initctl-place-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  for (const place of [dir, join(dir, 'nowhere')]) {
    expect(await run([...words.split(' '), `--journal-dir=${place}`])).toEqual({
      status: 1,
      stdout: '',
      stderr: `initctl:${place}: No journal that can be read\n`,
    });
  }
});
