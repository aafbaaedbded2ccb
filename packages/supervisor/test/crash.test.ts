import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Supervisor } from '../src/supervisor.js';
import { fileExists, isAlive } from './helpers/running.js';
import { put } from './helpers/watched.js';

vi.setConfig({ testTimeout: 300_000 });

/** So many times it is killed: more in a long run. */
const KILLS = Number(process.env['MAVERICK_KILLS'] ?? 10);

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'maverick-crash-'));
  for (const name of ['conf', 'log']) mkdirSync(join(dir, name));
});
afterEach(() => rmSync(dir, { recursive: true }));

const job = (name: string, text: string): void =>
  put(join(dir, 'conf'), `${name}.conf`, `env TEST_DIR=${dir}\n${text}`);

const RESPAWN = 'respawn\nrespawn limit unlimited\n';

interface Report {
  readonly continued: boolean;
  readonly takenOver?: { readonly adopted: number; readonly ended: number; readonly startedNow: number };
  readonly problems: readonly string[];
  readonly messages: readonly string[];
}

const run = async (...mode: string[]): Promise<{ readonly child: ChildProcess; readonly report: Report }> => {
  const fixture = join(import.meta.dirname, 'fixtures/busy.mjs');
  const child = spawn(process.execPath, [fixture, dir, ...mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await new Promise<string[]>((resolve) =>
    createInterface(child.stdout).once('line', (text) => resolve([text])),
  );
  return { child, report: JSON.parse(line ?? '') };
};

const ended = (child: ChildProcess): Promise<void> => new Promise((resolve) => child.once('exit', () => resolve()));

test(`${KILLS} times killed at a random moment of a busy run: every process is supervised, and none is there twice`, async () => {
  for (const name of ['keep1', 'keep2', 'keep3']) job(name, `start on startup\n${RESPAWN}exec sleep 1000\n`);
  job('job0', 'exec sleep 1000\n');
  job('job1', `${RESPAWN}pre-start exec true\nexec sleep 1000\npost-stop exec true\n`);
  job('job2', 'task\nstart on tick\nexec true\n');
  job('job3', 'start on started job0\nstop on stopping job0\nexec sleep 1000\n');
  job('job4', `expect fork\n${RESPAWN}script\n  sleep 1000 &\nend script\n`);
  job('job5', 'task\nstart on tick\nscript\n  sleep 0.02\n  true\nend script\n');
  let isFirst = true;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const { child, report } = await run();
    expect(report).toMatchObject({ continued: !isFirst, problems: [] });
    expect(report.messages.filter((message) => message.startsWith('fault'))).toEqual([]);
    isFirst = false;
    await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 300));
    const end = ended(child);
    child.kill('SIGKILL');
    await end;
  }
  const { child, report } = await run('check');
  await ended(child);
  expect(report).toMatchObject({ continued: true, problems: [] });
  expect(child.exitCode).toBe(0);
  // It had shut down: there is nothing to go on with.
  const { child: last, report: fresh } = await run('check');
  await ended(last);
  expect(fresh).toMatchObject({ continued: false, problems: [] });
});

describe('a supervisor after another', () => {
  const open: Supervisor[] = [];
  const start = (): Supervisor => {
    const supervisor = new Supervisor({
      confDirs: [join(dir, 'conf')],
      logDir: join(dir, 'log'),
      stateDir: join(dir, 'state'),
    });
    open.push(supervisor);
    supervisor.start();
    return supervisor;
  };
  afterEach(async () => {
    for (const supervisor of open.splice(0)) {
      if (supervisor === open.at(-1)) await supervisor.shutdown();
      await supervisor.close();
    }
  });
  const mainPid = (supervisor: Supervisor, name: string): number =>
    supervisor.instance(name)?.processes.find(({ role }) => role === 'main')?.pid ?? Number.NaN;

  test('goes on with its jobs: the same processes, no startup event, and their ends are seen', async () => {
    job('web', `start on startup\n${RESPAWN}exec sleep 1000\n`);
    const first = start();
    const pid = mainPid(first, 'web');
    await first.close();
    expect(isAlive(pid)).toBe(true);
    const second = start();
    expect(second.isContinued).toBe(true);
    expect(mainPid(second, 'web')).toBe(pid);
    const respawned = new Promise<number>((resolve) => {
      second.subscribe((event) => {
        if (event.kind === 'process-started') resolve(event.pid);
      });
    });
    process.kill(pid, 'SIGKILL');
    expect(await respawned).not.toBe(pid);
    await second.shutdown();
  });

  test('reports the end that nobody saw, and that how it came is not known', async () => {
    job('web', `start on startup\nscript\n  echo $$ > ${dir}/pid\n  exec sleep 1000\nend script\n`);
    const { child } = await run('idle');
    await fileExists(join(dir, 'pid'));
    const end = ended(child);
    child.kill('SIGKILL');
    await end;
    const pid = Number(readFileSync(join(dir, 'pid'), 'utf8'));
    process.kill(pid, 'SIGKILL');
    while (existsSync(`/proc/${pid}`)) await new Promise(setImmediate);
    const messages: string[] = [];
    const second = new Supervisor({
      confDirs: [join(dir, 'conf')],
      stateDir: join(dir, 'state'),
      onEvent: (event) => event.kind === 'message' && event.priority === 'warn' && messages.push(event.message),
    });
    second.start();
    expect(messages).toEqual(['web main process ended while nobody watched: how is not known']);
    expect(second.instance('web')).toBeUndefined();
    await second.shutdown();
    await second.close();
  });

  test('does not touch a job whose file has not changed, and takes in what has', async () => {
    job('same', 'start on startup\nexec sleep 1000\n');
    job('old', '');
    const first = start();
    await first.close();
    rmSync(join(dir, 'conf/old.conf'));
    job('new', '');
    const changes: string[] = [];
    const second = new Supervisor({
      confDirs: [join(dir, 'conf')],
      stateDir: join(dir, 'state'),
      onEvent: (event) =>
        (event.kind === 'job-added' || event.kind === 'job-removed') && changes.push(`${event.kind} ${event.job}`),
    });
    second.start();
    expect(changes).toEqual(['job-removed old', 'job-added new']);
    await second.shutdown();
    await second.close();
  });

  test('goes on behind a snapshot that was taken on the way', async () => {
    job('web', 'start on startup\nexec sleep 1000\n');
    const first = start();
    const pid = mainPid(first, 'web');
    const long = `VALUE=${'x'.repeat(10_000)}`;
    for (let count = 0; count < 150; count += 1) await first.emit('tick', { env: [long] });
    await first.close();
    expect(readdirSync(join(dir, 'state')).sort()).toEqual(['lock', 'record.2.jsonl', 'snapshot.json']);
    const second = start();
    expect(mainPid(second, 'web')).toBe(pid);
    await second.shutdown();
  });

  test('goes on with a shutdown that the first one had begun', async () => {
    job(
      'web',
      'start on startup\nkill timeout 60\nexpect stop\nscript\n  trap "" TERM\n  kill -STOP $$\n  sleep 1000\nend script\n',
    );
    const first = start();
    while (first.instance('web')?.state !== 'running') await new Promise(setImmediate);
    const pid = mainPid(first, 'web');
    void first.shutdown();
    await first.close();
    const second = start();
    expect(second.isEnding).toBe(true);
    process.kill(pid, 'SIGKILL');
    await second.shutdown();
    expect(second.instance('web')).toBeUndefined();
  });

  test('comes to the end of a shutdown whose last process has ended while nobody watched', async () => {
    job('web', 'start on startup\nkill timeout 60\nexec env --ignore-signal=TERM sleep 1000\n');
    const first = start();
    const pid = mainPid(first, 'web');
    void first.shutdown();
    await first.close();
    process.kill(pid, 'SIGKILL');
    const second = start();
    expect(second.isEnding).toBe(true);
    await second.shutdown();
    expect(second.instance('web')).toBeUndefined();
  });

  test('is refused as long as the other one lives', async () => {
    const first = start();
    expect(start).toThrow(expect.objectContaining({ code: 'StateInUse' }));
    await first.shutdown();
  });

  test('hears from a process that tells of itself, as the first one did', async () => {
    job('web', `expect notify\nexec perl ${dir}/notify.pl\n`);
    const say = (text: string): string => `send($s, '${text}', 0, sockaddr_un($a)) or die;`;
    put(
      dir,
      'notify.pl',
      `use Socket; my $a = $ENV{NOTIFY_SOCKET}; $a =~ s/^@/\\0/; socket(my $s, PF_UNIX, SOCK_DGRAM, 0);
       ${say('READY=1')} $SIG{USR1} = sub { ${say('STATUS=hello')} }; sleep 1 while 1;`,
    );
    const first = start();
    await first.startJob('web');
    const pid = mainPid(first, 'web');
    await first.close();
    const second = start();
    const status = new Promise<string>((resolve) => {
      second.subscribe((event) => {
        if (event.kind === 'process-status') resolve(event.text);
      });
    });
    process.kill(pid, 'SIGUSR1');
    expect(await status).toBe('hello');
    await second.shutdown();
  });
});
