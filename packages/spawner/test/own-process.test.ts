import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { processStartTime } from '../src/own-process.js';
import { runFixture } from './helpers/node.js';
import { Run, shell } from './helpers/run.js';

describe('exec', () => {
  test('makes another program of the same process, with its standard descriptors', () => {
    const { stdout, status } = runFixture('exec.mjs', ['/bin/sh', '-c', 'echo $$ $ONLY; echo $HOME; exit 3']);
    const [before, after, home] = stdout.split('\n');
    expect(after).toBe(`${before} this`);
    expect(home).toBe('');
    expect(status).toBe(3);
  });

  test('leaves no signal blocked, ignored or caught', () => {
    const { stdout } = runFixture('exec.mjs', ['/bin/cat', '/proc/self/status']);
    expect(stdout.match(/^Sig(Blk|Ign|Cgt):\t0+$/gm)).toHaveLength(3);
  });

  test('leaves no descriptor of ours', () => {
    const list = ['/bin/ls', '-1', '/proc/self/fd'];
    const inherited = spawnSync('/bin/ls', list.slice(1), { encoding: 'utf8' }).stdout;
    expect(runFixture('exec.mjs', list).stdout.replace(/^\d+\n/, '')).toBe(inherited);
  });

  test('keeps the descriptors that it is told to, and no other', () => {
    const script = 'for fd in $KEPT; do readlink /proc/$$/fd/$fd; done; set -- /proc/$$/fd/*; echo $#';
    const inherited = spawnSync('/bin/sh', ['-c', 'set -- /proc/$$/fd/*; echo $#'], { encoding: 'utf8' }).stdout.trim();
    const { stdout } = runFixture('exec.mjs', ['/bin/sh', '-c', script], ['env', 'KEEP=1']);
    expect(stdout.split('\n').slice(1)).toEqual(['/etc/passwd', '/etc/group', `${Number(inherited) + 2}`, '']);
  });

  test.each([
    { what: 'a program that is not there', keep: '1', program: '/nowhere', code: 'ENOENT' },
    { what: 'a descriptor to keep that is not open', keep: 'bad', program: '/bin/true', code: 'EBADF' },
  ])('that fails for $what leaves close-on-exec as it was', ({ keep, program, code }) => {
    const { stdout } = runFixture('exec.mjs', [program], ['env', `KEEP=${keep}`]);
    expect(stdout).toMatch(new RegExp(`^\\d+\n${code} execve .*\ncaught\n$`));
  });

  test('that fails says why and leaves everything as it was', () => {
    const { stdout, status } = runFixture('exec.mjs', ['/nowhere']);
    expect(stdout).toMatch(/^\d+\nENOENT execve \/nowhere: No such file or directory\ncaught\n$/);
    expect(status).toBe(0);
  });
});

test('closeOnExec lets no program inherit a descriptor', () => {
  const { stdout } = runFixture('close-on-exec.mjs', []);
  expect(stdout).toBe('true\nfalse\nEBADF fcntl F_SETFD: Bad file descriptor\n');
});

test.each([0, 1, 141])('exitNow ends with status %i, listeners heard', (status) => {
  expect(runFixture('exit-now.mjs', [String(status)])).toMatchObject({
    stdout: `exit ${status}\n`,
    stderr: '',
    status,
  });
});

describe('the start time of a process', () => {
  test('is the same whenever it is asked for, and differs from the next one', async () => {
    const own = processStartTime(process.pid);
    expect(own).toBeGreaterThan(0);
    expect(processStartTime(process.pid)).toBe(own);
    const run = new Run();
    const pid = run.start(shell('exec sleep 1000'));
    expect(processStartTime(pid)).toBeGreaterThan(own ?? Number.POSITIVE_INFINITY);
    run.spawner.kill(pid, 9);
    await run.ended(pid);
    expect(processStartTime(pid)).toBeUndefined();
    run.close();
  });
});

test('trimMemory gives back what has been freed between what is in use', () => {
  const { stdout } = runFixture('trim-memory.mjs', []);
  // Of 60 MB.
  expect(Number.parseInt(stdout, 10)).toBeGreaterThan(30);
});
