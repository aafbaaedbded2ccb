import { execFile } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from '@maverick/dbus';
import { describe, expect, test } from 'vitest';
import { tempDir } from './helpers/temp-dir.js';
import { TestDaemon } from './helpers/test-daemon.js';

const run = promisify(execFile);
const SERVICE = 'start on startup\nrespawn\nexec sleep 1000\n';
const RUNNING = /web +(?:.*) → running, process (\d+)\n/;

describe('a session of its own', () => {
  test('the session file says where the daemon listens, and is gone after a clean end', async () => {
    const daemon = new TestDaemon({ files: { 'web.conf': SERVICE } });
    await daemon.out.match(RUNNING);
    expect(readFileSync(daemon.sessionFile, 'utf8')).toBe(`UPSTART_SESSION=${daemon.address}\n`);
    daemon.signal('SIGTERM');
    expect(await daemon.ended).toEqual({ code: 0, signal: null });
    expect(existsSync(daemon.sessionFile)).toBe(false);
  });

  test('jobs find the session in their environment', async () => {
    const daemon = new TestDaemon({ files: { 'tell.conf': 'start on startup\ntask\nexec env' } });
    await daemon.out.match(/tell +.* → waiting\n/);
    expect(daemon.log('tell').split('\n')).toEqual(
      expect.arrayContaining([`UPSTART_SESSION=${daemon.address}`, 'UPSTART_JOB=tell', `HOME=${daemon.home}`]),
    );
  });

  test('a person is told what to paste', async () => {
    const daemon = new TestDaemon();
    const [, command] = await daemon.out.match(/paste .*\n {2}(.*)\n/);
    expect(command).toMatch(new RegExp(`^UPSTART_SESSION=${daemon.address} \\S*initctl list$`));
  });

  test('the line to paste works in a shell', async () => {
    const daemon = new TestDaemon({ files: { 'web.conf': SERVICE } });
    const [, command = ''] = await daemon.out.match(/paste .*\n {2}(.*)\n/);
    const [, pid] = await daemon.out.match(RUNNING);
    const { stdout } = await run('/bin/sh', ['-c', command]);
    expect(stdout).toBe(`web start/running, process ${pid}\n`);
  });
});

describe('the end', () => {
  test('SIGINT leaves no process behind, not even one with a session of its own', async () => {
    const messy =
      'start on startup\nexpect stop\nscript\n  setsid sleep 1000 &\n  sleep 1000 &\n  kill -STOP $$\n  wait\nend script\n';
    const daemon = new TestDaemon({ files: { 'web.conf': SERVICE, 'messy.conf': messy } });
    await daemon.out.match(/messy +.*running/);
    // The shell at least: what it has just forked may be on its way through exec.
    expect(daemon.jobProcesses().length).toBeGreaterThan(0);
    daemon.signal('SIGINT');
    expect(await daemon.ended).toEqual({ code: 0, signal: null });
    expect(daemon.jobProcesses()).toEqual([]);
  });

  test('another signal on the way changes nothing', async () => {
    const slow = [
      'start on startup',
      'expect stop',
      'kill timeout 60',
      'script',
      '  trap "read line < $HOME/fifo; exit 0" TERM',
      '  kill -STOP $$',
      '  sleep 1000 &',
      '  wait',
      'end script',
    ].join('\n');
    const daemon = new TestDaemon({ files: { 'slow.conf': slow } });
    await run('mkfifo', [join(daemon.home, 'fifo')]);
    // For reading, too, so that opening waits for nobody.
    const fifo = openSync(join(daemon.home, 'fifo'), 'r+');
    await daemon.out.match(/slow +.*running/);
    daemon.signal('SIGINT');
    await daemon.out.match(/slow +.* → killed/);
    daemon.signal('SIGINT');
    daemon.signal('SIGTERM');
    writeSync(fifo, 'go on\n');
    expect(await daemon.ended).toEqual({ code: 0, signal: null });
    closeSync(fifo);
    expect(daemon.jobProcesses()).toEqual([]);
  });
});

describe('jobs at work', () => {
  test('kill -9 of a respawning main process brings it back', async () => {
    const daemon = new TestDaemon({ files: { 'web.conf': SERVICE } });
    const [, before] = await daemon.out.match(RUNNING);
    const seen = daemon.out.text.length;
    process.kill(Number(before), 'SIGKILL');
    const [, after] = await daemon.out.match(RUNNING, seen);
    expect(after).not.toBe(before);
    await daemon.err.match(/init: web main process ended, respawning\n/);
  });

  test("a job that can't be executed says which step failed and why", async () => {
    const daemon = new TestDaemon({ files: { 'lost.conf': 'start on startup\nexec /no/such/program' } });
    await daemon.err.match(/init: Failed to spawn lost main process: unable to execute: No such file or directory\n/);
    await daemon.out.match(/lost +failed: main process could not be started\n/);
  });

  test('SIGHUP reads the job files again', async () => {
    const daemon = new TestDaemon({ args: ['--user', '--live', '--verbose'], files: { 'web.conf': SERVICE } });
    const [, before] = await daemon.out.match(RUNNING);
    daemon.write('new.conf', 'start on stopped web\n');
    daemon.write('web.conf', 'respawn\nnonsense\n');
    daemon.signal('SIGHUP');
    const path = join(daemon.confDir, 'web.conf');
    await daemon.err.match(
      new RegExp(`init: Job web keeps its last good definition, because of an error in ${path}\n`),
    );
    expect(daemon.err.text).toContain(`init:${path}:2: Unknown stanza\n`);
    const client = await connect(daemon.address);
    const [web, ...others] = await client.list();
    expect(web?.instances[0]?.status.processes).toEqual([{ role: 'main', pid: Number(before) }]);
    expect(others.map(({ name }) => name)).toEqual(['new']);
    client.close();
  });
});

describe('messages', () => {
  test("a bad file is one diagnostic in the original's form, and every other file is loaded", async () => {
    const daemon = new TestDaemon({ files: { 'bad.conf': '\nnonsense here\n', 'web.conf': SERVICE } });
    await daemon.out.match(RUNNING);
    daemon.signal('SIGTERM');
    await daemon.ended;
    expect(daemon.err.text.match(/^.*bad\.conf.*$/gm)).toEqual([
      `init:${join(daemon.confDir, 'bad.conf')}:2: Unknown stanza`,
    ]);
  });

  test('a daemon with nothing to complain about tells of each start and end, and no more', async () => {
    const daemon = new TestDaemon({ args: ['--user'], files: { 'ready.conf': 'start on startup\nexec touch ready' } });
    while (!existsSync(join(daemon.home, 'ready'))) await new Promise(setImmediate);
    daemon.signal('SIGTERM');
    expect((await daemon.ended).code).toBe(0);
    expect(daemon.out.text).toBe('');
    expect(daemon.err.text).toMatch(/^init: ready started, process \d+: event startup\ninit: ready stopped: .*\n$/);
  });

  test('--verbose tells what the original tells', async () => {
    const daemon = new TestDaemon({ args: ['--user', '--verbose'], files: { 'web.conf': SERVICE } });
    await daemon.err.match(/init: Handling startup event\n/);
    await daemon.err.match(/init: web goal changed from stop to start\n/);
    await daemon.err.match(/init: web state changed from waiting to starting\n/);
  });
});

describe('options', () => {
  test.each([
    { args: ['--version'], out: /^init \(upstart 1\.13\.2\)\nMaverick \d+\.\d+\.\d+\n$/ },
    { args: ['--help'], out: /^Usage: upstart \[OPTION\]\.\.\.\n/ },
  ])('$args', async ({ args, out }) => {
    const daemon = new TestDaemon({ args });
    expect(await daemon.ended).toEqual({ code: 0, signal: null });
    expect(daemon.out.text).toMatch(out);
  });

  test.each([
    { why: 'no HOME', args: ['--user'], env: { HOME: '' }, err: /^init: HOME must be an absolute path/ },
    { why: 'an argument that is missing', args: ['--user', '--startup-event'], env: {}, err: /^init: --startup-event/ },
  ])('$why is one clear sentence and exit 1', async ({ args, env, err }) => {
    const daemon = new TestDaemon({ args, env });
    expect(await daemon.ended).toEqual({ code: 1, signal: null });
    expect(daemon.err.text).toMatch(err);
  });

  test('--startup-event takes the place of startup, and unknown options are passed over', async () => {
    const args = ['--user', '--live', '--frobnicate', '--startup-event=boot'];
    const daemon = new TestDaemon({ args, files: { 'web.conf': 'start on boot\nexec sleep 1000' } });
    await daemon.out.match(RUNNING);
    expect(daemon.out.text).not.toContain('startup\n');
  });

  test('--journal records what happens, each line with its cause', async () => {
    const dir = tempDir();
    const daemon = new TestDaemon({ args: ['--user', '--live', '--journal', dir], files: { 'web.conf': SERVICE } });
    await daemon.out.match(RUNNING);
    daemon.signal('SIGTERM');
    await daemon.ended;
    const lines = readFileSync(join(dir, 'journal.jsonl'), 'utf8').trim().split('\n');
    const journal = lines.map((line) => JSON.parse(line));
    const running = journal.find(({ what, job, to }) => what === 'state-changed' && job === 'web' && to === 'running');
    const cause = journal.find(({ what, number }) => what === 'input' && number === running.cause.input);
    expect(cause.input.kind).toBe('process-started');
    expect(journal.at(-1).cause.input).toBe(journal.filter(({ what }) => what === 'input').length);
  });

  test('a journal that cannot be written is told, and the jobs run', async () => {
    const args = ['--user', '--live', '--journal', '/dev/null/impossible'];
    const daemon = new TestDaemon({ args, files: { 'web.conf': SERVICE } });
    await daemon.err.match(/init: Unable to open the journal: ENOTDIR/);
    await daemon.out.match(RUNNING);
  });

  test('descriptors that the daemon was started with are not for jobs', async () => {
    const files = { 'tell.conf': 'start on startup\ntask\nexec ls -l /proc/self/fd\n' };
    const within = ['sh', '-c', 'exec 7< /etc/passwd 9< /etc/group; exec "$@"', 'sh'];
    const daemon = new TestDaemon({ args: ['--user', '--live'], files, within });
    await daemon.out.match(/tell +.* → waiting\n/);
    expect(daemon.log('tell')).toContain('-> /proc/');
    expect(daemon.log('tell')).not.toContain('-> /etc/');
  });

  test('a relative --logdir is meant from where the daemon was started', async () => {
    const files = { 'hello.conf': 'start on startup\ntask\nchdir /\nexec echo hello' };
    const daemon = new TestDaemon({ args: ['--user', '--live', '--logdir', '.'], files });
    await daemon.out.match(/hello +.* → waiting\n/);
    expect(readFileSync(join(daemon.home, 'hello.log'), 'utf8').trim()).toBe('hello');
  });

  test('--no-inherit-env gives jobs PATH, TERM and the usual file creation mask, in the directory of the daemon', async () => {
    const files = { 'tell.conf': 'start on startup\ntask\nscript\n  umask\n  pwd\n  env\nend script\n' };
    const within = ['sh', '-c', 'umask 077; exec "$@"', 'sh'];
    const daemon = new TestDaemon({ args: ['--user', '--live', '--no-inherit-env'], files, within });
    await daemon.out.match(/tell +.* → waiting\n/);
    const [umask, directory, ...env] = daemon.log('tell').trim().split('\n');
    expect([umask, directory]).toEqual(['0022', daemon.home]);
    const names = env.map((entry) => entry.split('=', 1)[0]);
    expect(names).toContain('PATH');
    expect(names).not.toContain('XDG_RUNTIME_DIR');
  });

  test('a job inherits the mask without it', async () => {
    const files = { 'tell.conf': 'start on startup\ntask\nscript\n  umask\nend script\n' };
    const daemon = new TestDaemon({ files, within: ['sh', '-c', 'umask 077; exec "$@"', 'sh'] });
    await daemon.out.match(/tell +.* → waiting\n/);
    expect(daemon.log('tell').trim()).toBe('0077');
  });

  test('options for sessions of chroots and users are told to have no effect in the daemon of a user', async () => {
    const daemon = new TestDaemon({ args: ['--user', '--live', '--chroot-sessions'] });
    await daemon.out.match(/startup/);
    expect(daemon.err.text).toContain('--chroot-sessions, --chroot-session and --user-sessions have no effect');
  });

  test('NO_COLOR and pipes have no colours', async () => {
    const daemon = new TestDaemon({ files: { 'web.conf': SERVICE } });
    await daemon.out.match(RUNNING);
    expect(daemon.out.text).not.toContain('\u001b');
  });

  test('--session has a private socket, but no session file', async () => {
    const daemon = new TestDaemon({ args: ['--session', '--live'], files: { 'web.conf': SERVICE } });
    await daemon.out.match(RUNNING);
    expect(existsSync(daemon.sessionFile)).toBe(false);
    expect(daemon.out.text).toContain(daemon.address);
  });
});
