import { type StdioOptions, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runFixture } from './helpers/node.js';

const BUILD = fileURLToPath(new URL('../scripts/build-native.mjs', import.meta.url));
const build = (args: readonly string[], env: Record<string, string>) =>
  spawnSync(process.execPath, [BUILD, ...args], { encoding: 'utf8', env });

describe('building the addon', () => {
  test('without a compiler says so in one sentence', () => {
    expect(build(['--force'], { CC: '/nonexistent/cc', PATH: '/nonexistent' })).toMatchObject({
      status: 1,
      stdout: '',
      stderr: 'Maverick needs a C compiler: install gcc or clang, or set CC to the one to use.\n',
    });
  });

  test('is not done again when nothing has changed', () => {
    expect(build([], { PATH: '/nonexistent' })).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });
});

test('worker threads and the process end cleanly with everything open', () => {
  expect(runFixture('worker.mjs', [])).toMatchObject({ stdout: 'done\n', stderr: '', status: 0 });
});

test('a descriptor that this process was given by mistake is not passed on', () => {
  const folder = mkdtempSync(join(tmpdir(), 'maverick-fd-'));
  const path = join(folder, 'fds');
  const fd = openSync('/dev/zero', 'r');
  // High enough to be out of reach of Node, which closes the low ones.
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe', ...Array<'ignore'>(37).fill('ignore'), fd];
  expect(runFixture('logged.mjs', [path, 'exec /bin/ls -1 /proc/self/fd'], [], stdio).stdout).toBe('exited\n');
  expect(readFileSync(path, 'utf8')).toBe('0\n1\n2\n3\n');
  closeSync(fd);
  rmSync(folder, { recursive: true });
});
