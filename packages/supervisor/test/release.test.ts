import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const canMount = process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0;
if (!canMount) console.log('skipped: only root with CAP_SYS_ADMIN can mount a file system');

test.skipIf(!canMount)(
  'told to hold nothing, it holds nothing: its file system can be mounted read-only, and the job goes on and loses nothing',
  () => {
    const dir = mkdtempSync(join(tmpdir(), 'maverick-release-'));
    const fixture = join(import.meta.dirname, 'fixtures/release.mjs');
    const { stdout, stderr } = spawnSync('unshare', ['-m', process.execPath, fixture, dir], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    rmSync(dir, { recursive: true });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      held: true,
      refused: true,
      released: [],
      status: 0,
      stderr: '',
      moved: true,
    });
  },
  70_000,
);
