import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { prebuildName } from '../src/native-files.js';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 120_000 });

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
const MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url));
const BINARIES = ['maverick.node', 'spawn-helper', 'log-process'];

let folder: string;
/** A PATH with Node, npm and a shell, and no compiler. */
let bare: string;

const run = (program: string, args: readonly string[], cwd: string, path = process.env['PATH'] ?? '') => {
  const env = { ...process.env, PATH: path, npm_config_loglevel: 'error', npm_config_cache: join(folder, 'cache') };
  return spawnSync(program, args, { cwd, env, encoding: 'utf8', timeout: 240_000 });
};

/** A copy of the package, with the binaries of this machine as prebuilt ones or without any, as a tarball. */
const pack = (name: string, prebuilt: boolean): string => {
  const copy = join(folder, name);
  mkdirSync(copy);
  const wanted = ['package.json', 'README.md', 'dist', 'src', 'native', 'scripts'];
  for (const entry of wanted) cpSync(join(PACKAGE, entry), join(copy, entry), { recursive: true });
  symlinkSync(MODULES, join(copy, 'node_modules'));
  const binaries = join(copy, 'prebuilds', prebuildName());
  mkdirSync(binaries, { recursive: true });
  if (prebuilt) for (const file of BINARIES) cpSync(join(PACKAGE, 'build', file), join(binaries, file));
  expect(run('npm', ['pack', '--pack-destination', folder], copy)).toMatchObject({ status: 0 });
  expect(existsSync(join(copy, 'native', 'include'))).toBe(false);
  const [tarball = ''] = readdirSync(folder).filter((file) => file.endsWith('.tgz'));
  cpSync(join(folder, tarball), join(folder, `${name}.tar.gz`));
  rmSync(join(folder, tarball));
  return join(folder, `${name}.tar.gz`);
};

/** An empty project, with the tarball installed. */
const install = (name: string, tarball: string, path?: string) => {
  const project = join(folder, name);
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{"name":"user","version":"1.0.0","type":"module"}');
  const { status, stderr } = run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], project, path);
  return { project, status, stderr, folder: join(project, 'node_modules', '@maverick', 'spawner') };
};

const PROGRAM = `
import { Spawner } from '@maverick/spawner';
const spawner = new Spawner({ onChild: ({ kind, code }) => { console.log(kind, code); spawner.close(); } });
const { ok } = spawner.spawn({ argv: ['/bin/sh', '-c', 'exit 7'], env: [], console: { kind: 'none' } });
console.log(ok);
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'maverick-package-'));
  bare = join(folder, 'bin');
  mkdirSync(bare);
  symlinkSync('/bin/sh', join(bare, 'sh'));
  const npm = spawnSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).stdout.trim();
  symlinkSync(npm, join(bare, 'npm'));
  symlinkSync(process.execPath, join(bare, 'node'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('the published package', () => {
  test('starts a process where there is no compiler, with its prebuilt binaries', () => {
    const { project, status, folder: installed } = install('with', pack('prebuilt', true), bare);
    expect(status).toBe(0);
    expect(existsSync(join(installed, 'build'))).toBe(false);
    expect(run(process.execPath, ['--input-type=module', '-e', PROGRAM], project, bare)).toMatchObject({
      stdout: 'true\nexited 7\n',
      stderr: '',
    });
  });

  test('is compiled from source where no prebuilt binary fits, and says what it needs for that', () => {
    const tarball = pack('source', false);
    const without = install('without', tarball, bare);
    expect(without.status).not.toBe(0);
    expect(without.stderr).toContain('Maverick needs a C compiler');
    const { project, status, folder: installed } = install('compiled', tarball);
    expect(status).toBe(0);
    expect(readdirSync(join(installed, 'build')).sort()).toEqual([...BINARIES].sort());
    expect(run(process.execPath, ['--input-type=module', '-e', PROGRAM], project, bare).stdout).toBe(
      'true\nexited 7\n',
    );
  });
});

describe('the folder of prebuilt binaries', () => {
  const program = (name: string, header: string): string => {
    writeFileSync(join(folder, name), `\x7fELF${'\0'.repeat(500)}${header}\0`);
    return join(folder, name);
  };

  test.each([
    { arch: 'x64', header: '/lib64/ld-linux-x86-64.so.2', name: 'linux-x64-glibc' },
    { arch: 'x64', header: '/lib/ld-musl-x86_64.so.1', name: 'linux-x64-musl' },
    { arch: 'arm64', header: '/lib/ld-linux-aarch64.so.1', name: 'linux-arm64-glibc' },
    { arch: 'arm64', header: '/lib/ld-musl-aarch64.so.1', name: 'linux-arm64-musl' },
  ])('of a Node for $arch with $header is $name', ({ arch, header, name }) => {
    expect(prebuildName(arch, program(name, header))).toBe(name);
  });

  test('of a Node that can not be read is the usual one', () => {
    expect(prebuildName('x64', '/nonexistent/node')).toBe('linux-x64-glibc');
  });
});
