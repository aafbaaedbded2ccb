import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeNode, mount } from '../src/mount.js';
import { setCtrlAltDel, syncFilesystems } from '../src/power.js';
import { runFixture } from './helpers/node.js';
import { isRoot } from './helpers/run.js';

const canUnshare = spawnSync('unshare', ['-m', '-n', 'true']).status === 0;
if (!canUnshare) console.warn('skipped: only root with CAP_SYS_ADMIN can have namespaces of its own');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maverick-machine-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe.skipIf(!canUnshare)('in namespaces of its own', () => {
  test('file systems are mounted, remounted, bound and unmounted, and nodes have their exact mode', () => {
    for (const name of ['target', 'source']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'source/bound'), 'from elsewhere');
    const { stdout, stderr } = runFixture(
      'mount.mjs',
      [join(folder, 'target'), join(folder, 'source')],
      ['unshare', '-m'],
    );
    expect(stderr).toBe('');
    expect(stdout.split('\n')).toEqual([
      'rw,nosuid,nodev,relatime tmpfs 700',
      'busy: EBUSY',
      'in use: EBUSY',
      'ro,nosuid,relatime tmpfs EROFS',
      'again: EINVAL 0',
      'from elsewhere',
      'type: ENODEV',
      '20666 259 10622',
      'there: EEXIST',
      '',
    ]);
  });

  test('Ctrl-Alt-Del is no affair of a PID namespace', () => {
    const code = `import { setCtrlAltDel } from '@maverick/spawner';
      try { setCtrlAltDel(false); } catch (error) { console.log(error.message); }`;
    const unshare = ['--pid', '--fork', process.execPath, '--input-type=module', '-e', code];
    const cwd = new URL('..', import.meta.url);
    expect(spawnSync('unshare', unshare, { cwd, encoding: 'utf8' }).stdout).toBe(
      'reboot Ctrl-Alt-Del: Invalid argument\n',
    );
  });
});

describe.skipIf(isRoot)('not as root', () => {
  test.each([
    { what: 'mount', call: () => mount({ target: '/tmp', type: 'tmpfs' }) },
    { what: 'mknod', call: () => makeNode({ path: join(folder, 'n'), kind: 'char', mode: 0o600, device: [1, 3] }) },
    { what: 'reboot', call: () => setCtrlAltDel(false) },
  ])('$what fails with EPERM', ({ what, call }) => {
    expect(call).toThrow(
      expect.objectContaining({ name: 'SystemError', code: 'EPERM', syscall: expect.stringContaining(what) }),
    );
  });
});

test('what is written can be waited for', () => {
  syncFilesystems();
});
