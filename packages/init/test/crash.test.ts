import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@maverick/dbus';
import { describe, expect, test, vi } from 'vitest';
import { TestDaemon } from './helpers/test-daemon.js';

vi.setConfig({ testTimeout: 120_000 });

const SERVICE = 'start on startup\nrespawn\nexec sleep 1000\n';
const RUNNING = /web +(?:.*) → running, process (\d+)\n/;
const TAKEN_OVER = /init: Taken over from a supervisor that died: (\d+) process(?:es)?, (\d+) ended meanwhile\n/;

const crash = async (daemon: TestDaemon): Promise<void> => {
  daemon.signal('SIGKILL');
  await daemon.ended;
};

const pidOf = async (daemon: TestDaemon, job: string): Promise<number | undefined> => {
  const client = await connect(daemon.address);
  const found = (await client.list()).find(({ name }) => name === job);
  client.close();
  return found?.instances[0]?.status.processes[0]?.pid;
};

describe('a daemon after one that was killed', () => {
  test('supervises the same processes, does not emit startup again, and respawns them', async () => {
    const first = new TestDaemon({ files: { 'web.conf': SERVICE } });
    const [, before] = await first.out.match(RUNNING);
    await crash(first);
    const second = new TestDaemon({ after: first, args: ['--user', '--live', '--verbose'] });
    const [, adopted, ended] = await second.err.match(TAKEN_OVER);
    expect([adopted, ended]).toEqual(['1', '0']);
    expect(await pidOf(second, 'web')).toBe(Number(before));
    expect(second.err.text).not.toContain('Handling startup event');
    process.kill(Number(before), 'SIGKILL');
    const [, after] = await second.out.match(RUNNING);
    expect(after).not.toBe(before);
  });

  test('what its jobs write while there is no daemon, and after, is in the same log', async () => {
    const files = {
      'talk.conf': 'start on startup\nscript\n  while read line; do echo "$line"; done < $HOME/fifo\nend script\n',
    };
    const first = new TestDaemon({
      files: { ...files, 'fifo.conf': 'start on starting talk\ntask\nexec mkfifo $HOME/fifo\n' },
    });
    await first.out.match(/talk +.* → running/);
    const fifo = join(first.home, 'fifo');
    await crash(first);
    // Opened for writing all the time, or the reader would come to its end.
    const fd = openSync(fifo, 'r+');
    writeSync(fd, 'nobody watches\n');
    const second = new TestDaemon({ after: first });
    await second.err.match(TAKEN_OVER);
    writeSync(fd, 'somebody watches\n');
    const log = (): string => (existsSync(join(first.home, '.cache/upstart/talk.log')) ? first.log('talk') : '');
    while (!log().includes('somebody')) await new Promise(setImmediate);
    expect(log()).toBe('nobody watches\nsomebody watches\n');
    closeSync(fd);
  });

  test('is found by the jobs where the first one was, and its session file takes the place of the old one', async () => {
    const first = new TestDaemon({ files: { 'web.conf': SERVICE } });
    await first.out.match(RUNNING);
    await crash(first);
    expect(existsSync(first.sessionFile)).toBe(true);
    const second = new TestDaemon({ after: first });
    await second.err.match(TAKEN_OVER);
    const client = await connect(first.address);
    expect((await client.list()).map(({ name }) => name)).toEqual(['web']);
    client.close();
    expect(existsSync(first.sessionFile)).toBe(false);
    expect(readFileSync(second.sessionFile, 'utf8')).toBe(`UPSTART_SESSION=${second.address}\n`);
    second.signal('SIGTERM');
    expect(await second.ended).toEqual({ code: 0, signal: null });
    expect(second.jobProcesses()).toEqual([]);
    expect(first.jobProcesses()).toEqual([]);
  });

  test('begins anew where the first one had ended as it should', async () => {
    const first = new TestDaemon({ files: { 'web.conf': SERVICE } });
    await first.out.match(RUNNING);
    first.signal('SIGTERM');
    await first.ended;
    const second = new TestDaemon({ after: first });
    await second.out.match(RUNNING);
    expect(second.err.text).not.toMatch(TAKEN_OVER);
  });

  test('goes on with the end that the first one had been told, and ends', async () => {
    const stubborn =
      'start on startup\nkill timeout 60\nexpect stop\nscript\n  trap "" TERM\n  kill -STOP $$\n  sleep 1000\nend script\n';
    const first = new TestDaemon({ files: { 'web.conf': stubborn } });
    const [, pid] = await first.out.match(RUNNING);
    first.signal('SIGTERM');
    await first.out.match(/web +.* → killed/);
    await crash(first);
    const second = new TestDaemon({ after: first });
    await second.err.match(TAKEN_OVER);
    process.kill(Number(pid), 'SIGKILL');
    expect(await second.ended).toEqual({ code: 0, signal: null });
    expect(first.jobProcesses()).toEqual([]);
  });

  test('ends where the end of the first one had come so far that nobody is left', async () => {
    const stubborn = 'start on startup\nkill timeout 60\nexec env --ignore-signal=TERM sleep 1000\n';
    const first = new TestDaemon({ files: { 'web.conf': stubborn } });
    const [, pid] = await first.out.match(RUNNING);
    first.signal('SIGTERM');
    await first.out.match(/web +.* → killed/);
    await crash(first);
    process.kill(Number(pid), 'SIGKILL');
    await expect.poll(() => first.jobProcesses(), { timeout: 60_000 }).toEqual([]);
    const second = new TestDaemon({ after: first });
    expect(await second.ended).toEqual({ code: 0, signal: null });
    expect(existsSync(second.sessionFile)).toBe(false);
  });

  test.each([
    { what: 'torn', damage: (text: string) => text.slice(0, -20) },
    { what: 'empty', damage: () => '' },
    { what: 'of a later version', damage: (text: string) => text.replace('"version":1', '"version":2') },
  ])('with a state that is $what, nothing that lives is started twice', async ({ damage }) => {
    const once = 'start on startup\ntask\nscript\n  echo x >> $HOME/once\nend script\n';
    const first = new TestDaemon({ files: { 'web.conf': SERVICE, 'once.conf': once } });
    const [, before] = await first.out.match(RUNNING);
    await first.out.match(/once +.* → (?:stopped|waiting|stop)/);
    await crash(first);
    const places = join(first.runtimeDir, 'upstart/state');
    const path = join(places, readdirSync(places)[0] ?? '', 'snapshot.json');
    writeFileSync(path, damage(readFileSync(path, 'utf8')));
    const second = new TestDaemon({ after: first });
    await second.err.match(/init: The state of an earlier supervisor can't be read: /);
    const [, adopted] = await second.err.match(TAKEN_OVER);
    expect(adopted).toBe('1');
    await second.err.match(/init: Its state is lost: only jobs with a living process are known to run/);
    expect(await pidOf(second, 'web')).toBe(Number(before));
    expect(readFileSync(join(first.home, 'once'), 'utf8')).toBe('x\n');
    expect(second.allJobProcesses).toEqual([Number(before)]);
    process.kill(Number(before), 'SIGKILL');
    const [, after] = await second.out.match(RUNNING);
    expect(after).not.toBe(before);
    // Clients of the first one find it, too.
    const client = await connect(first.address);
    expect((await client.list()).map(({ name }) => name).sort()).toEqual(['once', 'web']);
    client.close();
  });

  test('two daemons of the same job files keep their states apart', async () => {
    const first = new TestDaemon({ files: { 'web.conf': SERVICE } });
    const [, one] = await first.out.match(RUNNING);
    const second = new TestDaemon({ after: first });
    const [, other] = await second.out.match(RUNNING);
    await crash(second);
    const third = new TestDaemon({ after: first });
    await third.err.match(TAKEN_OVER);
    expect(await pidOf(third, 'web')).toBe(Number(other));
    expect(await pidOf(first, 'web')).toBe(Number(one));
  });
});

test('--no-state keeps nothing', async () => {
  const daemon = new TestDaemon({ args: ['--user', '--live', '--no-state'], files: { 'web.conf': SERVICE } });
  await daemon.out.match(RUNNING);
  expect(existsSync(join(daemon.runtimeDir, 'upstart/state'))).toBe(false);
});
