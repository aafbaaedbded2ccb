import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readlinkSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { native } from '../src/native.js';
import { closeFd, listenUnix } from '../src/sockets.js';
import { type Finished, runFixture } from './helpers/node.js';

/** A mount table of one's own, in which another file stands for a device. */
const instead = (file: string, device: string): readonly string[] => [
  'unshare',
  '-m',
  '--',
  'sh',
  '-c',
  `mount --bind ${file} ${device} && exec "$0" "$@"`,
];

const [, ...probe] = [...instead('/dev/null', '/dev/null'), 'true'];
const canMount = spawnSync('unshare', probe).status === 0;
if (!canMount) console.log('skipped: only root with CAP_SYS_ADMIN can put other devices in place of /dev/console');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maverick-console-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe.skipIf(!canMount)('a console', () => {
  /** Runs the fixture with a fresh terminal as /dev/console; `said` is what was written there. */
  const onTerminal = (kind: string): Finished & { readonly said: string } => {
    const terminal = native.outputOpen(false, -1);
    if (typeof terminal === 'number') throw new Error('no terminal');
    const name = readlinkSync(`/proc/self/fd/${terminal.theirs}`);
    const finished = runFixture('console.mjs', [kind], instead(name, '/dev/console'));
    const buffer = Buffer.alloc(1024);
    const said = buffer.toString('utf8', 0, readSync(terminal.ours, buffer));
    closeFd(terminal.theirs);
    closeFd(terminal.ours);
    return { ...finished, said };
  };

  /** Runs the fixture with something as /dev/console that can't be opened. */
  const onNothing = (kind: string): Finished => {
    const socket = join(folder, 'socket');
    const fd = listenUnix(socket);
    const finished = runFixture('console.mjs', [kind], instead(socket, '/dev/console'));
    closeFd(fd);
    return finished;
  };

  test('that is owned is the controlling terminal', () => {
    expect(onTerminal('owner')).toMatchObject({ said: 'spoken\nowned\n', stdout: 'exited 0\n' });
  });

  test('that is only written to is not', () => {
    const { said, stdout } = onTerminal('output');
    expect(said).toMatch(/^spoken\n.*\/dev\/tty: No such device or address\n$/);
    expect(stdout).not.toBe('exited 0\n');
  });

  test('that can not be opened is replaced by /dev/null for who only writes, with a warning', () => {
    const { stdout } = onNothing('output');
    expect(stdout).toMatch(/^no-console unable to open console, .*: No such device or address\nexited \d+\n$/);
  });

  test('that can not be opened is an error for who wants to own it', () => {
    expect(onNothing('owner').stdout).toBe('console unable to open console: No such device or address\n');
  });
});

describe("this program's own descriptors", () => {
  test('are those of a process that only writes there', () => {
    const { stdout, stderr } = runFixture('console.mjs', ['own']);
    expect(stdout).toMatch(/^spoken\nexited \d+\n$/);
    expect(stderr).toMatch(/\/dev\/tty: No such device or address\n$/);
  });

  test('are a terminal that the process gets as its controlling one', () => {
    const terminal = native.outputOpen(false, -1);
    if (typeof terminal === 'number') throw new Error('no terminal');
    const name = readlinkSync(`/proc/self/fd/${terminal.theirs}`);
    writeSync(terminal.ours, 'word\n');
    const { status, stderr } = runFixture('own-console.mjs', [name]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const buffer = Buffer.alloc(1024);
    const said = buffer.toString('utf8', 0, readSync(terminal.ours, buffer));
    expect(said.replaceAll('\r', '')).toBe(`word\n${name}\nheard word\nerror\n`);
    closeFd(terminal.theirs);
    closeFd(terminal.ours);
  });
});

test.skipIf(!canMount)('without pseudo terminals output is logged through a pipe, with a warning', () => {
  const path = join(folder, 'a.log');
  const args = [path, 'echo out; echo err >&2; test -t 1 || echo pipe'];
  const { stdout } = runFixture('logged.mjs', args, instead('/dev/null', '/dev/ptmx'));
  expect(stdout).toMatch(
    /^no-pty unable to open pty, output for \S+ and what follows is logged through pipes: .+\nexited\n$/,
  );
  expect(readFileSync(path, 'utf8')).toBe('out\nerr\npipe\n');
});
