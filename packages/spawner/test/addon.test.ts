import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runFixture } from './helpers/node.js';
import { isRoot } from './helpers/run.js';

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

// A file system of one's own in which there is no /dev/ptmx to speak of.
const WITHOUT_PTYS = ['unshare', '-m', '--', 'sh', '-c', 'mount --bind /dev/null /dev/ptmx && exec "$0" "$@"'];
const canHidePtys = isRoot && spawnSync('unshare', [...WITHOUT_PTYS.slice(1), 'true']).status === 0;
if (!canHidePtys) console.log('skipped: only root with CAP_SYS_ADMIN can hide /dev/ptmx');

test.skipIf(!canHidePtys)('without pseudo terminals output is logged through a pipe, with a warning', () => {
  const folder = mkdtempSync(join(tmpdir(), 'maverick-pipe-'));
  const path = join(folder, 'a.log');
  const { stdout } = runFixture('logged.mjs', [path, 'echo out; echo err >&2; test ! -t 1 && echo pipe'], WITHOUT_PTYS);
  expect(stdout).toMatch(/^no-pty unable to open pty, output for \S+ is logged through a pipe: .+\nexited\n$/);
  expect(readFileSync(path, 'utf8')).toBe('out\nerr\npipe\n');
  rmSync(folder, { recursive: true });
});
