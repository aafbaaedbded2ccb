import { mkdirSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { needNameServices, servicesOf } from '../src/name-services.js';
import type { ProcessSpec } from '../src/process-spec.js';
import { compileShared, compileStatic } from './helpers/compile.js';
import { hasPam, makeRecorder, recorded, removeServices } from './helpers/pam.js';
import { isRoot, Run, shell } from './helpers/run.js';

const { ENOENT, EIO, ETIME } = constants.errno;

describe('the services of a database', () => {
  test.each([
    { text: 'passwd: files systemd\n', services: ['files', 'systemd'] },
    { text: '# passwd: no\n passwd:\tfiles  # sss\n', services: ['files'] },
    { text: 'passwd: sss [NOTFOUND=return] files\n', services: ['sss', 'files'] },
    { text: 'group: ldap\nhosts: dns\n', services: [] },
    { text: 'passwd_compat: nis\npasswd: compat\n', services: ['compat'] },
    { text: '', services: [] },
  ])('are $services in $text', ({ text, services }) => {
    expect(servicesOf(text, 'passwd')).toEqual(services);
  });
});

let run: Run;
beforeEach(() => {
  // Helpers of the test before may just be ending.
  run = new Run({ reapStrangers: false });
});
afterEach(() => {
  run.close();
  removeServices();
});

const root = (...path: readonly string[]): string => run.path(['root', ...path].join('/'));

/** A root with nothing but its configuration of names. */
const makeFiles = (nsswitch: string): void => {
  mkdirSync(root('etc'), { recursive: true });
  writeFileSync(root('etc/nsswitch.conf'), nsswitch);
  writeFileSync(root('etc/passwd'), 'nssfile:x:4711:4712::/:/bin/sh\n');
  writeFileSync(root('etc/group'), 'own:x:4712:\nmore:x:4714:nssfile\n');
};

describe('a look-up', () => {
  test.each([
    { nsswitch: 'passwd: files\ngroup: files\n', spec: { user: 'a', group: 'b' }, asked: false },
    { nsswitch: 'passwd: files sss\ngroup: files\n', spec: { user: 'a' }, asked: true },
    { nsswitch: 'passwd: files sss\ngroup: files\n', spec: { group: 'b' }, asked: false },
    { nsswitch: 'passwd: files\ngroup: files sss\n', spec: { user: 'a' }, asked: true },
    { nsswitch: 'group: files\ninitgroups: files ldap\n', spec: { user: 'a' }, asked: true },
    { nsswitch: 'passwd: files sss\ngroup: sss\n', spec: {}, asked: false },
    { nsswitch: 'hosts: dns\n', spec: { user: 'a', group: 'b' }, asked: false },
  ])('of $spec with "$nsswitch" asks other services than the files: $asked', ({ nsswitch, spec, asked }) => {
    makeFiles(nsswitch);
    expect(needNameServices({ ...spec, chroot: [root()] })).toBe(asked);
  });

  test('in a root that says nothing of services asks the files', () => {
    mkdirSync(root('etc'), { recursive: true });
    expect(needNameServices({ user: 'a', chroot: [root()] })).toBe(false);
  });
});

if (!isRoot) console.log('skipped: only root can change its root directory');

describe.skipIf(!isRoot)('the name services of a root', () => {
  /** A root whose names come from the files, and from a service that it has brought itself. */
  const makeRoot = (): boolean => {
    makeFiles('passwd: files maverick\ngroup: files maverick\n');
    mkdirSync(root('lib'), { recursive: true });
    const made =
      compileShared('nss-maverick.c', root('lib/libnss_maverick.so.2')) && compileStatic('whoami.c', root('whoami'));
    if (!made) console.log('skipped: glibc with its static library is missing');
    return made;
  };
  const spec = (more: Partial<ProcessSpec>) => ({ ...shell(''), argv: ['/whoami'], chroot: [root()], ...more });

  test.for([
    { user: 'nssuser', group: undefined, output: 'uid=4811 gid=4812 groups=4812,4813' },
    { user: 'nssuser', group: 'own', output: 'uid=4811 gid=4712 groups=4712,4813' },
    { user: 'nssfile', group: undefined, output: 'uid=4711 gid=4712 groups=4712,4714,4813' },
    { user: 'nssfile', group: 'nssgroup', output: 'uid=4711 gid=4813 groups=4714,4813' },
    { user: undefined, group: 'nssgroup', output: 'uid=0 gid=4813 groups=4813' },
  ])('know user $user and group $group: $output', async ({ user, group, output }, context) => {
    if (!makeRoot()) return context.skip();
    const names = { ...(user === undefined ? {} : { user }), ...(group === undefined ? {} : { group }) };
    expect(await run.output(spec(names))).toBe(`cwd=/ ${output} root=closed\n`);
  });

  test.for([
    { names: { user: 'daemon' }, step: 'user', errno: 0, message: 'unable to find setuid user' },
    { names: { group: 'daemon' }, step: 'group', errno: 0, message: 'unable to find setgid group' },
    { names: { user: 'broken' }, step: 'getpwnam', errno: EIO, message: 'unable to getpwnam: Input/output error' },
  ])('fail for $names in the step $step', async ({ names, step, errno, message }, context) => {
    if (!makeRoot()) return context.skip();
    const [argument] = Object.values(names);
    expect(await run.spawner.start(spec(names))).toEqual({ ok: false, error: { step, argument, errno, message } });
    expect(run.events).toEqual([]);
  });

  test('are asked after the root and the directory were entered', async (context) => {
    if (!makeRoot()) return context.skip();
    expect(await run.spawner.start(spec({ user: 'broken', cwd: '/nowhere' }))).toMatchObject({
      error: { step: 'chdir', argument: '/nowhere', errno: ENOENT },
    });
  });

  test('hold up nobody, and are given up after a time', async (context) => {
    if (!makeRoot()) return context.skip();
    await run.ended(run.start(shell(`mkfifo ${root('slow')}`)));
    const starting = run.spawner.start(spec({ user: 'slow' }), { timeoutMs: 50 });
    expect(await run.output(shell('echo meanwhile'))).toBe('meanwhile\n');
    expect(await starting).toMatchObject({ error: { step: 'helper', errno: ETIME } });
    expect(run.events).toHaveLength(2);
  });

  test('are those of the inner root, not of the one that PAM opened the session in', async (context) => {
    if (!hasPam || !makeRoot()) return context.skip();
    const pamService = makeRecorder(run, 'account required pam_permit.so');
    const inner = spec({ user: 'nssuser', pamService, chroot: [run.folder, '/root'] });
    expect(await run.output(inner)).toBe('cwd=/ uid=4811 gid=4812 groups=4812,4813 root=closed\n');
    expect(await recorded(run, 2)).toEqual(['open_session nssuser for root', 'close_session nssuser for root']);
  });

  test("make the log's terminal the user's", async () => {
    const spec = shell('exec 3> /dev/stderr; ls -ln /proc/self/fd/3 | cut -d " " -f 3', { user: 'daemon', cwd: '/' });
    expect(await run.output(spec)).toBe('1\n');
  });

  test('are not asked by spawn, which may not wait', async (context) => {
    if (!makeRoot()) return context.skip();
    expect(run.spawner.spawn(spec({ user: 'nssuser' }))).toMatchObject({
      ok: false,
      error: { step: 'user', errno: 0 },
    });
  });
});
