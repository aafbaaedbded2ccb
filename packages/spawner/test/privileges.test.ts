import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compileStatic } from './helpers/compile.js';
import { isRoot, Run, shell } from './helpers/run.js';

let run: Run;
beforeEach(() => {
  run = new Run();
});
afterEach(() => {
  run.close();
});

if (!isRoot) console.log('skipped: users, groups and roots can only be changed by root');

describe.skipIf(!isRoot)('users and groups', () => {
  test.each([
    { spec: { user: 'daemon' }, output: 'daemon daemon daemon' },
    { spec: { user: 'daemon', group: 'tty' }, output: 'daemon tty tty' },
    { spec: { group: 'tty' }, output: 'root tty tty' },
  ])('$spec gives user, group and groups $output', async ({ spec, output }) => {
    expect(await run.output(shell('echo $(id -un) $(id -gn) $(id -Gn)', { cwd: '/', ...spec }))).toBe(`${output}\n`);
  });

  test('a program can open its standard error by name', async () => {
    expect(await run.output(shell('echo x > /dev/stderr', { user: 'daemon', cwd: '/' }))).toBe('x\n');
  });

  test('a script can be read by the user', async () => {
    const spec = { ...shell(''), argv: ['/bin/sh', '/proc/self/fd/9'], script: 'id -un', user: 'daemon', cwd: '/' };
    expect(await run.output(spec)).toBe('daemon\n');
  });
});

describe.skipIf(!isRoot)("with a user's own rights", () => {
  const own = { user: 'daemon', cwd: '/', ownRights: true } as const;

  test('a limit is lowered, and not raised', (context) => {
    const [, , hard = ''] = /^Max pending signals +(\S+) +(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    if (!/^\d+$/.test(hard)) return context.skip('there is no limit of pending signals to go beyond');
    const limited = (value: number) => [{ resource: 'sigpending', soft: value, hard: value }];
    const more = limited(Number(hard) + 1);
    if (!run.spawner.spawn(shell('true', { user: 'daemon', cwd: '/', limits: more })).ok) {
      return context.skip('root itself may not raise a limit here: it needs CAP_SYS_RESOURCE');
    }
    expect(run.spawner.spawn(shell('true', { ...own, limits: more }))).toMatchObject({
      error: { step: 'limit', argument: 'sigpending' },
    });
    expect(run.spawner.spawn(shell('true', { ...own, limits: limited(Number(hard) - 1) })).ok).toBe(true);
  });

  test('niceness is raised, and not lowered', (context) => {
    if (!run.spawner.spawn(shell('true', { user: 'daemon', cwd: '/', nice: -5 })).ok) {
      return context.skip('root itself may not lower niceness here: it needs CAP_SYS_NICE');
    }
    expect(run.spawner.spawn(shell('true', { ...own, nice: -5 }))).toMatchObject({ error: { step: 'nice' } });
    expect(run.spawner.spawn(shell('true', { ...own, nice: 5 })).ok).toBe(true);
  });

  test('a directory is entered only if they can', () => {
    mkdirSync(run.path('closed/open'), { recursive: true });
    chmodSync(run.folder, 0o755);
    chmodSync(run.path('closed'), 0o700);
    const cwd = run.path('closed/open');
    expect(run.spawner.spawn(shell('true', { user: 'daemon', cwd })).ok).toBe(true);
    expect(run.spawner.spawn(shell('true', { ...own, cwd }))).toMatchObject({
      error: { step: 'chdir', argument: cwd, message: expect.stringContaining('Permission denied') },
    });
  });

  test('all of it applies that they may have', async () => {
    const spec = { ...own, nice: 7, limits: [{ resource: 'core', soft: 0, hard: 0 }] };
    expect(await run.output(shell('echo $(id -un) $(nice) $(ulimit -H -c) $PWD', spec))).toBe('daemon 7 0 /\n');
  });
});

describe.skipIf(!isRoot)('roots', () => {
  /** A bare root in a bare root, with users of its own and our program. */
  const makeRoots = (): boolean => {
    mkdirSync(run.path('outer/inner/etc'), { recursive: true });
    writeFileSync(run.path('outer/inner/etc/passwd'), 'guest:x:4711:4712::/:/bin/sh\n');
    writeFileSync(run.path('outer/inner/etc/group'), 'own:x:4712:\nmore:x:4713:someone,guest\nother:x:4714:guests\n');
    const made = compileStatic('whoami.c', run.path('outer/inner/whoami'));
    if (!made) console.log('skipped: a static C library is missing');
    return made;
  };
  const spec = () => ({ ...shell(''), argv: ['/whoami'], chroot: [run.path('outer'), '/inner'] });

  test('are entered one inside the other, and the directory is in them', async (context) => {
    if (!makeRoots()) return context.skip();
    expect(await run.output(spec())).toMatch(/^cwd=\/ uid=0 .* root=closed\n$/);
    expect(await run.output({ ...spec(), cwd: '/etc' })).toMatch(/^cwd=\/etc /);
  });

  test('have their own users and groups', async (context) => {
    if (!makeRoots()) return context.skip();
    expect(await run.output({ ...spec(), user: 'guest' })).toBe(
      'cwd=/ uid=4711 gid=4712 groups=4712,4713 root=closed\n',
    );
    expect(await run.output({ ...spec(), user: 'guest', group: 'other' })).toContain('gid=4714 groups=4713,4714 ');
    expect(run.spawner.spawn({ ...spec(), user: 'daemon' })).toMatchObject({ error: { step: 'user' } });
  });

  test('a link in them does not lead to the users outside', () => {
    mkdirSync(run.path('root/etc'), { recursive: true });
    symlinkSync('/etc/passwd', run.path('root/etc/passwd'));
    symlinkSync('../../../../../../../etc/group', run.path('root/etc/group'));
    const escaping = { ...shell(''), chroot: [run.path('root')] };
    expect(run.spawner.spawn({ ...escaping, user: 'root' })).toMatchObject({ error: { step: 'getpwnam' } });
    expect(run.spawner.spawn({ ...escaping, group: 'root' })).toMatchObject({ error: { step: 'getgrnam' } });
  });
});

describe.skipIf(isRoot)('without privileges', () => {
  test.each([
    { spec: { chroot: ['/'] }, step: 'chroot' },
    { spec: { user: 'root' }, step: 'setgid' },
    { spec: { nice: -20 }, step: 'nice' },
  ])('$spec fails in the step $step', ({ spec, step }) => {
    expect(run.spawner.spawn(shell('exit', spec))).toMatchObject({ ok: false, error: { step } });
  });
});
