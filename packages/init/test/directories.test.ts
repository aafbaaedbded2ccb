import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findDirectories, missingDirectories, NoHomeError } from '../src/directories.js';
import { DEFAULT_OPTIONS } from '../src/option-table.js';
import { tempDir } from './helpers/temp-dir.js';

const OPTIONS = { ...DEFAULT_OPTIONS, log: false };

const paths = (...args: Parameters<typeof findDirectories>): string[] =>
  findDirectories(...args).confDirs.map(({ path }) => path);

test('a user has four places for job files', () => {
  const HOME = tempDir();
  expect(paths('user', OPTIONS, { HOME })).toEqual([
    join(HOME, '.config/upstart'),
    join(HOME, '.init'),
    '/etc/xdg/upstart',
    '/usr/share/upstart/sessions',
  ]);
  expect(statSync(join(HOME, '.config/upstart')).isDirectory()).toBe(true);
});

test('XDG variables move them, where they are absolute', () => {
  const HOME = tempDir();
  const env = { HOME, XDG_CONFIG_HOME: join(HOME, 'c'), XDG_CONFIG_DIRS: '/one:two:/three' };
  expect(paths('user', OPTIONS, { ...env, UPSTART_NO_SYSTEM_USERCONFDIR: '' })).toEqual([
    join(HOME, 'c/upstart'),
    join(HOME, '.init'),
    '/one/upstart',
    '/three/upstart',
  ]);
});

test('--confdir replaces them, the others go before and after', () => {
  const options = { ...OPTIONS, confDirs: ['/c'], prependConfDirs: ['/p'], appendConfDirs: ['/a'] };
  expect(paths('user', options, {})).toEqual(['/p', '/c', '/a']);
});

test.each([
  { env: {}, dir: '/etc/init' },
  { env: { UPSTART_CONFDIR: '/other' }, dir: '/other' },
])('--session reads what the system reads: $dir', ({ env, dir }) => {
  expect(paths('session', OPTIONS, env)).toEqual(['/etc/init.conf', dir]);
});

test.each([
  { what: 'what --logdir names', variable: undefined, used: 'option' },
  { what: '$UPSTART_LOGDIR, even so', variable: 'variable', used: 'variable' },
])('the system logs to $what', ({ variable, used }) => {
  const base = tempDir();
  const env = variable === undefined ? {} : { UPSTART_LOGDIR: join(base, variable) };
  expect(findDirectories('system', { ...OPTIONS, log: true, logDir: join(base, 'option') }, env)).toEqual({
    confDirs: [
      { kind: 'file', path: '/etc/init.conf' },
      { kind: 'directory', path: '/etc/init' },
    ],
    logDir: join(base, used),
  });
});

test.each([
  { variable: 'HOME', below: '.cache/upstart' },
  { variable: 'XDG_CACHE_HOME', below: 'upstart' },
])('logs go below $variable, where only the user can read them', ({ variable, below }) => {
  const base = tempDir();
  const { logDir } = findDirectories('user', { ...OPTIONS, log: true, confDirs: ['/c'] }, { [variable]: base });
  expect(logDir).toBe(join(base, below));
  expect(statSync(join(base, below)).mode & 0o777).toBe(0o700);
});

test.each([
  { what: 'no', env: {}, options: OPTIONS },
  { what: 'a relative', env: { HOME: 'home' }, options: OPTIONS },
  { what: 'no (for logs)', env: {}, options: { ...DEFAULT_OPTIONS, confDirs: ['/c'] } },
])('$what HOME is an error', ({ env, options }) => {
  expect(() => findDirectories('user', options, env)).toThrow(NoHomeError);
});

test('without HOME it is enough to name the directories', () => {
  const logDir = join(tempDir(), 'made/on/the/way');
  const options = { ...DEFAULT_OPTIONS, confDirs: ['/c'], logDir };
  expect(findDirectories('user', options, {})).toMatchObject({ confDirs: [{ path: '/c' }], logDir });
  expect(statSync(logDir).isDirectory()).toBe(true);
});

test('directories that only the command line names and that are not there are worth a word', () => {
  const here = tempDir();
  const options = { ...OPTIONS, confDirs: [here, '/not/there'], appendConfDirs: ['/nor/there'] };
  expect(missingDirectories(options)).toEqual(['/not/there', '/nor/there']);
});

test('a log directory that cannot be made does not keep the daemon from starting', () => {
  const options = { ...DEFAULT_OPTIONS, confDirs: ['/c'], logDir: '/proc/no/such' };
  expect(findDirectories('user', options, {}).logDir).toBe('/proc/no/such');
});
