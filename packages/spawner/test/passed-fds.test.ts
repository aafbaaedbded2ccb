import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { scriptFd } from '../src/passed-fds.js';
import type { ProcessSpec } from '../src/process-spec.js';
import { compile, compileStatic } from './helpers/compile.js';
import { runFixture } from './helpers/node.js';
import { Run, shell } from './helpers/run.js';

const CLOSE_RANGE = '436';

/** A number that nothing of the test runner's own is likely to have. */
const FAR = 700;

/** What is compiled once for all tests. */
const tools = mkdtempSync(join(tmpdir(), 'maverick-tools-'));
const [LIST, OLD_KERNEL] = [join(tools, 'list-fds'), join(tools, 'old-kernel')] as const;
let run: Run;
beforeAll(() => {
  expect(compile('list-fds.c', LIST)).toBe(true);
  expect(compile('old-kernel.c', OLD_KERNEL)).toBe(true);
});
afterAll(() => {
  rmSync(tools, { recursive: true });
});
beforeEach(() => {
  run = new Run();
});
afterEach(() => {
  for (const fd of opened.splice(0)) closeSync(fd);
  run.close();
});

const opened: number[] = [];

/** Opens a new file of a name. */
const open = (name: string): number => {
  writeFileSync(run.path(name), '');
  const fd = openSync(run.path(name), 'r+');
  opened.push(fd);
  return fd;
};

/** The descriptors of a process, by what they are: of a file in the folder its name, of a terminal just that. */
const list = async (spec: Partial<ProcessSpec>): Promise<Record<string, string>> => {
  const output = await run.output({ ...shell(''), argv: [LIST], ...spec });
  const rows = output.matchAll(/^(\d+) (?:\/(?:.*\/)?(\S+).*)$/gm);
  return Object.fromEntries([...rows].map(([, fd = '', name = '']) => [fd, /^\d+$/.test(name) ? 'terminal' : name]));
};

const STANDARD = { 0: 'null', 1: 'terminal', 2: 'terminal' };

describe('a process has its own descriptors and no others', () => {
  /** Every combination of what can be asked for; numbers are chosen so that sources and targets overlap. */
  const combinations = [0, 1, 7].flatMap((sockets) =>
    [undefined, 'echo'].flatMap((script) =>
      [false, true].flatMap((inherits) =>
        [undefined, {}, { target: FAR }].flatMap((ready) =>
          [false, true].map((pause) => ({ sockets, script, inherits, ready, pause })),
        ),
      ),
    ),
  );

  test.each(combinations)(
    '$sockets sockets, script $script, inherits $inherits, ready $ready, pause $pause',
    async (row) => {
      const names = Array.from({ length: row.sockets }, (_, index) => `socket-${index}`);
      // Last first, so that sources go down where targets go up.
      const fds = names.toReversed().map((name) => ({ name, fd: open(name) }));
      const inherit = row.inherits ? openSync(import.meta.filename, 'r') : undefined;
      if (inherit !== undefined) opened.push(inherit);
      const spec = {
        ...(row.script === undefined ? {} : { script: row.script }),
        ...(fds.length === 0 ? {} : { listenFds: fds.toReversed() }),
        ...(inherit === undefined ? {} : { inheritFds: [inherit] }),
        ...(row.ready === undefined ? {} : { readyFd: { fd: open('ready'), ...row.ready } }),
        pause: row.pause,
      };
      const place = scriptFd(spec);
      if (row.pause) goOn();
      const firstFree = [3, 4, 5, 6, 7, 8, 9, 10, 11].find((fd) => fd >= 3 + row.sockets && fd !== inherit);
      expect(await list(spec)).toEqual({
        ...STANDARD,
        ...Object.fromEntries(names.map((name, index) => [3 + index, name])),
        ...(inherit === undefined ? {} : { [inherit]: 'passed-fds.test.ts' }),
        ...(row.ready === undefined ? {} : { [row.ready.target ?? firstFree ?? -1]: 'ready' }),
        ...(row.script === undefined ? {} : { [place]: 'memfd:script' }),
      });
    },
  );

  /** Lets a paused process go on once it has stopped. */
  const goOn = (): void => {
    void run
      .until(() => run.events.find(({ kind }) => kind === 'stopped'))
      .then(({ pid }) => run.spawner.kill(pid, 18));
  };

  test('a process that has stopped before its program holds nothing else either', async () => {
    const spec = { listenFds: [{ fd: open('a') }, { fd: open('b') }], script: 'echo', pause: true };
    const pid = run.start({ ...shell('exit'), ...spec });
    await run.until(() => run.events.find(({ kind }) => kind === 'stopped'));
    // 10 is the pipe on which a failing exec is told.
    expect(
      readdirSync(`/proc/${pid}/fd`)
        .map(Number)
        .toSorted((a, b) => a - b),
    ).toEqual([0, 1, 2, 3, 4, 9, 10]);
  });

  test('standard descriptors can be any of the parent, also one another', async () => {
    const [input, output] = [open('input'), open('output')];
    expect(await list({ stdio: { input, error: output } })).toEqual({ 0: 'input', 1: 'terminal', 2: 'output' });
    expect(await list({ stdio: { input: output, error: output } })).toMatchObject({ 0: 'output', 2: 'output' });
    const swapped = runFixture(
      'spawn.mjs',
      [JSON.stringify({ argv: [LIST], stdio: { input: 2, error: 0 } })],
      [],
      [input, 'pipe', output],
    );
    expect(swapped.stdout).toMatch(/^0 \S+\/output\n1 \S+\n2 \S+\/input\n\{/);
  });

  test('on a kernel that can not close a range', () => {
    const fds = [openSync('/dev/zero', 'r'), openSync('/dev/full', 'r')];
    opened.push(...fds);
    const specs = [false, true].map((pause) => JSON.stringify({ argv: [LIST], inheritFds: [4], pause }));
    // Standard input, two more that are not close-on-exec, and whatever Node has.
    const { stdout, stderr } = runFixture(
      'spawn.mjs',
      specs,
      [OLD_KERNEL, CLOSE_RANGE],
      ['ignore', 'pipe', 'pipe', ...fds],
    );
    const listed = /0 \/dev\/null\n1 \S+\n2 \S+\n4 \/dev\/full\n\{"kind":"exited","code":0\}\n/.source;
    expect(stderr).toBe('');
    expect(stdout).toMatch(new RegExp(`^${listed}\\{"kind":"stopped","signal":19\\}\n${listed}$`));
  });
});

describe('sockets', () => {
  const env = async (spec: Partial<ProcessSpec>): Promise<string[]> =>
    (await run.output(shell('echo own $$; env | grep -v ^PWD', spec))).trim().split('\n');

  test('are told of in the ways of old and of today, with the pid of the process itself', async () => {
    const fds = { listenFds: [{ fd: open('a'), name: 'web' }, { fd: open('b') }] };
    const [own = '', ...rest] = await env({ ...fds, env: ['PATH=/bin:/usr/bin', 'LISTEN_PID=1', 'A=1'] });
    expect(rest.toSorted()).toEqual([
      'A=1',
      'LISTEN_FDNAMES=web:unknown',
      'LISTEN_FDS=2',
      `LISTEN_PID=${own.slice(4)}`,
      'PATH=/bin:/usr/bin',
      'UPSTART_FD=3',
      'UPSTART_FDS=3 4',
    ]);
  });

  test('that are not there leave the environment as it was given', async () => {
    const [, ...rest] = await env({ listenFds: [], env: ['PATH=/bin:/usr/bin', 'LISTEN_FDS=x'] });
    expect(rest.toSorted()).toEqual(['LISTEN_FDS=x', 'PATH=/bin:/usr/bin']);
  });

  test.each([
    { sockets: 6, place: 9 },
    { sockets: 7, place: 10 },
    { sockets: 20, place: 23 },
  ])('$sockets of them leave place $place for the script', async ({ sockets, place }) => {
    const spec = { listenFds: Array.from({ length: sockets }, (_, index) => ({ fd: open(`socket-${index}`) })) };
    expect(scriptFd(spec)).toBe(place);
    const argv = ['/bin/sh', '-e', `/proc/self/fd/${place}`];
    const script = 'echo from $0 $LISTEN_FDS\necho and $(readlink /proc/$$/fd/$((2 + LISTEN_FDS)))';
    expect(await run.output({ ...shell(''), ...spec, argv, script })).toBe(
      `from /proc/self/fd/${place} ${sockets}\nand ${run.path(`socket-${sockets - 1}`)}\n`,
    );
  });
});

test('a descriptor for readiness is told by a variable, or has the number that was asked for', async () => {
  const fd = open('ready');
  const told = { readyFd: { fd, variable: 'READY_FD' }, listenFds: [{ fd: open('socket') }] };
  await run.ended(run.start(shell('eval "echo told >&$READY_FD"', told)));
  expect(run.read('ready')).toBe('told\n');
  await run.ended(run.start(shell('echo known >&7', { readyFd: { fd, target: 7 } })));
  expect(run.read('ready')).toBe('told\nknown\n');
});

test('the place for notices is told by NOTIFY_SOCKET', async () => {
  const spec = { notifySocket: '@notices', env: ['NOTIFY_SOCKET=/old', 'PATH=/bin'] };
  expect(await run.output(shell('echo $NOTIFY_SOCKET', spec))).toBe('@notices\n');
});

test('10,000 processes leave as many descriptors and as much memory as before', async () => {
  const resident = (): number => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
  const mappings = (): number => readFileSync('/proc/self/maps', 'utf8').split('\n').length;
  const nothing = run.path('nothing');
  // Without libraries to be found it starts in half the time.
  expect(compileStatic('nothing.c', nothing) || compile('nothing.c', nothing)).toBe(true);
  const batch = async (count: number): Promise<void> => {
    const until = run.events.length + count;
    for (let i = 0; i < count; i++) run.start({ argv: [nothing], env: [], console: { kind: 'none' } });
    await run.until(() => run.events.length === until);
  };
  for (let i = 0; i < 4; i++) await batch(250);
  const before = { fds: readdirSync('/proc/self/fd').length, resident: resident(), mappings: mappings() };
  for (let i = 0; i < 40; i++) await batch(250);
  expect(readdirSync('/proc/self/fd')).toHaveLength(before.fds);
  // Far less than a stack, a plan or a handle of each process would be: V8's own heap moves by some MiB.
  expect(resident() - before.resident).toBeLessThan(24 * 1024);
  expect(mappings() - before.mappings).toBeLessThan(200);
}, 600_000);
