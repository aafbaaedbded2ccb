import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Engine } from '@maverick/engine';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { bootId, STATE_FILE } from '../src/state-file.js';
import { StateStore, type StateToSave } from '../src/state-store.js';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'maverick-state-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const state = (rest: Partial<StateToSave> = {}): StateToSave => ({
  runId: 'run',
  bootId: bootId(),
  options: {},
  lastRequest: 0,
  processes: [],
  ...rest,
});
const emit = { kind: 'emit', session: '', name: 'tick', env: [], at: 1 } as const;

/** What the next supervisor would find. */
const found = () => {
  const store = new StateStore(dir);
  const run = store.load();
  store.close();
  return run;
};

test('what was recorded since the last snapshot is found, in order, and nothing that was before', () => {
  const store = new StateStore(dir);
  store.save(state());
  store.input({ ...emit, name: 'before' });
  store.flush();
  store.save(state({ lastRequest: 7, snapshot: new Engine().snapshot() }));
  store.input(emit);
  store.started([3, 42, 1000]);
  store.flush();
  store.close();
  expect(found()).toMatchObject({
    state: { runId: 'run', lastRequest: 7, generation: 2 },
    lines: [{ input: emit }, { started: [3, 42, 1000] }],
  });
  expect(readdirSync(dir).sort()).toEqual(['lock', 'record.2.jsonl', 'snapshot.json']);
});

test('what was not flushed was not acted upon either, and is not found', () => {
  const store = new StateStore(dir);
  store.save(state());
  store.input(emit);
  store.close();
  expect(found()?.lines).toEqual([]);
});

test('a process writes its own birth into the record', () => {
  const store = new StateStore(dir);
  store.save(state());
  const birth = store.birth(5);
  appendFileSync(birth?.fd ?? -1, birth?.text ?? '');
  store.close();
  expect(found()?.lines).toEqual([{ born: 5 }]);
});

test('a line that a crash has torn is left out, and the next supervisor goes on behind it', () => {
  const store = new StateStore(dir);
  store.save(state());
  store.input(emit);
  store.flush();
  store.close();
  appendFileSync(join(dir, 'record.1.jsonl'), '{"input":{"ki');
  const next = new StateStore(dir);
  next.load();
  next.resume();
  next.input({ ...emit, name: 'next' });
  next.flush();
  next.close();
  expect(found()?.lines).toEqual([{ input: emit }, { input: { ...emit, name: 'next' } }]);
});

test('descriptors of the program that died mean nothing', () => {
  const store = new StateStore(dir);
  store.save(state());
  store.input({ ...emit, fds: [7] });
  store.flush();
  store.close();
  expect(found()?.lines).toEqual([{ input: { ...emit, fds: [] } }]);
});

test.each([
  {
    what: 'of another version',
    rest: { version: 2 },
    says: 'version 2 of snapshot.json is not known here, expected 1',
  },
  { what: 'without its number', rest: { generation: undefined }, says: 'snapshot.json is damaged' },
  { what: 'without its record', rest: {}, says: 'record.1.jsonl is missing' },
])('a state $what can not be read', ({ rest, says }) => {
  writeFileSync(join(dir, STATE_FILE), JSON.stringify({ version: 1, generation: 1, ...state(), ...rest }));
  const store = new StateStore(dir);
  expect(() => store.load()).toThrow(says);
  store.close();
});

test('a state of another boot is no state', () => {
  const other = { version: 1, generation: 1, ...state({ bootId: 'other' }) };
  writeFileSync(join(dir, STATE_FILE), JSON.stringify(other));
  expect(found()).toBeUndefined();
});

test('the lock of a supervisor that died while a child had not become its program yet is taken', () => {
  writeFileSync(join(dir, 'lock'), '');
  // A child that stays before its program holds what its parent has locked.
  const child = spawn('flock', ['--no-fork', join(dir, 'lock'), 'sleep', '1000'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const isLocked = (): boolean => spawnSync('flock', ['-n', join(dir, 'lock'), 'true']).status !== 0;
  while (!isLocked());
  expect(() => new StateStore(dir)).toThrow(expect.objectContaining({ code: 'StateInUse' }));
  const { pid } = spawnSync('true');
  writeFileSync(join(dir, 'lock'), `${pid} 1\n`);
  const store = new StateStore(dir);
  expect(() => new StateStore(dir)).toThrow(expect.objectContaining({ code: 'StateInUse' }));
  store.close();
});

test('a record is long when it is longer than a snapshot', () => {
  const store = new StateStore(dir);
  store.save(state());
  expect(store.isLong).toBe(false);
  for (let count = 0; count < 20_000; count += 1) store.input(emit);
  store.flush();
  expect(store.isLong).toBe(true);
  store.close();
});

test('removed, it leaves nothing but the lock; the directory is ours alone', () => {
  const store = new StateStore(dir);
  store.save(state());
  expect(() => new StateStore(dir)).toThrow(expect.objectContaining({ code: 'StateInUse' }));
  store.remove();
  store.close();
  expect(readdirSync(dir)).toEqual(['lock']);
});

const canMount = process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0;
if (!canMount) console.log('skipped: only root with CAP_SYS_ADMIN can mount a small file system');

describe.skipIf(!canMount)('a full disk', () => {
  test('stops nobody: one warning, and no state that is older than what runs', () => {
    const fixture = join(import.meta.dirname, 'fixtures/full-state.mjs');
    const script = `mount -t tmpfs -o size=64k none ${dir} && exec ${process.execPath} ${fixture} ${dir}`;
    const { stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', script], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      warnings: [expect.stringMatching(/Unable to keep the state for after a crash: ENOSPC/)],
      files: ['filler', 'lock'],
      state: 'running',
    });
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(dir);
  });
});
