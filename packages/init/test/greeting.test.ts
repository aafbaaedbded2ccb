import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { greeting } from '../src/greeting.js';

test('what is to be pasted in another terminal runs as it is, whatever the paths and the address have in them', () => {
  const folder = mkdtempSync(join(tmpdir(), "maverick it's a $HOME "));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const initctl = join(folder, 'initctl');
  writeFileSync(initctl, '#!/bin/sh\necho "$UPSTART_SESSION|$*"\n');
  chmodSync(initctl, 0o755);
  const address = 'unix:abstract=/a;b c,guid=1';
  const command = greeting(7, [], address, initctl)
    .split('\n')
    .find((line) => line.startsWith('  '));
  expect(spawnSync('sh', ['-c', command ?? ''], { encoding: 'utf8' }).stdout).toBe(`${address}|list\n`);
});

test('ordinary paths stay as they are', () => {
  expect(greeting(7, [], 'unix:abstract=/a/1000/7', '/usr/bin/initctl')).toContain(
    '\n  UPSTART_SESSION=unix:abstract=/a/1000/7 /usr/bin/initctl list\n',
  );
});
