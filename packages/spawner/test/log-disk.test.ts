import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runFixture } from './helpers/node.js';

const { ENOSPC, EROFS } = constants.errno;
const NAMESPACE = ['unshare', '-m'] as const;

const canMount = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'x', '/mnt']).status === 0;
if (!canMount) console.log('skipped: only root with CAP_SYS_ADMIN can mount disks that are full or read-only');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maverick-log-disk-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** The rest of a file's 64 KiB is what the disk takes at first; 1 MiB is kept. */
const lost = 3_000_000 - 65_536 - (1 << 20);

test.skipIf(!canMount).each([
  {
    what: 'a full disk takes the rest when there is room again',
    scenario: 'full',
    said: ['fits true', `log-unwritable ${ENOSPC}`, 'whole true'],
  },
  {
    what: 'what is more than can be kept is counted',
    scenario: 'very-full',
    said: [`log-dropped ${lost}`, `log-unwritable ${ENOSPC}`, `size ${65_536 + (1 << 20)}`],
  },
  {
    what: 'JSON is kept by whole objects',
    scenario: 'full-json',
    said: ['first true', expect.stringMatching(/^log-dropped \d+$/), `log-unwritable ${ENOSPC}`],
  },
  {
    what: 'a read-only disk gets what was kept when the logs are flushed',
    scenario: 'read-only',
    said: [`log-unwritable ${EROFS}`, 'one two'],
  },
  { what: 'a disk can be unmounted while the logs pause', scenario: 'unmount', said: ['busy false', 'busy true'] },
  {
    what: 'without terminals there are pipes, with one warning',
    scenario: 'terminals',
    said: [`no-pty ${ENOSPC}`, 'pipe 2 ', 'pipe 3 ', 'pipe 4 ', 'terminal ', 'terminal 0 ', 'terminal 1 '],
  },
])('$what', ({ scenario, said }) => {
  const { stdout, stderr } = runFixture('log-disk.mjs', [scenario, folder], NAMESPACE);
  expect(stderr).toBe('');
  expect(
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .sort(),
  ).toEqual(said);
});
