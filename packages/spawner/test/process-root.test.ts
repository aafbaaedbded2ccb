import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type ProcessPin, pinPeer, pinProcess, rootDirectoryOf } from '../src/process-root.js';
import { acceptUnix, closeFd, listenUnix, peerCredentials } from '../src/sockets.js';

const isRoot = process.getuid?.() === 0;
const reason = isRoot ? '' : ' (skipped: only root changes root directories)';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'maverick-process-root-')));
  for (const name of ['one', 'other']) mkdirSync(join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A process that does a line of Python for each line that it gets, and says when it has. */
const PYTHON = 'import os, socket, sys\nfor line in iter(sys.stdin.readline, ""):\n exec(line)\n os.write(1, b"done")';

class Told {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;

  constructor(command: readonly string[] = ['/usr/bin/python3', '-c', PYTHON]) {
    this.child = spawn(command[0] ?? '', command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
    onTestFinished(() => this.end());
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async does(line: string): Promise<void> {
    const done = once(this.child.stdout, 'data');
    this.child.stdin.write(`${line}\n`);
    await done;
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}

const rootOf = (pid: number): string | undefined => rootDirectoryOf(pid, pinProcess(pid));

test('is our own for ourselves, and none for nobody', () => {
  expect(rootOf(process.pid)).toBe('/');
  expect([0, -1, 2 ** 22 + 1].map(rootOf)).toEqual([undefined, undefined, undefined]);
});

describe.skipIf(!isRoot)(`of another process${reason}`, () => {
  test('is where it is now, each time anew', async () => {
    const told = new Told();
    await told.does('pass');
    expect(rootOf(told.pid)).toBe('/');
    await told.does(`os.chroot('${folder}/one')`);
    expect(rootOf(told.pid)).toBe(`${folder}/one`);
  });

  test('is none where the directory is another by now, or is gone', async () => {
    const told = new Told();
    await told.does(`os.chroot('${folder}/one')`);
    renameSync(join(folder, 'one'), join(folder, 'moved'));
    expect(rootOf(told.pid)).toBe(`${folder}/moved`);
    rmSync(join(folder, 'moved'), { recursive: true });
    expect(rootOf(told.pid)).toBeUndefined();
  });

  test('is none in a mount namespace of its own with another root, though the kernel calls that one `/`, too', async () => {
    const script = `mount -t tmpfs none ${folder}/one && mkdir ${folder}/one/old && cd ${folder}/one && pivot_root . old && echo moved && read line`;
    const told = new Told(['unshare', '--mount', 'sh', '-c', script]);
    await once(told.child.stdout, 'data');
    expect(rootOf(told.pid)).toBeUndefined();
  });
});

describe('a pin', () => {
  /** The number of a process may come back: here it is said to be another's at once. */
  const stale: ProcessPin = (look) => {
    look();
    return undefined;
  };

  test('decides whether what was seen counts', () => {
    expect(rootDirectoryOf(process.pid, stale)).toBeUndefined();
  });

  test('by the time of its beginning holds a process until it has ended', async () => {
    const told = new Told();
    const pin = pinProcess(told.pid);
    expect(pin(() => 'seen')).toBe('seen');
    await told.end();
    expect(pin(() => 'seen')).toBeUndefined();
  });

  test('by its socket holds the process that has connected until it has ended', async () => {
    const name = `@maverick-process-root-${process.pid}`;
    const listener = listenUnix(name);
    onTestFinished(() => closeFd(listener));
    const told = new Told();
    await told.does(`c = socket.socket(socket.AF_UNIX); c.connect('\\0${name.slice(1)}')`);
    const fd = acceptUnix(listener);
    if (fd === undefined) throw new Error('nobody has connected');
    onTestFinished(() => closeFd(fd));
    const { pid } = peerCredentials(fd);
    const pin = pinPeer(fd, pid);
    expect([pid, rootDirectoryOf(pid, pin)]).toEqual([told.pid, '/']);
    await told.end();
    expect(rootDirectoryOf(pid, pin)).toBeUndefined();
  });
});
