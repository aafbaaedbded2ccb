import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { connect } from '@maverick/dbus';
import { expect, onTestFinished, test, vi } from 'vitest';
import { TestDaemon } from './helpers/test-daemon.js';

vi.setConfig({ testTimeout: 120_000 });

/** How long to look at most; the machine may be busy. */
const SOON = { timeout: 60_000 };

/** The kernel's flag in `/proc/PID/fdinfo/FD`, the same on the machines that Node runs on. */
const O_CLOEXEC = 0o2000000;

/** Reads its descriptors out, as a program that is started anew would use them. */
const READS = [
  'start on file-event',
  'respawn',
  'script',
  '  for fd in $UPSTART_FDS; do echo "$(readlink /proc/self/fd/$fd): $(cat /proc/self/fd/$fd)"; done > $HOME/seen',
  '  exec sleep 1000',
  'end script',
].join('\n');

const client = async (daemon: TestDaemon) => {
  const upstart = await connect(daemon.address);
  onTestFinished(() => upstart.close());
  await upstart.version();
  return upstart;
};

/** The descriptors of a process that are this file. */
const holding = (pid: number, { dev, ino }: { dev: number; ino: number }): number[] =>
  readdirSync(`/proc/${pid}/fd`)
    .filter((fd) => {
      const file = statSync(`/proc/${pid}/fd/${fd}`, { throwIfNoEntry: false });
      return file?.dev === dev && file.ino === ino;
    })
    .map(Number);

/** One that was closed meanwhile is nobody's any more. */
const infoOf = (pid: number, fd: string): string => {
  try {
    return readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8');
  } catch {
    return `flags:\t0${O_CLOEXEC.toString(8)}\n`;
  }
};

/** The descriptors of a process that a program which it executes would get, without the standard ones. */
const inheritable = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/fdinfo`).filter((fd) => {
    const [, flags = ''] = /^flags:\t(\d+)$/m.exec(infoOf(pid, fd)) ?? [];
    return Number(fd) > 2 && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  });

const SERVICE = 'start on startup\nexec sleep 1000\n';

/** A file in the daemon's home, opened. */
const openFile = (daemon: TestDaemon, name: string) => {
  const path = join(daemon.home, name);
  writeFileSync(path, `content of ${name}`);
  const fd = openSync(path, 'r');
  onTestFinished(() => closeSync(fd));
  return { path, fd, file: fstatSync(fd) };
};

test('the descriptor of an event reaches the process that is started after a re-exec', async () => {
  const daemon = new TestDaemon({ files: { 'given.conf': READS } });
  await vi.waitFor(() => statSync(daemon.sessionFile), SOON);
  const { path, fd, file } = openFile(daemon, 'the file');
  const upstart = await client(daemon);
  const seen = (): string => readFileSync(join(daemon.home, 'seen'), 'utf8');
  const wanted = `${path}: content of the file\n`;

  await upstart.emitWithFile('file-event', fd);
  await expect.poll(seen, SOON).toBe(wanted);
  const [first] = await daemon.out.match(/given +.*running, process \d+/);
  const pid = Number(/\d+$/.exec(first));
  for (let time = 0; time < 2; time += 1) {
    await upstart.restart();
    expect(holding(daemon.pid, file)).toHaveLength(1);
  }
  // The process that was there goes on with its own.
  expect(holding(pid, file)).not.toEqual([]);

  writeFileSync(join(daemon.home, 'seen'), '');
  process.kill(pid, 'SIGKILL');
  await expect.poll(seen, SOON).toBe(wanted);

  await upstart.job('given').stop();
  await expect.poll(() => holding(daemon.pid, file), SOON).toEqual([]);
});

test('the descriptor of an event that has not finished reaches what waits for it over a re-exec', async () => {
  const blocks = 'start on file-event\ntask\nscript\n  while [ ! -e go ]; do sleep 0.02; done\nend script\n';
  const daemon = new TestDaemon({
    files: { 'blocks.conf': blocks, 'given.conf': READS.replace('file-event', 'file-event and stopped blocks') },
  });
  await vi.waitFor(() => statSync(daemon.sessionFile), SOON);
  const { path, fd, file } = openFile(daemon, 'late');
  const upstart = await client(daemon);
  const emitted = upstart.emitWithFile('file-event', fd);
  await daemon.out.match(/blocks +.*running/);
  await (await client(daemon)).restart();
  expect(holding(daemon.pid, file)).not.toEqual([]);
  writeFileSync(join(daemon.home, 'go'), '');
  await emitted;
  await expect.poll(() => readFileSync(join(daemon.home, 'seen'), 'utf8'), SOON).toBe(`${path}: content of late\n`);
});

test('everything that a re-exec keeps open is close-on-exec again', async () => {
  const notifies = 'start on startup\nexpect notify\nexec sleep 1000\n';
  const daemon = new TestDaemon({
    files: { 'given.conf': READS, 'web.conf': 'start on startup\nexec sleep 1000\n', 'notifies.conf': notifies },
  });
  await daemon.out.match(/web +.*running/);
  const { fd, file } = openFile(daemon, 'the file');
  // Node itself marks the lowest ones at its start, up to the first gap.
  const clients = await Promise.all(Array.from({ length: 40 }, () => client(daemon)));
  for (const some of clients.splice(0, 30)) some.close();
  const [upstart] = clients;
  await upstart?.emitWithFile('file-event', fd);
  // What the daemon was given itself.
  const given = inheritable(daemon.pid);
  await upstart?.restart();
  expect(holding(daemon.pid, file)).toHaveLength(1);
  expect(inheritable(daemon.pid)).toEqual(given);
});

/** What a process has open, without the numbers that differ from time to time. */
const openOf = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/fd`)
    .flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${fd}`).replace(/\d+/g, 'N')];
      } catch {
        // It was open for a moment.
        return [];
      }
    })
    .sort();

test.each(['cut off', 'no JSON at all', 'empty', 'without its descriptors'])(
  'of a state that is %s nothing stays open, and the daemon answers where it did',
  async (damage) => {
    const notifies = 'start on startup\nexpect notify\nexec sleep 1000\n';
    const ready = 'start on startup\nexpect fd 3\nexec sleep 1000\n';
    const daemon = new TestDaemon({
      files: { 'given.conf': READS, 'web.conf': SERVICE, 'notifies.conf': notifies, 'ready.conf': ready },
      program: join(import.meta.dirname, 'fixtures/damaged-state.mjs'),
      env: { DAMAGE: damage },
    });
    const [, web] = await daemon.out.match(/web +.*running, process (\d+)/);
    const { fd, file } = openFile(daemon, 'the file');
    const clients = await Promise.all(Array.from({ length: 20 }, () => client(daemon)));
    await clients[0]?.emitWithFile('file-event', fd);
    await daemon.out.match(/given +.*running/);
    const given = inheritable(daemon.pid);
    const asked = clients.map((some) => some.restart());
    await daemon.err.match(/init: Unable to read the state of the daemon before: /);
    // Nobody is left waiting at a connection that nobody reads.
    await Promise.all(asked);
    // What is kept for after a crash is there all the same.
    await daemon.err.match(/init: Taken over from a supervisor that died: 4 processes, 0 ended meanwhile\n/);
    expect(daemon.err.text).not.toMatch(/Unable to (?:listen|keep)/);
    const upstart = await vi.waitFor(() => client(daemon), SOON);
    expect(holding(daemon.pid, file)).toEqual([]);
    expect(given).toEqual(expect.arrayContaining(inheritable(daemon.pid)));
    const [{ instances } = { instances: [] }] = (await upstart.list()).filter(({ name }) => name === 'web');
    expect(instances[0]?.status.processes).toEqual([{ role: 'main', pid: Number(web) }]);

    // All is as ever from here on, and a good state is gone on with.
    const before = openOf(daemon.pid);
    for (let time = 0; time < 2; time += 1) await upstart.restart();
    await expect.poll(() => openOf(daemon.pid), SOON).toEqual(before);
    daemon.signal('SIGTERM');
    expect(await daemon.ended).toEqual({ code: 0, signal: null });
    expect(daemon.jobProcesses()).toEqual([]);
  },
);
