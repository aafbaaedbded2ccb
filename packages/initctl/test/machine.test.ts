import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type LastCall, thisMachine } from '../src/machine.js';
import { writeNow } from '../src/write-now.js';

const CALLS: readonly { readonly call: LastCall; readonly told: string }[] = [
  { call: { kind: 'reboot', how: 'halt' }, told: 'reboot(halt)' },
  { call: { kind: 'reboot', how: 'restart', command: 'x' }, told: 'reboot(restart, x)' },
  { call: { kind: 'become', path: '/sbin/shutdown', argv: ['shutdown', '-r'] }, told: 'execute /sbin/shutdown -r' },
  { call: { kind: 'request', path: '/run/initctl', bytes: new Uint8Array(3) }, told: 'write 3 bytes to /run/initctl' },
];

const unexpected = (text: string): never => {
  throw new Error(text);
};

test.each(CALLS)('a program that is not the system’s own does not $told', async ({ call }) => {
  // Belt and braces: no program of any machine has this name.
  const machine = thisMachine('maverick-test-program', import.meta.filename, unexpected);
  await expect(machine.perform(call)).rejects.toMatchObject({ code: 'not-the-systems' });
  expect(() => machine.checkMayEnd()).toThrow(expect.objectContaining({ code: 'not-the-systems' }));
});

test.each(CALLS)('pretending: $told', async ({ call, told }) => {
  vi.stubEnv('MAVERICK_PRETEND', '1');
  onTestFinished(() => void vi.unstubAllEnvs());
  const said: string[] = [];
  const machine = thisMachine('maverick-test-program', import.meta.filename, (text) => void said.push(text));
  machine.checkMayEnd();
  await machine.perform(call);
  expect(said).toEqual([`maverick-test-program: pretending to ${told}`]);
});

test('what nobody reads is not waited for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'initctl-pipe-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  await expect(writeNow(pipe, new Uint8Array(3), 1000)).rejects.toMatchObject({ code: 'ENXIO' });
  await expect(writeNow(join(folder, 'none'), new Uint8Array(3), 1000)).rejects.toMatchObject({ code: 'ENOENT' });
});
