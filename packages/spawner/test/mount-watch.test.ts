import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { watchMounts } from '../src/mount-watch.js';

const place = () => {
  const dir = mkdtempSync(join(tmpdir(), 'maverick-mount-'));
  onTestFinished(() => {
    spawnSync('umount', ['-l', dir]);
    rmdirSync(dir);
  });
  return dir;
};

const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write('Tests of mounts are left out: they need root\n');

test.skipIf(!isRoot)('tells of what is mounted and unmounted, and of nothing once it is closed', async () => {
  const dir = place();
  let count = 0;
  const watch = watchMounts(() => {
    count += 1;
  });
  expect(spawnSync('mount', ['-t', 'tmpfs', 'none', dir]).status).toBe(0);
  await expect.poll(() => count, { timeout: 60_000 }).toBeGreaterThan(0);
  const mounted = count;
  expect(spawnSync('umount', [dir]).status).toBe(0);
  await expect.poll(() => count, { timeout: 60_000 }).toBeGreaterThan(mounted);
  watch.close();
  watch.close();
  const closed = count;
  spawnSync('mount', ['-t', 'tmpfs', 'none', dir]);
  const other = await new Promise<string>((resolve) => {
    const next = watchMounts(() => resolve('told'));
    onTestFinished(() => next.close());
    spawnSync('umount', [dir]);
  });
  expect([other, count]).toEqual(['told', closed]);
});
