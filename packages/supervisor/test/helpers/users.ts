import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** Only root can make users. */
export const canMakeUsers = process.getuid?.() === 0 && ['flock', 'useradd', 'userdel'].every(has);
if (!canMakeUsers)
  process.stderr.write(
    'Tests with users of their own are left out: they need root, useradd(8), userdel(8) and flock(1)\n',
  );

/** Of all that are made in this process. */
let made = 0;

const nextName = (): string => {
  made += 1;
  return `mvk${process.pid}u${made}`;
};

/** Others who change the user table meanwhile would make useradd(8) fail at once: all take the lock of where it lies. */
const LOCK = '/etc';

const run = (command: string, args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return stdout;
};

/** A real user of the system with a home directory, for one test. */
export class TestUser {
  readonly name = nextName();
  readonly uid: number;
  readonly gid: number;
  readonly home: string;

  constructor() {
    const dir = realpathSync(mkdtempSync(join(tmpdir(), 'maverick-home-')));
    chmodSync(dir, 0o755);
    this.home = join(dir, this.name);
    run('flock', [LOCK, 'useradd', '-M', '-U', '-d', this.home, '-s', '/bin/sh', this.name]);
    this.uid = Number(run('id', ['-u', this.name]));
    this.gid = Number(run('id', ['-g', this.name]));
    mkdirSync(this.home, { mode: 0o700 });
    chownSync(this.home, this.uid, this.gid);
  }

  /** A file of theirs, with the directories on the way. */
  write(path: string, text: string): string {
    const full = join(this.home, path);
    this.#makeDirectory(dirname(full));
    writeFileSync(full, text);
    chownSync(full, this.uid, this.gid);
    return full;
  }

  job(name: string, text: string): string {
    return this.write(`.config/upstart/${name}.conf`, text);
  }

  /** Nobody has this name and number any more, whatever runs as them. */
  forget(): void {
    run('flock', [LOCK, 'userdel', '--force', this.name]);
  }

  remove(): void {
    spawnSync('flock', [LOCK, 'userdel', this.name]);
    rmSync(dirname(this.home), { recursive: true, force: true });
  }

  #makeDirectory(path: string): void {
    if (path === this.home) return;
    this.#makeDirectory(dirname(path));
    mkdirSync(path, { recursive: true });
    chownSync(path, this.uid, this.gid);
  }
}
