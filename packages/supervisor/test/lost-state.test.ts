import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { findLostRun } from '../src/lost-run.js';
import { Supervisor } from '../src/supervisor.js';
import { isAlive } from './helpers/running.js';
import { put } from './helpers/watched.js';

vi.setConfig({ testTimeout: 120_000 });

let dir = '';
const open: Supervisor[] = [];
const messages: string[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'maverick-lost-'));
  mkdirSync(join(dir, 'conf'));
  messages.length = 0;
});
afterEach(async () => {
  const last = open.at(-1);
  // One that is closed already has nothing to end: who has gone on after it has.
  if (last?.jobs().some(({ instances }) => instances.length > 0)) await last.shutdown();
  for (const supervisor of open.splice(0)) await supervisor.close();
  rmSync(dir, { recursive: true });
});

const job = (name: string, text: string): void => put(join(dir, 'conf'), `${name}.conf`, text);
const state = (name = ''): string => join(dir, 'state', name);

const start = (): Supervisor => {
  const supervisor = new Supervisor({
    confDirs: [join(dir, 'conf')],
    stateDir: state(),
    onEvent: (event) => event.kind === 'message' && event.priority === 'warn' && messages.push(event.message),
  });
  open.push(supervisor);
  supervisor.start();
  return supervisor;
};

const mainPid = (supervisor: Supervisor, name: string, instance = ''): number | undefined =>
  supervisor.instance(name, instance)?.processes.find(({ role }) => role === 'main')?.pid;

const snapshot = (): string => state('snapshot.json');
const record = (): string => state(readdirSync(state()).find((name) => name.startsWith('record.')));
const change = (path: string, by: (text: string) => string): void =>
  writeFileSync(path, by(readFileSync(path, 'utf8')));
const ONLY_PROCESSES = expect.stringMatching(/^Its state is lost: only jobs with a living process are known to run/);
const unreadable = (reason: string): string => `The state of an earlier supervisor can't be read: ${reason}`;

test.each<{ what: string; damage: () => void; told: string[] }>([
  {
    what: 'a torn snapshot',
    damage: () => change(snapshot(), (text) => text.slice(0, text.length / 2)),
    told: [unreadable('snapshot.json is damaged')],
  },
  {
    what: 'an empty snapshot',
    damage: () => change(snapshot(), () => ''),
    told: [unreadable('snapshot.json is damaged')],
  },
  {
    what: 'a snapshot that is none',
    damage: () => change(snapshot(), () => '\0\xff{]'),
    told: [unreadable('snapshot.json is damaged')],
  },
  {
    what: 'a snapshot with a part missing',
    damage: () => change(snapshot(), (text) => JSON.stringify({ ...JSON.parse(text), processes: undefined })),
    told: [unreadable('snapshot.json is damaged')],
  },
  {
    what: 'a snapshot of a later version',
    damage: () => change(snapshot(), (text) => JSON.stringify({ ...JSON.parse(text), version: 2 })),
    told: [unreadable('version 2 of snapshot.json is not known here, expected 1')],
  },
  {
    what: 'a snapshot whose engine is of a later version',
    damage: () => change(snapshot(), (text) => JSON.stringify({ ...JSON.parse(text), snapshot: { version: 9 } })),
    told: [unreadable('snapshot version 9 is not known here, expected 1')],
  },
  {
    what: 'a missing record',
    damage: () => rmSync(record()),
    told: [unreadable('record.1.jsonl is missing')],
  },
  {
    what: 'a record that is damaged in the middle',
    damage: () => change(record(), (text) => text.replace('{"input"', '{{"input"')),
    told: [unreadable('line 1 of record.1.jsonl is damaged')],
  },
  {
    what: 'a snapshot that is a directory',
    damage: () => {
      rmSync(snapshot());
      mkdirSync(snapshot());
    },
    told: [unreadable('EISDIR: illegal operation on a directory, read')],
  },
  { what: 'no snapshot', damage: () => rmSync(snapshot()), told: [] },
  { what: 'nothing at all', damage: () => rmSync(state(), { recursive: true }), told: [] },
])('after $what the same processes are supervised, and none is started twice', async ({ what, damage, told }) => {
  job('web', 'start on startup\nrespawn\nexec sleep 1000\n');
  job('many', 'instance $N\nexec sleep 1000\n');
  job('once', `start on startup\ntask\nscript\n  echo x >> ${dir}/once\nend script\n`);
  const first = start();
  await first.startJob('many', { env: ['N=1'] });
  await first.startJob('many', { env: ['N=2'] });
  while (first.instance('once') !== undefined) await new Promise(setImmediate);
  const before = [mainPid(first, 'web'), mainPid(first, 'many', '1'), mainPid(first, 'many', '2')];
  await first.close();
  damage();
  const second = start();
  expect(second.isContinued).toBe(true);
  expect([mainPid(second, 'web'), mainPid(second, 'many', '1'), mainPid(second, 'many', '2')]).toEqual(before);
  const isDirectory = what.endsWith('directory') ? [expect.stringContaining('Unable to keep the state')] : [];
  expect(messages).toEqual([...told, ONLY_PROCESSES, ...isDirectory]);
  await expect(second.startJob('web')).rejects.toMatchObject({ code: 'AlreadyStarted' });
  // No startup event: the task would run again.
  expect(readFileSync(join(dir, 'once'), 'utf8')).toBe('x\n');
  const respawned = new Promise<number>((resolve) => {
    second.subscribe((event) => event.kind === 'process-started' && resolve(event.pid));
  });
  process.kill(before[0] ?? 0, 'SIGKILL');
  expect(await respawned).toBe(mainPid(second, 'web'));
  // From here on it is a state like any other.
  const after = mainPid(second, 'web');
  if (isDirectory.length > 0) return;
  await second.close();
  const third = start();
  expect([mainPid(third, 'web'), mainPid(third, 'many', '2')]).toEqual([after, before[2]]);
  await third.shutdown();
  expect(before.map((pid) => isAlive(pid ?? 0))).toEqual([false, false, false]);
});

test('what can not be supervised is named, ends at the shutdown, and startup is emitted where nothing is', async () => {
  job('old', 'start on startup\nexec sleep 1000\n');
  const first = start();
  const pid = mainPid(first, 'old') ?? 0;
  await first.close();
  rmSync(join(dir, 'conf/old.conf'));
  rmSync(snapshot());
  job('new', 'start on startup\nexec sleep 1000\n');
  const second = start();
  expect(messages).toEqual([
    `old main process (${pid}) lives, but its job is not defined any more: it is not supervised`,
  ]);
  expect(mainPid(second, 'new')).toBeGreaterThan(0);
  await second.shutdown();
  expect(isAlive(pid)).toBe(false);
});

test('jobs of a supervisor that lives are left to it, though its directory is gone', async () => {
  job('web', 'start on startup\nexec sleep 1000\n');
  const fixture = join(import.meta.dirname, 'fixtures/busy.mjs');
  mkdirSync(join(dir, 'log'));
  const child = spawn(process.execPath, [fixture, dir, 'idle'], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  rmSync(state(), { recursive: true });
  expect(findLostRun(state())).toBeUndefined();
  const end = once(child, 'exit');
  child.kill('SIGKILL');
  await end;
  expect(findLostRun(state())?.processes.map(({ role, env }) => [role, env.includes('UPSTART_JOB=web')])).toEqual([
    ['main', true],
  ]);
  start();
});
