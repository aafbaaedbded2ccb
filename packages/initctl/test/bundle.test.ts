import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const INITCTL = fileURLToPath(new URL('../bin/initctl.js', import.meta.url));
const NOBODY_LISTENS = 'unix:abstract=/maverick/nobody-listens-here';
/** Root's code lies in a place of the system's; a test has one of its own, as anybody else. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const owner = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

const makeHome = (): string => {
  const home = mkdtempSync(join(tmpdir(), 'maverick-home-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  if (isRoot) chownSync(home, NOBODY, NOBODY);
  return home;
};

const call = (env: NodeJS.ProcessEnv, ...args: readonly string[]) => {
  const { PATH } = process.env;
  const all = { PATH, UPSTART_SESSION: NOBODY_LISTENS, ...env };
  const { status, stderr } = spawnSync(process.execPath, [INITCTL, ...args], {
    env: all,
    encoding: 'utf8',
    timeout: 60_000,
    ...owner,
  });
  return { status, stderr };
};

const REFUSED = {
  status: 1,
  stderr: expect.stringContaining('Unable to connect to Upstart: Failed to connect to socket'),
};

/** The one file of kept code. */
const keptIn = (home: string) => {
  const folder = join(home, '.cache/maverick');
  const [name = '', ...others] = readdirSync(folder);
  expect(others).toEqual([]);
  const path = join(folder, name);
  const { ino, mode } = statSync(path);
  return { path, ino, mode: mode & 0o777 };
};

test('what a run compiled is kept for the next one, which leaves it as it is', () => {
  const home = makeHome();
  expect(call({ HOME: home }, 'version')).toEqual(REFUSED);
  const kept = keptIn(home);
  expect(kept.mode).toBe(0o600);
  expect(call({ HOME: home }, 'version')).toEqual(REFUSED);
  expect(keptIn(home)).toEqual(kept);
});

test('what is called often has kept code of its own; all else shares one', () => {
  const home = makeHome();
  for (const command of ['version', 'list', 'reload-configuration', 'usage', 'check-config']) {
    call({ HOME: home }, command);
  }
  const names = readdirSync(join(home, '.cache/maverick')).map((name) => name.replace(/-.*/, ''));
  expect(names.sort()).toEqual(
    ['initctl.bundle', 'initctl.bundle.list', 'initctl.bundle.version', 'initctl.more'].sort(),
  );
});

test('a run that needs no daemon has compiled too little to keep', () => {
  const home = makeHome();
  expect(call({ HOME: home }, 'help').status).toBe(0);
  expect(readdirSync(home)).toEqual([]);
});

test.each([
  ['rubbish', (path: string) => writeFileSync(path, 'rubbish')],
  ['nothing', (path: string) => writeFileSync(path, '')],
  [
    'what another build has compiled',
    (path: string) => writeFileSync(path, `${readFileSync(path, 'latin1')}0`, 'latin1'),
  ],
  ['its second half', (path: string) => writeFileSync(path, readFileSync(path).subarray(5000))],
  ['its first half', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 5000))],
  ['a file that others may write', (path: string) => chmodSync(path, 0o622)],
  ["somebody else's file", (path: string) => isRoot && chownSync(path, 0, 0)],
])('%s is not executed, but replaced', (what, spoil) => {
  const home = makeHome();
  call({ HOME: home }, 'version');
  const { path, ino } = keptIn(home);
  spoil(path);
  expect(call({ HOME: home }, 'version')).toEqual(REFUSED);
  if (isRoot || !what.startsWith('somebody')) expect(keptIn(home).ino).not.toBe(ino);
});

test('what has not been written for a week goes with the next that is', () => {
  const home = makeHome();
  call({ HOME: home }, 'version');
  const kept = keptIn(home).path;
  const old = join(dirname(kept), 'initctl-v1.0.0-old');
  writeFileSync(old, '');
  const longAgo = new Date(Date.now() - 8 * 24 * 3600 * 1000);
  utimesSync(old, longAgo, longAgo);
  rmSync(kept);
  call({ HOME: home }, 'version');
  expect(keptIn(home).path).toBe(kept);
});

test('where nothing can be kept, all else is the same', () => {
  expect(call({}, 'version')).toEqual(REFUSED);
  expect(call({ HOME: '/proc/nowhere' }, 'version')).toEqual(REFUSED);
  const home = makeHome();
  mkdirSync(join(home, '.cache'), { mode: 0o500 });
  expect(call({ HOME: home }, 'version')).toEqual(REFUSED);
});
