import { execFile } from 'node:child_process';
import {
  constants,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from '@maverick/dbus';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { initctl } from './helpers/initctl.js';
import { tempDir } from './helpers/temp-dir.js';
import { TestDaemon } from './helpers/test-daemon.js';

vi.setConfig({ testTimeout: 120_000 });

const run = promisify(execFile);
const SERVICE = 'start on startup\nrespawn\nexec sleep 1000\n';
const RUNNING = /web +(?:.*) → running, process (\d+)\n/;

const client = async (daemon: TestDaemon) => {
  const upstart = await connect(daemon.address);
  onTestFinished(() => upstart.close());
  return upstart;
};

/** When the program of a process was executed shows in its command line. */
const commandLine = (daemon: TestDaemon): string[] =>
  readFileSync(`/proc/${daemon.pid}/cmdline`, 'utf8').split('\0').slice(0, -1);

describe.each([{ args: ['--user', '--live'] }, { args: ['--user', '--live', '--no-state'] }])(
  'a re-exec of $args',
  ({ args }) => {
    test('is answered when it is done, by the same process, and told to who listens', async () => {
      const daemon = new TestDaemon({ args, files: { 'web.conf': SERVICE } });
      const [, pid] = await daemon.out.match(RUNNING);
      const session = statSync(daemon.sessionFile).mtimeMs;
      const upstart = await client(daemon);
      const listener = await client(daemon);
      const events = listener.events();
      await listener.version();
      await upstart.restart();
      expect(commandLine(daemon)).toContain('--restart');
      expect((await events.next()).value).toEqual({ kind: 'restarted' });
      const [web] = await upstart.list();
      expect(web?.instances[0]?.status.processes).toEqual([{ role: 'main', pid: Number(pid) }]);
      expect(statSync(daemon.sessionFile).mtimeMs).toBe(session);
      expect(readFileSync(daemon.sessionFile, 'utf8')).toBe(`UPSTART_SESSION=${daemon.address}\n`);
      // No startup event: the job would be there twice.
      expect(daemon.jobProcesses()).toEqual([Number(pid)]);
      process.kill(Number(pid), 'SIGKILL');
      const seen = daemon.out.text.length;
      const [, after] = await daemon.out.match(RUNNING, seen);
      expect(after).not.toBe(pid);
      daemon.signal('SIGTERM');
      expect(await daemon.ended).toEqual({ code: 0, signal: null });
      expect(daemon.jobProcesses()).toEqual([]);
      expect(existsSync(daemon.sessionFile)).toBe(false);
    });

    test('keeps who waits for a job waiting, and answers', async () => {
      const slow = 'pre-start script\n  while [ ! -e go ]; do sleep 0.02; done\nend script\nexec sleep 1000\n';
      const daemon = new TestDaemon({
        args,
        files: { 'web.conf': SERVICE, 'slow.conf': slow, 'more.conf': 'start on go-on\ntask\nexec true\n' },
      });
      await daemon.out.match(RUNNING);
      const waiting = await client(daemon);
      const started = (await waiting.job('slow')).start();
      await daemon.out.match(/slow +.* → pre-start/);
      for (let time = 0; time < 3; time += 1) await (await client(daemon)).restart();
      writeFileSync(join(daemon.home, 'go'), '');
      expect((await started)?.path).toBe('/com/ubuntu/Upstart/jobs/slow/_');
      await waiting.emit('go-on');
    });

    test('and initctl that waits does not notice', async () => {
      const program = join(import.meta.dirname, '../../initctl/bin/initctl.js');
      const slow = 'task\nscript\n  while [ ! -e go ]; do sleep 0.02; done; echo done\nend script\n';
      const daemon = new TestDaemon({ args, files: { 'web.conf': SERVICE, 'slow.conf': slow } });
      await daemon.out.match(RUNNING);
      const env = { ...process.env, UPSTART_SESSION: daemon.address };
      const waits = run(process.execPath, [program, 'start', 'slow'], { env });
      await daemon.out.match(/slow +.* → running/);
      await (await client(daemon)).restart();
      writeFileSync(join(daemon.home, 'go'), '');
      expect((await waits).stdout).toMatch(/^slow stop\/waiting/);
      expect(daemon.log('slow')).toBe('done\n');
    });
  },
);

test('ten re-execs leave no descriptor and no process behind', async () => {
  const daemon = new TestDaemon({ files: { 'web.conf': SERVICE } });
  const [, pid] = await daemon.out.match(RUNNING);
  const upstart = await client(daemon);
  const open = (): string[] =>
    readdirSync(`/proc/${daemon.pid}/fd`)
      .flatMap((fd) => {
        try {
          return [readlinkSync(`/proc/${daemon.pid}/fd/${fd}`).replace(/\d+/g, 'N')];
        } catch {
          // It was open for a moment.
          return [];
        }
      })
      .sort();
  await upstart.restart();
  await upstart.version();
  const before = open();
  for (let time = 0; time < 10; time += 1) await upstart.restart();
  await upstart.version();
  await expect.poll(open, { timeout: 60_000 }).toEqual(before);
  expect(daemon.jobProcesses()).toEqual([Number(pid)]);
});

test("--write-state-file keeps the state in the original's form, for the owner alone", async () => {
  const daemon = new TestDaemon({ args: ['--user', '--live', '--write-state-file'], files: { 'web.conf': SERVICE } });
  const [, pid] = await daemon.out.match(RUNNING);
  await (await client(daemon)).restart();
  const path = join(daemon.home, '.cache/upstart/upstart.state');
  expect(statSync(path).mode & 0o777).toBe(0o400);
  const { job_classes } = JSON.parse(readFileSync(path, 'utf8'));
  expect(job_classes).toMatchObject([
    {
      session: 0,
      name: 'web',
      path: '/com/ubuntu/Upstart/jobs/web',
      respawn: 1,
      expect: 'EXPECT_NONE',
      start_on: [{ type: 'EVENT_MATCH', name: 'startup' }],
      process: [{ script: 0, command: 'sleep 1000' }, {}, {}, {}, {}, {}],
      jobs: [
        {
          name: '',
          path: '/com/ubuntu/Upstart/jobs/web/_',
          goal: 'JOB_START',
          state: 'JOB_RUNNING',
          pid: [Number(pid), 0, 0, 0, 0, 0],
        },
      ],
    },
  ]);
});

test('a state that can not be read is said, and the daemon runs without it', async () => {
  const state = join(tempDir(), 'state');
  writeFileSync(state, JSON.stringify({ version: 99, writer: 'Maverick 99', descriptors: [] }));
  const daemon = new TestDaemon({
    files: { 'web.conf': SERVICE },
    args: ['--restart', '--state-fd', '9', '--user', '--live'],
    within: ['sh', '-c', `exec "$@" 9< ${state}`, 'sh'],
  });
  await daemon.err.match(
    /init: Unable to read the state of the daemon before: Maverick 99 has written version 99, expected 1\n/,
  );
  // The startup event was long ago.
  const upstart = await vi.waitFor(() => connect(daemon.address), { timeout: 60_000 });
  expect((await upstart.list()).map(({ instances }) => instances.length)).toEqual([0]);
  upstart.close();
});

test('a program that is not there any more: the daemon says so and goes on, as if nothing had been', async () => {
  const program = join(tempDir(), 'upstart.mjs');
  writeFileSync(program, `import '${join(import.meta.dirname, '../dist/main.js')}';\n`);
  const gone = new TestDaemon({ files: { 'web.conf': SERVICE }, program });
  const [, pid] = await gone.out.match(RUNNING);
  const upstart = await client(gone);
  rmSync(program);
  await expect(upstart.restart()).rejects.toThrow(/Unable to re-execute: ENOENT/);
  const asked = await initctl(gone, 'restart-init');
  expect(asked).toMatchObject({ status: 1, stdout: '' });
  expect(asked.stderr).toMatch(/^initctl: Unable to re-execute: ENOENT: .*\n$/);
  await gone.err.match(/init: Unable to re-execute: ENOENT/);
  expect(commandLine(gone)).not.toContain('--restart');
  const [web] = await upstart.list();
  expect(web?.instances[0]?.status.processes).toEqual([{ role: 'main', pid: Number(pid) }]);
  const seen = gone.out.text.length;
  process.kill(Number(pid), 'SIGKILL');
  await gone.out.match(RUNNING, seen);
  gone.signal('SIGTERM');
  expect(await gone.ended).toEqual({ code: 0, signal: null });
});

test.each([{ args: ['--user', '--live'] }, { args: ['--user', '--live', '--no-state'] }])(
  'with a Node that can not be executed the daemon of $args says so and goes on, until there is one that can',
  async ({ args }) => {
    const dir = tempDir();
    const node = join(dir, 'node');
    copyFileSync(process.execPath, node, constants.COPYFILE_FICLONE);
    const slow = 'task\nscript\n  while [ ! -e go ]; do sleep 0.02; done\nend script\n';
    const daemon = new TestDaemon({
      args,
      files: { 'web.conf': SERVICE, 'slow.conf': slow },
      within: ['sh', '-c', 'shift; exec "$0" "$@"', node],
    });
    const [, pid] = await daemon.out.match(RUNNING);
    const upstart = await client(daemon);
    const started = (await (await client(daemon)).job('slow')).start();
    await daemon.out.match(/slow +.* → running/);

    renameSync(node, join(dir, 'good'));
    const others = [
      { text: 'not a program', mode: 0o644, why: 'Permission denied' },
      { text: 'not a program', mode: 0o755, why: 'Exec format error' },
      { text: '#!/nowhere/node\n', mode: 0o755, why: 'No such file or directory' },
    ];
    for (const { text, mode, why } of others) {
      rmSync(node, { force: true });
      writeFileSync(node, text, { mode });
      const seen = daemon.err.text.length;
      await expect(upstart.restart()).rejects.toThrow(`Unable to re-execute: execve ${node}: ${why}`);
      await daemon.err.match(new RegExp(`init: Unable to re-execute: .*: ${why}\n`), seen);
      expect(commandLine(daemon)).not.toContain('--restart');
      const [web] = (await upstart.list()).filter(({ name }) => name === 'web');
      expect(web?.instances[0]?.status.processes).toEqual([{ role: 'main', pid: Number(pid) }]);
    }

    renameSync(join(dir, 'good'), node);
    await upstart.restart();
    expect(commandLine(daemon)).toContain('--restart');
    writeFileSync(join(daemon.home, 'go'), '');
    expect((await started)?.path).toBe('/com/ubuntu/Upstart/jobs/slow/_');
    expect(daemon.jobProcesses()).toEqual([Number(pid)]);
    const seen = daemon.out.text.length;
    process.kill(Number(pid), 'SIGKILL');
    await daemon.out.match(RUNNING, seen);
  },
);
