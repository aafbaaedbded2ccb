import { spawn } from 'node:child_process';
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { liveDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';

const INITCTL = fileURLToPath(new URL('../bin/initctl.js', import.meta.url));

const JOBS = {
  hand: 'exec sleep 300\n',
  says: 'exec sh -c "echo one; echo two; sleep 300"\n',
  quiet: 'console none\nexec sleep 300\n',
} as const;

const daemon = liveDaemon(JOBS);

const initctl = (...words: readonly string[]) => run(words, { env: daemon.env });

test('shows the output, and the last lines of it', async () => {
  await initctl('start', 'says');
  await vi.waitFor(async () => expect((await initctl('log', 'says')).stdout).toBe('one\ntwo\n'), { timeout: 60_000 });
  expect((await initctl('log', '-n', '1', 'says')).stdout).toBe('two\n');
  expect((await initctl('log', '-n', '0', 'says')).stdout).toBe('');
});

test('of a job whose output goes nowhere is an error', async () => {
  expect(await initctl('log', 'quiet')).toEqual({
    status: 1,
    stdout: '',
    stderr: 'initctl: The output of quiet goes to no log file\n',
  });
});

test('--follow goes on, across rotation', async () => {
  const path = join(daemon.folder, 'logs', 'hand.log');
  writeFileSync(path, 'first\n');
  const child = spawn(process.execPath, [INITCTL, 'log', '-f', 'hand'], { env: daemon.env });
  onTestFinished(() => void child.kill());
  let got = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    got += text;
  });
  await vi.waitFor(() => expect(got).toBe('first\n'), { timeout: 60_000 });
  appendFileSync(path, 'second\n');
  await vi.waitFor(() => expect(got).toBe('first\nsecond\n'), { timeout: 60_000 });
  renameSync(path, `${path}.1`);
  appendFileSync(`${path}.1`, 'third\n');
  writeFileSync(path, 'fourth\n');
  await vi.waitFor(() => expect(got).toBe('first\nsecond\nthird\nfourth\n'), { timeout: 60_000 });
});
