import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runFixture } from './helpers/node.js';

const canMount = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
if (!canMount) console.log('skipped: only root with CAP_SYS_ADMIN can put another /proc in the place of this one');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maverick-proc-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Files of a /proc of our own, by name; everything else in it is missing. */
const makeProc = (...names: readonly string[]): void => {
  for (const name of names) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), '');
  }
};

/** Runs Node where /proc, and /sys/module if asked, is our folder, once it has started. */
const runThere = (spec: object, { appArmor }: { readonly appArmor?: string } = {}): string => {
  if (appArmor !== undefined) {
    mkdirSync(join(folder, 'module/apparmor/parameters'), { recursive: true });
    writeFileSync(join(folder, 'module/apparmor/parameters/enabled'), `${appArmor}\n`);
  }
  const mounts = [
    ...(appArmor === undefined ? [] : [`mount --bind ${folder}/module /sys/module`]),
    `mount --bind ${folder} /proc`,
  ];
  const command = `${mounts.join(' && ')} && exec "$0" "$@"`;
  return runFixture(
    'spawn.mjs',
    [JSON.stringify({ argv: ['/bin/true'], ...spec })],
    ['unshare', '-m', '--', 'sh', '-c', command],
  ).stdout;
};

const EXITED = '{"kind":"exited","code":0}\n';

describe.skipIf(!canMount)('the oom score', () => {
  test.each([
    { score: -1000, file: 'oom_score_adj', written: '-1000' },
    { score: 999, file: 'oom_score_adj', written: '999' },
    // Before Linux 2.6.36 it went from -17 to 15.
    { score: -1000, file: 'oom_adj', written: '-17' },
    { score: 1000, file: 'oom_adj', written: '15' },
    { score: -500, file: 'oom_adj', written: '-8' },
    { score: 70, file: 'oom_adj', written: '1' },
  ])('$score is written to $file as $written', ({ score, file, written }) => {
    makeProc(`self/${file}`);
    expect(runThere({ oomScore: score })).toBe(EXITED);
    expect(readFileSync(join(folder, 'self', file), 'utf8')).toBe(written);
  });

  test('that can be written nowhere is a failed step', () => {
    expect(JSON.parse(runThere({ oomScore: 5 }))).toMatchObject({
      step: 'oom',
      message: 'unable to set oom adjustment: No such file or directory',
    });
  });
});

describe.skipIf(!canMount)('the AppArmor profile', () => {
  test.each([
    { file: 'apparmor/exec', others: ['self/attr/exec'] },
    { file: 'exec', others: [] },
  ])('is asked for in attr/$file', ({ file, others }) => {
    makeProc(`self/attr/${file}`, ...others);
    expect(runThere({ apparmor: '/usr/bin/web' }, { appArmor: 'Y' })).toBe(EXITED);
    expect(readFileSync(join(folder, 'self/attr', file), 'utf8')).toBe('exec /usr/bin/web');
    for (const other of others) expect(readFileSync(join(folder, other), 'utf8')).toBe('');
  });

  test.each([{ appArmor: 'N' }, {}])('is left out where AppArmor is off or missing: %o', (there) => {
    expect(runThere({ apparmor: 'web' }, there)).toBe(EXITED);
  });

  test('that can not be had is a failed step', () => {
    expect(JSON.parse(runThere({ apparmor: 'web' }, { appArmor: 'Y' }))).toEqual({
      step: 'apparmor',
      argument: 'web',
      errno: 2,
      message: 'unable to switch security profile: No such file or directory',
    });
  });
});
