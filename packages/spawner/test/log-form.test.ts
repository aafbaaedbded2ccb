import {
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LogConsole } from '../src/process-spec.js';
import { compile } from './helpers/compile.js';
import { eventually, readOrNothing } from './helpers/log-process.js';
import { runFixture } from './helpers/node.js';
import { Run, shell } from './helpers/run.js';

/** The number of the system call, the same on every machine. */
const OPENAT2 = '437';

let run: Run;
beforeEach(() => {
  run = new Run();
});
afterEach(() => {
  run.close();
});

/** Runs a command to its end with its output in a.log. */
const log = async (command: string, more: Partial<LogConsole> = {}): Promise<number> => {
  const pid = run.start(shell(command, { console: { kind: 'log', path: run.path('a.log'), ...more } }));
  await run.ended(pid);
  return pid;
};

describe.each(['pty', 'pipe'] as const)('the JSON form through a %s', (transport) => {
  const objects = async (command: string, job = 'web'): Promise<Record<string, unknown>[]> => {
    await log(command, { format: 'json', transport, job });
    const lines = run.read('a.log').split('\n');
    expect(lines.pop()).toBe('');
    return lines.map((line) => JSON.parse(line));
  };

  test('has an object a line, with time, stream and job', async () => {
    const before = Date.now();
    const [one, two] = await objects('echo out; sleep 0.05; echo err >&2', 'a "job"\n');
    expect(one).toMatchObject({ stream: 'stdout', job: 'a "job"\n', message: 'out' });
    expect(two).toMatchObject({ stream: 'stderr', job: 'a "job"\n', message: 'err' });
    expect(one?.['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    const at = Date.parse(String(one?.['time']));
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
  });

  test.each([
    { what: 'an empty line', bytes: '\\n', messages: [''] },
    { what: 'quotes and backslashes', bytes: '"a\\\\b"\\n', messages: ['"a\\b"'] },
    { what: 'control characters', bytes: '\\000\\001\\033\\177\\r\\n', messages: ['\0\x01\x1b\x7f\r'] },
    { what: 'UTF-8 of every length', bytes: 'ä€😀\\n', messages: ['ä€😀'] },
    { what: 'a byte that is no UTF-8', bytes: 'a\\377b\\n', messages: ['a\ufffdb'] },
    { what: 'a character that is cut off', bytes: '\\342\\202\\n', messages: ['\ufffd\ufffd'] },
    { what: 'an overlong form, a surrogate', bytes: '\\300\\257\\355\\240\\200\\n', messages: ['\ufffd'.repeat(5)] },
    { what: 'a last line without its newline', bytes: 'one\\ntwo', messages: ['one', 'two'] },
  ])('$what', async ({ bytes, messages }) => {
    const said = await objects(`printf '${bytes}'`);
    expect(said.map(({ message }) => message)).toEqual(messages);
  });

  test('joins what was written in parts', async () => {
    const said = await objects('printf one; sleep 0.05; printf two; sleep 0.05; echo three');
    expect(said.map(({ message }) => message)).toEqual(['onetwothree']);
  });

  test('cuts a line that is too long, but no character of it', async () => {
    const said = await objects(
      "head -c 45000 /dev/zero | tr '\\000' x; i=0; while [ $i -lt 9 ]; do printf €; i=$((i+1)); done; echo",
    );
    expect(said.map(({ partial }) => partial)).toEqual([true, true, undefined]);
    expect(said.map(({ message }) => message).join('')).toBe('x'.repeat(45000) + '€'.repeat(9));
  });

  test('is whole whatever bytes come', async () => {
    const said = await objects('head -c 300000 /dev/urandom; echo');
    expect(said.length).toBeGreaterThan(500);
  });
});

describe('rotation', () => {
  /** All that was logged, the oldest first. */
  const all = (): string => {
    const files = readdirSync(run.folder).sort((a, b) => Number(b.split('.')[2] ?? 0) - Number(a.split('.')[2] ?? 0));
    return files.map((file) => run.read(file)).join('');
  };
  const seq = (n: number): string => Array.from({ length: n }, (_, i) => `${i + 1}\n`).join('');

  test.each(['pty', 'pipe'] as const)('loses and splits no line: %s', async (transport) => {
    await log('seq 20000', { rotate: { bytes: 10_000, keep: 100 }, transport });
    expect(all()).toBe(seq(20000));
    const sizes = readdirSync(run.folder).map((file) => statSync(run.path(file)).size);
    expect(sizes.length).toBeGreaterThan(10);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(10_000);
    for (const file of readdirSync(run.folder)) expect(run.read(file)).toMatch(/\n$/);
  });

  test.skipIf(process.getuid?.() !== 0)(
    'leaves the files to whom they belong, also a deleted one (needs root)',
    async () => {
      writeFileSync(run.path('a.log'), '');
      chownSync(run.path('a.log'), 65534, 65534);
      await log('seq 20000', { rotate: { bytes: 50_000, keep: 9 } });
      const owners = readdirSync(run.folder).map((file) => statSync(run.path(file)).uid);
      expect(owners).toEqual([65534, 65534, 65534]);
      await log(
        `echo one; while ! grep -q one ${run.path('a.log')}; do sleep 0.01; done; rm ${run.path('a.log')}; echo two`,
      );
      expect([run.read('a.log'), statSync(run.path('a.log')).uid]).toEqual(['two\n', 65534]);
    },
  );

  test('keeps as many files as it is told', async () => {
    await log('seq 20000', { rotate: { bytes: 10_000, keep: 2 } });
    expect(readdirSync(run.folder).sort()).toEqual(['a.log', 'a.log.1', 'a.log.2']);
    expect(seq(20000).endsWith(all())).toBe(true);
  });

  test('with none to keep begins the file anew', async () => {
    await log('seq 20000', { rotate: { bytes: 10_000, keep: 0 } });
    expect(readdirSync(run.folder)).toEqual(['a.log']);
  });

  test('leaves a line whole that is longer than a file', async () => {
    const long = "head -c 5000 /dev/zero | tr '\\000' x; echo";
    await log(`echo a; ${long}; echo b; echo c`, { rotate: { bytes: 4, keep: 9 } });
    expect(run.read('a.log.2')).toBe('a\n');
    expect(run.read('a.log.1')).toBe(`${'x'.repeat(5000)}\n`);
    expect(run.read('a.log')).toBe('b\nc\n');
  });

  test('cuts a line that does not end', async () => {
    await log("head -c 5000000 /dev/zero | tr '\\000' x", { rotate: { bytes: 1000, keep: 2 } });
    const sizes = ['a.log.2', 'a.log.1', 'a.log'].map((name) => run.read(name).length);
    expect(readdirSync(run.folder)).toHaveLength(3);
    expect(sizes.slice(0, 2)).toEqual([(1 << 20) + 1000, (1 << 20) + 1000]);
    // What has gone is whole files.
    expect(sizes[2]).toBe(5_000_000 % ((1 << 20) + 1000));
  });

  test('is shared by processes that log to one file', async () => {
    const console = { kind: 'log', path: run.path('a.log'), rotate: { bytes: 5000, keep: 100 } } as const;
    const pids = ['a', 'b', 'c'].map((name) => run.start(shell(`seq -f ${name}%g 2000`, { console })));
    await Promise.all(pids.map((pid) => run.ended(pid)));
    const lines = all().split('\n');
    for (const name of ['a', 'b', 'c'])
      expect(lines.filter((line) => line.startsWith(name))).toEqual(
        Array.from({ length: 2000 }, (_, i) => name + (i + 1)),
      );
  });

  test('that can not be done lets the file grow, with a warning', async () => {
    mkdirSync(run.path('a.log.1'));
    writeFileSync(run.path('a.log.1/x'), '');
    await log('seq 3000', { rotate: { bytes: 1000, keep: 1 } });
    await run.until(() => run.warnings.length > 0);
    expect(run.warnings).toMatchObject([{ kind: 'log-unrotated', path: run.path('a.log') }]);
    expect(run.read('a.log')).toBe(seq(3000));
  });

  test('by others is followed when it is asked for', async () => {
    const fifo = run.path('fifo');
    await run.ended(run.start(shell(`mkfifo ${fifo}`)));
    const pid = run.start(
      shell(`echo one; read go < ${fifo}; echo two`, { console: { kind: 'log', path: run.path('a.log') } }),
    );
    await eventually(() => readOrNothing(run.path('a.log')) === 'one\n');
    renameSync(run.path('a.log'), run.path('a.log.old'));
    run.spawner.reopenLogs();
    writeFileSync(fifo, 'go\n');
    await run.ended(pid);
    expect(run.read('a.log')).toBe('two\n');
    expect(run.read('a.log.old')).toBe('one\n');
  });
});

describe('a log beneath a root', () => {
  test('is found by its path inside, also through links that stay there', async () => {
    mkdirSync(run.path('root/var/real'), { recursive: true });
    symlinkSync('/var/real', run.path('root/var/log'));
    await log('echo in', { root: run.path('root'), path: '/var/log/a.log' });
    expect(run.read('root/var/real/a.log')).toBe('in\n');
  });

  test.each([
    { what: 'a link that leads out', link: '../../../../../../../../..' },
    { what: 'a link to the top', link: '/' },
  ])('never leaves it: $what', async ({ link }) => {
    mkdirSync(run.path('root/x'), { recursive: true });
    symlinkSync(link, run.path('root/x/out'));
    await log('echo in', { root: run.path('root'), path: `/x/out${run.folder}/evil.log` });
    run.spawner.flushLogs();
    await run.until(() => run.warnings.length > 0);
    expect(readdirSync(run.folder)).toEqual(['root']);
  });

  test('is found on a kernel without openat2, which follows no link at all', () => {
    const oldKernel = run.path('old-kernel');
    expect(compile('old-kernel.c', oldKernel)).toBe(true);
    mkdirSync(run.path('root/var/real'), { recursive: true });
    symlinkSync('real', run.path('root/var/link'));
    const logged = (path: string): string => {
      const args = [path, 'echo in', run.path('root')];
      return runFixture('logged.mjs', args, [oldKernel, OPENAT2]).stdout;
    };
    expect(logged('/var/real/a.log')).toBe('exited\n');
    expect(run.read('root/var/real/a.log')).toBe('in\n');
    expect(logged('/var/link/b.log')).toMatch(/^log-unwritable /m);
    expect(logged('/var/../var/real/c.log')).toMatch(/^log-unwritable /m);
    expect(readdirSync(run.path('root/var/real'))).toEqual(['a.log']);
  });

  test('is never written through a link itself', async () => {
    mkdirSync(run.path('root'));
    writeFileSync(run.path('root/target'), 'mine');
    symlinkSync('target', run.path('root/a.log'));
    await log('echo evil', { root: run.path('root'), path: '/a.log' });
    await run.until(() => run.warnings.length > 0);
    expect(readFileSync(run.path('root/target'), 'utf8')).toBe('mine');
  });
});
