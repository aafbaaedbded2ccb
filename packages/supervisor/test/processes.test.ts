import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineJob, type JobConf } from '@maverick/conf';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SupervisorEvent } from '../src/event.js';
import { openJournal } from '../src/file-journal.js';
import type { SupervisorOptions } from '../src/options.js';
import { Supervisor } from '../src/supervisor.js';

const exec = (command: string, conf: JobConf = {}): JobConf => ({
  ...conf,
  processes: { main: { script: false, command } },
});
const script = (command: string, conf: JobConf = {}): JobConf => ({
  ...conf,
  processes: { main: { script: true, command } },
});

let dir = '';
const open = new Set<Supervisor>();

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'maverick-supervisor-'));
});
afterEach(async () => {
  for (const supervisor of open) {
    await supervisor.shutdown();
    await supervisor.close();
  }
  open.clear();
  await rm(dir, { recursive: true });
});

/** A running supervisor of these jobs, with the real clock, processes and logs. */
const supervise = (jobs: Readonly<Record<string, JobConf>>, options: Partial<SupervisorOptions> = {}): Supervisor => {
  const supervisor = new Supervisor({
    confDirs: [dir],
    logDir: dir,
    readConfiguration: () => ({
      jobs: Object.entries(jobs).map(([name, conf]) => ({
        name,
        definition: defineJob(conf),
        path: join(dir, `${name}.conf`),
        priority: 0,
      })),
      diagnostics: [],
    }),
    ...options,
  });
  open.add(supervisor);
  supervisor.start();
  return supervisor;
};

/** The next event that `wanted` makes something of. */
const next = <T>(supervisor: Supervisor, wanted: (event: SupervisorEvent) => T | undefined): Promise<T> =>
  new Promise((resolve) => {
    const leave = supervisor.subscribe((event) => {
      const found = wanted(event);
      if (found === undefined) return;
      leave();
      resolve(found);
    });
  });

/** What a job wrote; a terminal may end its lines with a carriage return, too. */
const log = (name: string): string => readFileSync(join(dir, `${name}.log`), 'utf8').replaceAll('\r', '');
const mainPid = (supervisor: Supervisor, job: string): number =>
  supervisor.instance(job)?.processes.find(({ role }) => role === 'main')?.pid ?? Number.NaN;
/** Whether a process is there and no zombie: who reaps an orphan is not the supervisor's business. */
const isAlive = (pid: number): boolean => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !'ZX'.includes(stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3));
  } catch {
    return false;
  }
};
/** A script that is `running` only once its first part is done: it stops itself to say so. */
const readyAfter = (preparation: string, rest: string, conf: JobConf = {}): JobConf =>
  script(`${preparation}\nkill -STOP $$\n${rest}`, { expect: 'stop', ...conf });

test('a task runs to its end, and its output is in its log', async () => {
  const supervisor = supervise({ hello: exec('echo hello world', { task: true }) });
  await supervisor.startJob('hello');
  expect(log('hello')).toBe('hello world\n');
});

test('a script of several lines gets its environment', async () => {
  const supervisor = supervise({ hello: script('echo "$GREETING"\necho "$UPSTART_JOB"', { task: true }) });
  await supervisor.startJob('hello', { env: ['GREETING=hi'] });
  expect(log('hello')).toBe('hi\nhello\n');
});

test('a service runs until it is stopped', async () => {
  const supervisor = supervise({ web: exec('sleep 1000') });
  await supervisor.startJob('web');
  const pid = mainPid(supervisor, 'web');
  expect(isAlive(pid)).toBe(true);
  await supervisor.stopJob('web');
  expect(isAlive(pid)).toBe(false);
  expect(supervisor.instance('web')).toBeUndefined();
});

test('a main process that is killed is brought back', async () => {
  const supervisor = supervise({ web: exec('sleep 1000', { respawn: true }) });
  await supervisor.startJob('web');
  const before = mainPid(supervisor, 'web');
  const again = next(supervisor, (event) => (event.kind === 'process-started' ? event.pid : undefined));
  process.kill(before, 'SIGKILL');
  const after = await again;
  expect(after).not.toBe(before);
  expect(isAlive(after)).toBe(true);
});

test('a program that is not there fails the job with step and reason', async () => {
  const supervisor = supervise({ web: exec('/no/such/program') });
  const failed = next(supervisor, (event) => (event.kind === 'spawn-failed' ? event.failure : undefined));
  await expect(supervisor.startJob('web')).rejects.toMatchObject({ code: 'JobFailed' });
  expect(await failed).toMatchObject({ step: 'exec', message: 'unable to execute: No such file or directory' });
});

test('what does not obey SIGTERM is killed after its kill timeout', async () => {
  const supervisor = supervise({
    deaf: readyAfter('trap "" TERM', 'while :; do sleep 1000; done', { killTimeoutSeconds: 1 }),
  });
  await supervisor.startJob('deaf');
  const status = next(supervisor, (event) => (event.kind === 'process-ended' ? event.status : undefined));
  await supervisor.stopJob('deaf');
  expect(await status).toEqual({ kind: 'signalled', signal: 9 });
});

test('shutdown leaves nothing of a job, not even what it put in the background', async () => {
  const supervisor = supervise({
    messy: readyAfter('(trap "" TERM; exec sleep 1000) &\necho $! > background', 'sleep 1000', { chdir: dir }),
  });
  await supervisor.startJob('messy');
  const background = Number(readFileSync(join(dir, 'background'), 'utf8'));
  expect(isAlive(background)).toBe(true);
  await supervisor.shutdown();
  while (isAlive(background)) await new Promise(setImmediate);
});

test('two supervisors in one process know nothing of each other', async () => {
  const one = supervise({ web: exec('sleep 1000') });
  const two = supervise({ web: exec('sleep 1000') });
  await Promise.all([one.startJob('web'), two.startJob('web')]);
  const pid = mainPid(two, 'web');
  await one.shutdown();
  await one.close();
  expect(isAlive(pid)).toBe(true);
  await two.stopJob('web');
  expect(isAlive(pid)).toBe(false);
});

test('a caller is found through its parents', async () => {
  const supervisor = supervise({
    web: readyAfter('sleep 1000 &\necho $! > child', 'wait', { chdir: dir }),
  });
  await supervisor.startJob('web');
  const child = Number(readFileSync(join(dir, 'child'), 'utf8'));
  expect(supervisor.callerOf(child)?.instance).toMatchObject({ job: 'web' });
  expect(supervisor.callerOf(process.pid)).toBeUndefined();
});

test('the journal is a file of JSON lines', async () => {
  const supervisor = supervise({ hello: exec('true', { task: true }) }, { journal: openJournal(join(dir, 'journal')) });
  await supervisor.startJob('hello');
  await supervisor.shutdown();
  await supervisor.close();
  const lines = readFileSync(join(dir, 'journal', 'journal.jsonl'), 'utf8')
    .trim()
    .split('\n');
  const ended = lines.map((line) => JSON.parse(line)).find(({ what }) => what === 'process-ended');
  expect(ended).toMatchObject({ job: 'hello', instance: '', role: 'main', status: { kind: 'exited', code: 0 } });
});
