import { spawnSync } from 'node:child_process';
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
