import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HandedOver, Supervisor } from '@maverick/supervisor';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Program } from '../src/program.js';
import { tempDir } from './helpers/temp-dir.js';

vi.setConfig({ testTimeout: 120_000 });

test('a program that ends while its supervisor hands over: its status counts, and it is not started again', async () => {
  const dir = tempDir();
  mkdirSync(join(dir, 'conf'));
  const runs = join(dir, 'runs');
  const options = { confDirs: [join(dir, 'conf')] };
  const argv = ['/bin/sh', '-c', `echo run >> ${runs}; kill -STOP $$; exit 9`];
  const warn = (message: string): void => expect.unreachable(message);

  const first = new Supervisor(options);
  const before = new Program({ kind: 'command', argv });
  const started = new Promise<number>((resolve) => {
    first.subscribe((event) => event.kind === 'process-started' && resolve(event.pid));
  });
  before.define(first);
  first.start();
  before.start(first, warn);
  const pid = await started;
  await vi.waitFor(() => expect(readFileSync(runs, 'utf8')).toBe('run\n'), { timeout: 60_000 });
  const isIn = (state: string): boolean =>
    new RegExp(`^State:\\s+${state}`, 'm').test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  // What is not stopped yet would not hear that it may go on.
  await vi.waitFor(() => expect(isIn('T')).toBe(true), { timeout: 60_000 });
  process.kill(pid, 'SIGCONT');
  // It has ended, and nobody has looked: nothing is done here until its successor is there.
  while (!isIn('Z')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);

  // As if the kernel had told it in the midst of handing over.
  const handedOver: HandedOver = { ...first.handOver(), news: [{ kind: 'exited', pid, code: 9 }] };
  const second = new Supervisor({ ...options, handedOver });
  onTestFinished(async () => {
    await second.shutdown();
    await second.close();
  });
  const after = new Program({ kind: 'command', argv }, before.status);
  after.define(second);
  second.start({ startupEvent: undefined });
  after.start(second, warn);
  await after.ended;
  expect(after.status).toBe(9);
  expect(readFileSync(runs, 'utf8')).toBe('run\n');
});
