import { spawnSync } from 'node:child_process';
import { mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { native } from '../src/native.js';
import { closeFd } from '../src/sockets.js';
import { runFixture } from './helpers/node.js';

const isRoot = process.getuid?.() === 0;
const canDrop = isRoot && spawnSync('setpriv', ['--bounding-set', '-sys_nice', 'true']).status === 0;
if (!canDrop) console.log('skipped: only root with CAP_SETPCAP, and setpriv, can give up a capability');

const ORDINARY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
const fixtures = fileURLToPath(new URL('fixtures/spawn.mjs', import.meta.url));
const canBeOrdinary =
  isRoot && spawnSync(ORDINARY[0] ?? '', [...ORDINARY.slice(1), 'test', '-r', fixtures]).status === 0;
if (isRoot && !canBeOrdinary) console.log('skipped: this folder is closed to ordinary users');

/** What comes of a process that is started by Node under a command. */
const attempt = (before: readonly string[], ...specs: readonly object[]): unknown[] => {
  const { stdout } = runFixture(
    'spawn.mjs',
    specs.map((spec) => JSON.stringify(spec)),
    before,
  );
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
};

const without = (...capabilities: readonly string[]): readonly string[] => [
  'setpriv',
  `--bounding-set=${capabilities.map((name) => `-${name}`).join(',')}`,
  `--inh-caps=${capabilities.map((name) => `-${name}`).join(',')}`,
];

const TRUE = { argv: ['/bin/true'] };
const EXITED = { kind: 'exited', code: 0 };
const MORE_FILES = { limits: [{ resource: 'nofile', soft: 1, hard: '1000000' }] };

/** What each step can't do without; `lacking` in the words of setpriv. */
const REFUSED = [
  {
    lacking: 'sys_resource',
    spec: MORE_FILES,
    error: {
      step: 'limit',
      argument: 'nofile',
      errno: 1,
      message: 'unable to set "nofile" resource limit: Operation not permitted',
      capability: 'CAP_SYS_RESOURCE',
      hint: 'needs CAP_SYS_RESOURCE',
    },
  },
  {
    lacking: 'sys_resource',
    spec: { oomScore: -900 },
    error: { step: 'oom', message: 'unable to set oom adjustment: Permission denied', capability: 'CAP_SYS_RESOURCE' },
  },
  {
    lacking: 'sys_nice',
    spec: { nice: -7 },
    error: { step: 'nice', message: 'unable to set priority: Permission denied', capability: 'CAP_SYS_NICE' },
  },
  {
    lacking: 'sys_chroot',
    spec: { chroot: ['/'] },
    error: { step: 'chroot', argument: '/', capability: 'CAP_SYS_CHROOT' },
  },
  { lacking: 'setgid', spec: { user: 'daemon' }, error: { step: 'groups', capability: 'CAP_SETGID' } },
  {
    lacking: 'setuid',
    spec: { user: 'daemon' },
    error: { step: 'setuid', argument: 'daemon', capability: 'CAP_SETUID', hint: 'needs CAP_SETUID' },
  },
] as const;

describe.skipIf(!canDrop)('root without a capability', () => {
  test.each(REFUSED)('$lacking can not $error.step, and everything else works', ({ lacking, spec, error }) => {
    const [refused, fine] = attempt(
      without(lacking),
      { ...TRUE, ...spec },
      { ...TRUE, umask: 0o27, cwd: '/', nice: 5 },
    );
    expect(refused).toMatchObject(error);
    expect(fine).toEqual(EXITED);
  });

  test('is told of it only for what was asked', () => {
    const all = REFUSED.map(({ lacking }) => lacking);
    expect(attempt(without(...all), TRUE, { ...TRUE, cwd: '/nowhere' })).toEqual([
      EXITED,
      expect.not.objectContaining({ capability: expect.anything() }),
    ]);
  });

  test('and with it is told of no capability where the reason is another', () => {
    // Not even the privileged can have a soft limit above the hard one.
    const limits = [{ resource: 'core', soft: 2, hard: 1 }];
    expect(attempt([], { ...TRUE, limits })).toEqual([
      { step: 'limit', argument: 'core', errno: 22, message: 'unable to set "core" resource limit: Invalid argument' },
    ]);
  });

  test("the console that is another session's can be taken with CAP_SYS_ADMIN", () => {
    const terminal = native.outputOpen(false, -1);
    if (typeof terminal === 'number') throw new Error('no terminal');
    const name = readlinkSync(`/proc/self/fd/${terminal.theirs}`);
    const instead = ['unshare', '-m', '--', 'sh', '-c', `mount --bind ${name} /dev/console && exec "$0" "$@"`];
    // The owner starts another one beside itself, which wants what it has.
    const inner = [
      ...without('sys_admin'),
      process.execPath,
      fixtures,
      JSON.stringify({ ...TRUE, console: { kind: 'owner' } }),
    ];
    const outer = { argv: inner, console: { kind: 'owner' } };
    const [refused] = attempt(instead, outer);
    expect(refused).toMatchObject({
      step: 'console',
      message: 'unable to open console: Operation not permitted',
      capability: 'CAP_SYS_ADMIN',
    });
    closeFd(terminal.theirs);
    closeFd(terminal.ours);
  });
});

describe.skipIf(!canBeOrdinary)('an ordinary user', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'maverick-ordinary-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test('can do what needs no privilege', () => {
    const spec = { umask: 0o77, nice: 3, oomScore: 100, cwd: '/usr', limits: [{ resource: 'core', soft: 0, hard: 0 }] };
    const pause = { ...TRUE, pause: true };
    const argv = ['/bin/sh', '-e', '/proc/self/fd/9'];
    expect(attempt(ORDINARY, { ...TRUE, ...spec }, pause, { argv, script: 'exit 0' })).toEqual([
      EXITED,
      { kind: 'stopped', signal: 19 },
      EXITED,
      EXITED,
    ]);
  });

  test.each(REFUSED.map(({ spec, error }) => ({ spec, step: error.step, capability: error.capability })))(
    'is told that $spec needs $capability',
    ({ spec, step, capability }) => {
      const [refused] = attempt(ORDINARY, { ...TRUE, ...spec });
      // Without any of them, groups come before the user.
      expect(refused).toMatchObject(
        step === 'setuid' || step === 'groups' ? { step: 'setgid', capability: 'CAP_SETGID' } : { step, capability },
      );
    },
  );
});
