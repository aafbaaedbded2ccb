import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { native } from '../src/native.js';
import { OutputLog } from '../src/output-log.js';
import { Run, shell } from './helpers/run.js';

let run: Run;
beforeEach(() => {
  run = new Run();
});
afterEach(() => {
  run.close();
});

/** Whose output it is said to be where there is no process. */
const OWNER = 1;

const logged = (command: string, name = 'a.log') =>
  run.start(shell(command, { console: { kind: 'log', path: run.path(name) } }));

/** A process that stops after each line until it is woken: ask for the next with `next`. */
const stepwise = async (lines: readonly string[], name = 'a.log') => {
  const pid = logged(lines.map((line) => `${line}; kill -STOP $$`).join('\n'), name);
  const stops = () => run.events.filter((event) => event.pid === pid && event.kind === 'stopped').length;
  let step = 0;
  const next = async () => {
    if (step > 0) run.spawner.kill(pid, 18);
    step += 1;
    await run.until(() => stops() === step);
  };
  await next();
  return { pid, next };
};

/** The log thread obeys in order: it has done what it was told up to now once the end of a later process is told. */
const settle = async () => run.ended(run.start(shell('', { console: { kind: 'log', path: run.path('settle.log') } })));

/** A log without a process: what `write` has written is in the file when it returns. Ends with the test. */
const source = (name: string, asPipe: boolean) => {
  const ends = native.outputOpen(asPipe, -1);
  if (typeof ends === 'number') throw new Error('no terminal, or no pipe');
  const output = OutputLog.start({}, { onWarning: () => {} });
  output.add([ends.ours], { path: run.path(name) }, OWNER);
  onTestFinished(() => {
    native.closeFd(ends.theirs);
    output.close();
  });
  const write = async (text: string): Promise<void> => {
    writeFileSync(ends.theirs, text);
    await new Promise<void>((resolve) => output.drain(OWNER, resolve));
  };
  return { write };
};

describe('a log', () => {
  test('has the bytes of both outputs as they were written', async () => {
    const output = await run.output(shell('printf "a\\nb\\t\\001\\377"; echo err >&2'));
    expect(output).toBe(Buffer.from('a\nb\t\x01\xfferr\n', 'latin1').toString());
  });

  test('is complete when the end of the process is told', async () => {
    for (let i = 1; i <= 30; i++) expect(await run.output(shell(`seq ${i * 100}`))).toHaveLength(seqLength(i * 100));
  });

  test('keeps the order and every byte of a large output', async () => {
    const output = await run.output(shell('seq 300000'));
    expect(output).toHaveLength(seqLength(300000));
    expect(output.endsWith('\n299999\n300000\n')).toBe(true);
  });

  test('is not created without output', async () => {
    await run.ended(logged('true'));
    expect(readdirSync(run.folder)).toEqual([]);
  });

  test('is created with mode 0640 whatever the umask, and appended to', async () => {
    const umask = process.umask(0o777);
    await run.ended(logged('echo one'));
    process.umask(umask);
    expect(statSync(run.path('a.log')).mode & 0o7777).toBe(0o640);
    chmodSync(run.path('a.log'), 0o600);
    await run.ended(logged('echo two'));
    expect(statSync(run.path('a.log')).mode & 0o7777).toBe(0o600);
    expect(run.read('a.log')).toBe('one\ntwo\n');
  });

  test('is never written through a link', async () => {
    writeFileSync(run.path('target'), 'mine');
    symlinkSync(run.path('target'), run.path('a.log'));
    await run.ended(logged('echo evil'));
    await run.until(() => run.warnings.length > 0);
    expect(run.warnings).toMatchObject([{ kind: 'log-unwritable', path: run.path('a.log') }]);
    expect(run.read('target')).toBe('mine');
  });

  test.each([
    { what: 'a terminal', asPipe: false },
    { what: 'a pipe', asPipe: true },
  ])('is made anew when it was deleted: $what', async ({ asPipe }) => {
    const { write } = source('a.log', asPipe);
    await write('one\n');
    expect(run.read('a.log')).toBe('one\n');
    rmSync(run.path('a.log'));
    await write('two\n');
    expect(run.read('a.log')).toBe('two\n');
  });

  test('goes on for what outlives the main process', async () => {
    const fifo = run.path('fifo');
    await run.ended(run.start(shell(`mkfifo ${fifo}`)));
    await run.ended(logged(`(read go < ${fifo}; echo late) & echo early`));
    expect(run.read('a.log')).toBe('early\n');
    writeFileSync(fifo, 'go\n');
    await readUntil(run.path('a.log'), 'early\nlate\n');
  });

  test('a process that never stops writing does not hold up the end of its parent', async () => {
    const pid = logged('yes & exit 3');
    expect(await run.ended(pid)).toMatchObject({ code: 3 });
    process.kill(-pid, 'SIGKILL');
  });
});

describe('while the directory of a log is missing', () => {
  test('output is kept, and written in order when it is there', async () => {
    const { pid, next } = await stepwise(['echo one', 'echo two'], 'later/a.log');
    await run.until(() => run.warnings.length === 1);
    expect(run.warnings[0]).toMatchObject({ kind: 'log-unwritable', errno: 2 });
    mkdirSync(run.path('later'));
    await next();
    run.spawner.kill(pid, 18);
    await run.ended(pid);
    expect(run.read('later/a.log')).toBe('one\ntwo\n');
    expect(run.warnings).toHaveLength(1);
  });

  test('output of ended processes is kept until the logs are flushed', async () => {
    await run.ended(logged('echo one', 'later/a.log'));
    await run.ended(logged('echo two', 'later/a.log'));
    mkdirSync(run.path('later'));
    run.spawner.flushLogs();
    await settle();
    expect(run.read('later/a.log')).toBe('one\ntwo\n');
  });

  test('what was kept comes before what comes later', async () => {
    await run.ended(logged('echo one', 'later/a.log'));
    mkdirSync(run.path('later'));
    await run.ended(logged('echo two', 'later/a.log'));
    expect(run.read('later/a.log')).toBe('one\ntwo\n');
  });

  test('1 MiB is kept of a log, and the rest is counted', async () => {
    await run.ended(logged('head -c 3000000 /dev/zero', 'later/a.log'));
    mkdirSync(run.path('later'));
    run.spawner.flushLogs();
    await settle();
    await run.until(() => run.warnings.length === 2);
    expect(run.warnings[1]).toMatchObject({ kind: 'log-dropped', bytes: 3000000 - (1 << 20) });
    expect(statSync(run.path('later/a.log')).size).toBe(1 << 20);
  });
});

test('a spawner that is closed has written what was there', async () => {
  const { pid } = await stepwise(['seq 1000']);
  run.spawner.close();
  expect(run.read('a.log')).toHaveLength(seqLength(1000));
  process.kill(pid, 'SIGKILL');
});

test('a pipe serves as well as a terminal', async () => {
  const { write } = source('pipe.log', true);
  await write('through a pipe\n');
  expect(run.read('pipe.log')).toBe('through a pipe\n');
});

test('closing takes in what has not been read yet', () => {
  // Many times, because the thread may happen to be quick.
  for (let i = 0; i < 50; i++) {
    const ends = native.outputOpen(true, -1);
    if (typeof ends === 'number') throw new Error('no pipe');
    writeFileSync(ends.theirs, 'last words\n');
    native.closeFd(ends.theirs);
    const output = OutputLog.start({}, { onWarning: () => {} });
    output.add([ends.ours], { path: run.path(`${i}.log`) }, OWNER);
    output.close();
    expect(run.read(`${i}.log`)).toBe('last words\n');
  }
});

/** Length of what `seq n` writes. */
const seqLength = (n: number): number => Array.from({ length: n }, (_, i) => `${i + 1}\n`).join('').length;

/** Looks at a file again and again, for what nobody reports. */
const readUntil = async (path: string, text: string): Promise<void> => {
  while (readFileSync(path, 'utf8') !== text) await new Promise((resolve) => setImmediate(resolve));
};
