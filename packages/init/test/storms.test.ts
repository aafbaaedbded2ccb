import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@maverick/dbus';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { tempDir } from './helpers/temp-dir.js';
import { TestDaemon } from './helpers/test-daemon.js';
import { canBeMachine, TestMachine } from './helpers/test-machine.js';

vi.setConfig({ testTimeout: 120_000 });

const SERVICE = 'start on startup\nrespawn\nexec sleep 1000\n';
const RUNNING = /web +(?:.*) → running, process (\d+)\n/;

test('a hundred requests at once to restart and to reload are all answered, and change nothing', async () => {
  const daemon = new TestDaemon({ files: { 'web.conf': SERVICE } });
  const [, pid] = await daemon.out.match(RUNNING);
  const clients = await Promise.all(Array.from({ length: 10 }, () => connect(daemon.address)));
  onTestFinished(() => {
    for (const client of clients) client.close();
  });
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(
      clients.flatMap((client) =>
        Array.from({ length: 10 }, async (_, number) => {
          await (number % 2 === 0 ? client.restart() : client.reloadConfiguration());
          expect((await client.list()).map(({ name }) => name)).toEqual(['web']);
        }),
      ),
    );
  }
  const [web] = (await clients[0]?.list()) ?? [];
  expect(web?.instances[0]?.status.processes).toEqual([{ role: 'main', pid: Number(pid) }]);
  expect(daemon.jobProcesses()).toEqual([Number(pid)]);
  expect(daemon.err.text).not.toMatch(/Internal error|Unable to/);
});

test('a thousand SIGHUP and SIGUSR1 while files change leave the jobs that there are in the end', async () => {
  const daemon = new TestDaemon({ files: { 'web.conf': SERVICE } });
  const [, pid] = await daemon.out.match(RUNNING);
  for (let round = 0; round < 1000; round += 1) {
    daemon.signal(round % 2 === 0 ? 'SIGHUP' : 'SIGUSR1');
    if (round % 50 === 0) daemon.write(`job${round}.conf`, 'exec sleep 1000\n');
    if (round % 50 === 25) daemon.remove(`job${round - 25}.conf`);
    await new Promise(setImmediate);
  }
  daemon.write('last.conf', 'exec sleep 1000\n');
  const upstart = await connect(daemon.address);
  onTestFinished(() => upstart.close());
  await expect
    .poll(async () => (await upstart.list()).map(({ name }) => name).sort(), { timeout: 60_000 })
    .toEqual(['last', 'web']);
  expect(daemon.jobProcesses()).toEqual([Number(pid)]);
  expect(daemon.err.text).not.toMatch(/Internal error|Unable to/);
});

describe.skipIf(!canBeMachine)('process 1 of a machine', () => {
  test('lives through SIGTERM after SIGTERM, SIGHUP and telinit u at once', async () => {
    const machine = new TestMachine({ args: ['--no-dbus'], files: { 'web.conf': SERVICE } });
    await machine.err.match(/web started/);
    const status = await machine.initctl('status', 'web');
    const asked = [machine.initctl('restart-init'), machine.initctl('restart-init')];
    for (let round = 0; round < 200; round += 1) {
      machine.signal(round % 2 === 0 ? 'SIGTERM' : 'SIGHUP');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await Promise.all(asked);
    expect(await machine.initctl('status', 'web')).toBe(status);
    expect(machine.err.text).not.toMatch(/Internal error|Unable to/);
  });
});

describe('the program on disk', () => {
  const programAt = (path: string, version: string): void => {
    writeFileSync(
      `${path}.new`,
      `console.error('program ${version}');\nawait import('${join(import.meta.dirname, '../dist/main.js')}');\n`,
    );
    renameSync(`${path}.new`, path);
  };

  test('was replaced, as an upgrade does it: the next re-exec runs the new one', async () => {
    const path = join(tempDir(), 'upstart.mjs');
    programAt(path, 'one');
    const daemon = new TestDaemon({ files: { 'web.conf': SERVICE }, program: path });
    const [, pid] = await daemon.out.match(RUNNING);
    const upstart = await connect(daemon.address);
    onTestFinished(() => upstart.close());
    programAt(path, 'two');
    await upstart.restart();
    expect(daemon.err.text).toContain('program two\n');
    rmSync(path);
    await expect(upstart.restart()).rejects.toThrow(/Unable to re-execute: ENOENT/);
    programAt(path, 'three');
    await upstart.restart();
    expect(daemon.err.text).toContain('program three\n');
    expect(daemon.jobProcesses()).toEqual([Number(pid)]);
  });
});
