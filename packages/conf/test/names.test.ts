import { describe, expect, test } from 'vitest';
import { systemLocations, userLocations } from '../src/directories.js';
import { confFileKind, isEnteredDirectory, isLoadedPath, jobNameOf } from '../src/names.js';

describe('a file', () => {
  test.each([
    { path: 'a.conf', kind: 'conf', job: 'a' },
    { path: 'net/a.override', kind: 'override', job: 'net/a' },
    { path: 'x.y.conf', kind: 'conf', job: 'x.y' },
    { path: 'z.conf.conf', kind: 'conf', job: 'z.conf' },
    { path: 'w.override.conf', kind: 'conf', job: 'w.override' },
    { path: '#x#.conf', kind: 'conf', job: '#x#' },
    { path: 'a b.conf', kind: 'conf', job: 'a b' },
  ] as const)('$path is a $kind of job $job', ({ path, kind, job }) => {
    expect(confFileKind(path)).toBe(kind);
    expect(jobNameOf(path)).toBe(job);
  });

  test.each(['.conf', '.override', '.h.conf', 'd/.h.conf', 'b.CONF', 'c.conf~', 'd.conf.bak', 'e', 'f.conf.dpkg-new'])(
    '%s is none',
    (path) => {
      expect(confFileKind(path)).toBeUndefined();
    },
  );
});

describe('a directory', () => {
  test.each(['net', 'd.conf', 'CVSROOT', 'old.backup', 'a;0123', 'x.dpkg'])('%s is searched', (name) => {
    expect(isEnteredDirectory(name)).toBe(true);
    expect(isLoadedPath(`${name}/a.conf`)).toBe(true);
  });

  test.each(
    [
      '.git',
      'CVS',
      'CVS.adm',
      'RCS',
      'SCCS',
      '_darcs',
      '{arch}',
      'BitKeeper',
      'old~',
      'old.bak',
      'old.BAK',
      'q.swp',
      'q.swo',
    ].concat(['q.swn', 'z,v', '#r#', 'x.dpkg-old', 'y.rpmsave', 'y.rpmorig', 'y.rpmnew', 'a;0123abcd']),
  )('%s is not searched', (name) => {
    expect(isEnteredDirectory(name)).toBe(false);
    expect(isLoadedPath(`sub/${name}/a.conf`)).toBe(false);
  });
});

describe('the places of a system init', () => {
  test('are /etc/init.conf and /etc/init', () => {
    expect(systemLocations()).toEqual([
      { kind: 'file', path: '/etc/init.conf' },
      { kind: 'directory', path: '/etc/init' },
    ]);
  });

  test('are in the order of the options', () => {
    const options = { prepend: ['/p'], confdirs: ['/c', '/d'], append: ['/z'], env: { UPSTART_CONFDIR: '/e' } };
    expect(systemLocations(options).map(({ path }) => path)).toEqual(['/p', '/etc/init.conf', '/c', '/d', '/z']);
    expect(systemLocations({ env: options.env }).map(({ path }) => path)).toEqual(['/etc/init.conf', '/e']);
  });
});

describe("the places of a user's session", () => {
  test.each([
    {
      env: { HOME: '/h' },
      paths: ['/h/.config/upstart', '/h/.init', '/etc/xdg/upstart', '/usr/share/upstart/sessions'],
    },
    {
      env: { HOME: '/h', XDG_CONFIG_HOME: '/x', XDG_CONFIG_DIRS: '/a:b:/c', UPSTART_NO_SYSTEM_USERCONFDIR: '1' },
      paths: ['/x/upstart', '/h/.init', '/a/upstart', '/c/upstart'],
    },
    {
      env: { HOME: '/h', XDG_CONFIG_HOME: 'x', XDG_CONFIG_DIRS: 'b', UPSTART_NO_SYSTEM_USERCONFDIR: '' },
      paths: ['/h/.config/upstart', '/h/.init'],
    },
  ])('with $env', ({ env, paths }) => {
    const result = userLocations({ env });
    expect(result.ok && result.locations.map(({ path }) => path)).toEqual(paths);
  });

  test('need a home', () => {
    expect(userLocations({ env: { HOME: 'h' } })).toMatchObject({ ok: false, code: 'no-home' });
  });

  test('need no home where they are given', () => {
    expect(userLocations({ prepend: ['/p'], confdirs: ['/c'] })).toEqual({
      ok: true,
      locations: [
        { kind: 'directory', path: '/p' },
        { kind: 'directory', path: '/c' },
      ],
    });
  });
});
