import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { LogProcess } from '../src/log-process.js';
import { encodeEntry, encodeRequest, LOG_PROTOCOL, type LogNotice } from '../src/log-protocol.js';
import { native } from '../src/native.js';
import { Spawner } from '../src/spawner.js';
import { eventually, isRunning, logProcessAt, logProcessOf, openFiles, readOrNothing } from './helpers/log-process.js';
import { LoggingDaemon } from './helpers/logging-daemon.js';
import { isRoot, Run, shell } from './helpers/run.js';

const { SIGKILL, SIGSTOP, SIGCONT } = constants.signals;

let run: Run;
beforeEach(() => {
  run = new Run();
});
afterEach(() => {
  run.close();
});

const logged = (command: string, transport: 'pty' | 'pipe' = 'pty'): number =>
  run.start(shell(command, { console: { kind: 'log', path: run.path('a.log'), transport } }));

/** The log process, once the log has these contents. */
const logProcess = async (contents: string): Promise<number> => {
  await eventually(() => readOrNothing(run.path('a.log')) === contents);
  return eventually(() => logProcessOf(run.path('a.log')));
};

/** A shell command that waits until `go` is called with its number. Each has a FIFO of its own: two readers would race. */
const wait = (gate = 1): string => {
  spawnSync('mkfifo', [run.path(`gate-${gate}`)]);
  return `read go < ${run.path(`gate-${gate}`)}`;
};
const go = (gate = 1): void => writeFileSync(run.path(`gate-${gate}`), 'go\n');

describe('a log process', () => {
  test('needs well under 1 MiB, and holds nothing but what it logs', async () => {
    const pid = logged(`echo one; ${wait()}`);
    const process = await logProcess('one\n');
    const memory = readFileSync(`/proc/${process}/smaps_rollup`, 'utf8');
    const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(memory)?.[1]);
    expect(kib('Private_Dirty')).toBeLessThan(300);
    expect(kib('Pss')).toBeLessThan(1024);
    const terminalAndFile = ['/dev/ptmx', run.path('a.log')];
    const tray = ['/dev/null', 'pipe', 'pipe', 'pipe', 'pipe', '/memfd'];
    const expected = ['/dev/null', '/dev/null', '/dev/null', 'socket', 'anon_inode', ...terminalAndFile, ...tray];
    expect(
      openFiles(process)
        .map((file) => file.replace(/:.*/, ''))
        .sort(),
    ).toEqual(expected.sort());
    go();
    await run.ended(pid);
  });

  test('is one for all, and ends when there is neither a daemon nor output to come', async () => {
    const pid = logged(`echo one; ${wait()}`);
    const process = await logProcess('one\n');
    await run.ended(run.start(shell('echo two', { console: { kind: 'log', path: run.path('b.log') } })));
    expect(logProcessOf(run.path('a.log'))).toBe(process);
    run.spawner.close();
    expect(isRunning(process)).toBe(true);
    go();
    await eventually(() => !isRunning(process));
    expect(isRunning(pid)).toBe(false);
  });

  test.each(['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGPIPE', 'SIGALRM', 'SIGTSTP'] as const)(
    'is not impressed by %s',
    async (signal) => {
      const pid = logged(`echo one; ${wait()}; echo two`);
      const log = await logProcess('one\n');
      process.kill(log, signal);
      go();
      await run.ended(pid);
      expect(run.read('a.log')).toBe('one\ntwo\n');
      expect(isRunning(log)).toBe(true);
    },
  );

  test('is in a session of its own, with every signal free to be delivered', async () => {
    const pid = logged(`echo one; ${wait()}`);
    const log = await logProcess('one\n');
    const status = readFileSync(`/proc/${log}/status`, 'utf8');
    expect(status).toMatch(/^SigBlk:\s+0+$/m);
    const [, , , session] = readFileSync(`/proc/${log}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
    const [, , , own] = readFileSync('/proc/self/stat', 'latin1').split(') ')[1]?.split(' ') ?? [];
    expect(session).not.toBe(own);
    go();
    await run.ended(pid);
  });
});

describe('a log process that is killed', () => {
  test.each(['pty', 'pipe'] as const)(
    'is replaced, and what is still to be read is not lost: %s',
    async (transport) => {
      const pid = logged(`echo one; ${wait(1)}; echo two; ${wait(2)}; echo three`, transport);
      process.kill(await logProcess('one\n'), SIGSTOP);
      go();
      process.kill(await logProcess('one\n'), SIGKILL);
      const next = await logProcess('one\ntwo\n');
      process.kill(next, SIGKILL);
      go(2);
      await run.ended(pid);
      expect(run.read('a.log')).toBe('one\ntwo\nthree\n');
      expect(run.warnings.map(({ kind }) => kind)).toContain('log-process');
    },
  );

  /** How many numbers, one a line, are too much for the time between two kills. */
  const FLOOD = 400_000;
  const flood = Array.from({ length: FLOOD }, (_, i) => `${i + 1}\n`).join('');

  /** The file and those that were put away, the oldest first. One may be on its way to another name meanwhile. */
  const written = (): string =>
    readdirSync(run.folder)
      .filter((name) => name.startsWith('a.log'))
      .map((name) => Number(name.slice('a.log.'.length)))
      .sort((a, b) => b - a)
      .map((number) => readOrNothing(run.path(number === 0 ? 'a.log' : `a.log.${number}`)))
      .join('');

  /** Kills the log process again and again while output comes. */
  const killDuring = async (pid: number): Promise<void> => {
    for (const size of [10_000, 400_000, 800_000, 1_200_000]) {
      await eventually(() => written().length > size);
      const log = logProcessOf(run.path('a.log'));
      if (log !== undefined) process.kill(log, SIGKILL);
    }
    await run.ended(pid);
  };

  test.each([
    { what: 'pty', how: { transport: 'pty' } },
    { what: 'pipe', how: { transport: 'pipe' } },
    { what: 'pty, files of a size', how: { transport: 'pty', rotate: { bytes: 100_000, keep: 50 } } },
    { what: 'pipe, files of a size', how: { transport: 'pipe', rotate: { bytes: 100_000, keep: 50 } } },
  ] as const)('in the middle of a flood loses nothing, and writes nothing twice: $what', async ({ how }) => {
    const console = { kind: 'log', path: run.path('a.log'), ...how } as const;
    await killDuring(run.start(shell(`seq ${FLOOD}`, { console })));
    expect(written() === flood).toBe(true);
  });

  test('loses nothing either when another daemon than the first one replaces it', async () => {
    const address = `@maverick-log-test-${process.pid}-${Math.random()}`;
    const first = new LoggingDaemon(address, run.path('a.log'), `echo one; ${wait()}; seq ${FLOOD}`);
    await first.said(/^ready$/);
    await logProcess('one\n');
    await first.kill();
    const next = new Run({ log: { address }, reapStrangers: false });
    onTestFinished(() => next.close());
    go();
    for (const size of [10_000, 800_000]) {
      await eventually(() => written().length > size);
      const log = logProcessAt(address);
      if (log !== undefined) process.kill(log, SIGKILL);
    }
    await eventually(() => written().length >= flood.length + 4);
    expect(written() === `one\n${flood}`).toBe(true);
  });

  test('does not keep the end of a process from being told', async () => {
    const pid = logged(`echo one; ${wait()}; echo two`);
    const log = await logProcess('one\n');
    process.kill(log, SIGSTOP);
    go();
    await eventually(() => !isRunning(pid));
    process.kill(log, SIGKILL);
    await run.ended(pid);
    expect(run.read('a.log')).toBe('one\ntwo\n');
  });
});

describe('a log process that hangs', () => {
  test('delays the end of a process only so long, says so once, and catches up', async () => {
    run.close();
    run = new Run({ log: { drainTimeoutMs: 50 } });
    const pid = logged(`echo one; ${wait()}; echo two`);
    const log = await logProcess('one\n');
    process.kill(log, SIGSTOP);
    go();
    await run.ended(pid);
    const later = Array.from({ length: 5 }, () => logged('echo three'));
    await Promise.all(later.map((each) => run.ended(each)));
    expect(run.warnings).toMatchObject([{ kind: 'log-process' }]);
    process.kill(log, SIGCONT);
    await eventually(() => readOrNothing(run.path('a.log')) === `one\ntwo\n${'three\n'.repeat(5)}`);
    await run.ended(logged('echo four'));
    await eventually(() => run.read('a.log').endsWith('four\n'));
    expect(isRunning(log)).toBe(true);
  });
});

describe('a daemon that is killed', () => {
  const unique = (): string => `@maverick-log-test-${process.pid}-${Math.random()}`;

  test.each([
    { what: 'an abstract name', address: unique },
    { what: 'a path', address: () => run.path('log.socket') },
  ])('leaves output flowing, and the next takes it over: $what', async ({ address: make }) => {
    const address = make();
    const path = run.path('a.log');
    const command = `echo one; ${wait(1)}; echo two; ${wait(2)}; echo three; ${wait(3)}; echo four`;
    const first = new LoggingDaemon(address, path, command);
    await first.said(/^ready$/);
    const log = await logProcess('one\n');
    await first.kill();
    go();
    expect(await logProcess('one\ntwo\n')).toBe(log);

    const second = new LoggingDaemon(address, path);
    await second.said(/^ready$/);
    go(2);
    expect(await logProcess('one\ntwo\nthree\n')).toBe(log);
    // It has got duplicates: the log process can be replaced under it.
    process.kill(log, SIGKILL);
    await second.said(/another takes its place/);
    go(3);
    await eventually(() => run.read('a.log') === 'one\ntwo\nthree\nfour\n');
    second.tell('end');
    await eventually(() => logProcessAt(address) === undefined);
    expect(existsSync(run.path('log.socket'))).toBe(false);
  });

  test('finds a log process of another program busy with its own daemon, and starts one', async () => {
    const address = unique();
    const first = new LoggingDaemon(address, run.path('a.log'), `echo one; ${wait()}; echo two`);
    await first.said(/^ready$/);
    await logProcess('one\n');
    const second = new LoggingDaemon(address, run.path('b.log'), 'echo three');
    await second.said(/can't be taken over.*busy/i);
    await second.said(/^exited/);
    expect(run.read('b.log')).toBe('three\n');
    go();
    await first.said(/^exited/);
    expect(run.read('a.log')).toBe('one\ntwo\n');
  });

  test.skipIf(!isRoot)('is not to be followed by another user', async () => {
    const address = unique();
    const first = new LoggingDaemon(address, run.path('a.log'), `echo one; ${wait()}; echo two`);
    await first.said(/^ready$/);
    await logProcess('one\n');
    await first.kill();
    // As somebody else this thread alone connects, and hears nothing but the end.
    process.seteuid?.(65534);
    const fd = native.logConnect(address);
    process.seteuid?.(0);
    expect(fd).toBeGreaterThan(0);
    native.logWait(fd, 10_000);
    expect(native.socketReceive(fd, Buffer.alloc(100), [])).toBe(0);
    native.closeFd(fd);
    go();
    await eventually(() => run.read('a.log') === 'one\ntwo\n');
  });

  test('that becomes another program keeps its log process, and hears of its children', async () => {
    const command = `echo one; ${wait()}; echo two`;
    const daemon = new LoggingDaemon('-', run.path('a.log'), command);
    const [, pid] = await daemon.said(/^pid (\d+)/);
    await daemon.said(/^ready$/);
    const log = await logProcess('one\n');
    daemon.tell('exec');
    await daemon.said(/^ready$/);
    go();
    const [, ended] = await daemon.said(/^exited (\d+)/);
    expect(ended).toBe(pid);
    expect(run.read('a.log')).toBe('one\ntwo\n');
    expect(isRunning(log)).toBe(true);
    daemon.tell('end');
    await eventually(() => !isRunning(log));
  });
});

describe('logs that pause', () => {
  test('hold no file; the output is there when they go on', async () => {
    const pid = logged(`echo one; ${wait()}; echo two`);
    const log = await logProcess('one\n');
    await run.spawner.pauseLogs();
    await eventually(() => !isRunning(log));
    go();
    await run.ended(pid);
    expect(run.read('a.log')).toBe('one\n');
    run.spawner.resumeLogs();
    await eventually(() => run.read('a.log') === 'one\ntwo\n');
    expect(run.warnings).toEqual([]);
  });
});

describe('malformed messages', () => {
  const connect = (): { readonly log: LogProcess; readonly heard: LogNotice[]; readonly gone: () => boolean } => {
    const heard: LogNotice[] = [];
    let isGone = false;
    const log = LogProcess.start({
      onNotice: (notice) => heard.push({ ...notice, payload: Buffer.from(notice.payload) }),
      onGone: () => {
        isGone = true;
      },
    });
    onTestFinished(() => log.close());
    return { log, heard, gone: () => isGone };
  };

  test('are ignored: the log process goes on', () => {
    const { log, heard, gone } = connect();
    const path = run.path('a.log');
    const add = encodeEntry({ settings: { path }, pid: 1, firstSource: 0 });
    const wrong = [
      Buffer.from('x'),
      encodeRequest('hello', 0, 1).subarray(0, 15),
      encodeRequest('add', 1),
      encodeRequest('add', 0, 0, add),
      encodeRequest('add', 1, 0, add.subarray(0, 20)),
      encodeRequest('add', 1, 0, Buffer.alloc(11_000, 0xff)),
      encodeRequest('add', 1, 0, encodeEntry({ settings: { path: 'relative' }, pid: 1, firstSource: 0 })),
      encodeRequest('add', 1, 0, encodeEntry({ settings: { path: '/directory/' }, pid: 1, firstSource: 0 })),
      encodeRequest('add', 1, 0, encodeEntry({ settings: { path }, pid: 1, firstSource: 9 })),
      encodeRequest('drain', 77, 1),
      ...Array.from({ length: 300 }, () => Buffer.from(Array.from({ length: 40 }, () => Math.random() * 256))),
    ];
    for (const bytes of wrong) log.send(() => ({ bytes, fds: [0] }));
    for (const bytes of wrong) log.send(() => ({ bytes, fds: [] }));
    log.send(() => ({ bytes: encodeRequest('list'), fds: [] }));
    log.waitFor(() => heard.some(({ kind }) => kind === 'list-end'), 10_000);
    expect(gone()).toBe(false);
    expect(heard.map(({ kind }) => kind)).not.toContain('listed');
  });

  test('of another version are refused', () => {
    const { log, heard, gone } = connect();
    log.send(() => ({ bytes: encodeRequest('hello', 0, 99), fds: [] }));
    log.waitFor(() => false, 10_000);
    expect(gone()).toBe(true);
    expect(heard.at(-1)).toMatchObject({ kind: 'refused', log: constants.errno.EPROTO, number: LOG_PROTOCOL });
  });

  test('do not make it keep descriptors', () => {
    const { log, heard } = connect();
    for (let i = 0; i < 2000; i++) log.send(() => ({ bytes: encodeRequest('flush'), fds: [0, 0] }));
    log.send(() => ({ bytes: encodeRequest('list'), fds: [] }));
    log.waitFor(() => heard.some(({ kind }) => kind === 'list-end'), 10_000);
    const pid = heard.find(({ kind }) => kind === 'welcome')?.number ?? 0;
    expect(openFiles(pid).length).toBeLessThan(8);
  });
});

test('a spawner leaves no log process behind that has nothing to do', async () => {
  const address = `@maverick-log-test-${process.pid}-idle`;
  const spawner = new Spawner({ onChild: () => {}, log: { address } });
  const result = spawner.spawn(shell('', { console: { kind: 'log', path: run.path('b.log') } }));
  await eventually(() => logProcessAt(address));
  spawner.close();
  await eventually(() => logProcessAt(address) === undefined);
  expect(result.ok).toBe(true);
  rmSync(run.path('b.log'), { force: true });
});
