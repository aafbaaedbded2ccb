import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { put } from './watched.js';

/** Only root can change a root directory. */
export const canChroot = process.getuid?.() === 0;
if (!canChroot) process.stderr.write('Tests of chroots are left out: they need root\n');

const PROGRAMS = ['sh', 'cat', 'sleep', 'id', 'touch', 'mkdir'];

/** The program with everything that it is linked with. */
const filesOf = (program: string): string[] => {
  const { stdout } = spawnSync('sh', ['-c', `command -v ${program} && ldd "$(command -v ${program})"`], {
    encoding: 'utf8',
  });
  return stdout.split('\n').flatMap((line) => /(\/\S+)(?: \(0x|$)/.exec(line)?.[1] ?? []);
};

/** A root directory with a shell and a few programs in it, that nobody but root can write to. */
export class Chroot {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'maverick-chroot-')));

  constructor(jobs: Readonly<Record<string, string>> = {}) {
    chmodSync(this.root, 0o755);
    for (const file of new Set(PROGRAMS.flatMap(filesOf))) {
      mkdirSync(join(this.root, dirname(file)), { recursive: true });
      copyFileSync(file, join(this.root, file));
    }
    // Where it is that on the system, too.
    if (!existsSync(join(this.root, 'bin'))) symlinkSync('usr/bin', join(this.root, 'bin'));
    for (const dir of ['dev', 'etc/init', 'tmp', 'var/log']) mkdirSync(join(this.root, dir), { recursive: true });
    for (const [name, text] of Object.entries(jobs)) this.job(name, text);
  }

  job(name: string, text: string): void {
    put(join(this.root, 'etc/init'), `${name}.conf`, text);
  }

  path(name: string): string {
    return join(this.root, name);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
