import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder for one test. */
export const tempDir = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'maverick-init-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};
