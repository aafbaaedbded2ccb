import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from './helpers/run.js';

/** Larger than any PID that Linux gives. */
const DEAD = 4_194_305;

let runtime: string;
let sessions: string;

beforeEach(() => {
  runtime = mkdtempSync(join(tmpdir(), 'initctl-'));
  sessions = join(runtime, 'upstart', 'sessions');
  mkdirSync(sessions, { recursive: true });
});

afterEach(() => {
  rmSync(runtime, { recursive: true });
});

const write = (name: string, content: string): void => writeFileSync(join(sessions, name), content);
const list = (...options: readonly string[]) =>
  run(['list-sessions', ...options], { env: { XDG_RUNTIME_DIR: runtime } });

test('each live Session Init is a line of PID and address', async () => {
  write(`${process.pid}.session`, 'UPSTART_SESSION=unix:abstract=/x\n');
  write(`${DEAD}.session`, 'UPSTART_SESSION=unix:abstract=/y\n');
  expect(await list()).toEqual({ status: 0, stdout: `${process.pid} unix:abstract=/x\n`, stderr: '' });
});

test('stale files are named with --verbose', async () => {
  write(`${DEAD}.session`, 'UPSTART_SESSION=unix:abstract=/y\n');
  expect(await list('-v')).toEqual({
    status: 0,
    stdout: `Ignoring stale session file: ${sessions}/${DEAD}.session\n`,
    stderr: '',
  });
});

test('files of another form are passed over', async () => {
  write(`${process.pid}.session.tmp`, 'UPSTART_SESSION=unix:abstract=/x\n');
  write('x.session', 'UPSTART_SESSION=unix:abstract=/x\n');
  write('1.session', 'SOMETHING=else\n');
  mkdirSync(join(sessions, '2.session'));
  expect(await list('-v')).toEqual({ status: 0, stdout: '', stderr: '' });
});

test('no directory yet means no sessions', async () => {
  rmSync(join(runtime, 'upstart'), { recursive: true });
  expect(await list()).toEqual({ status: 0, stdout: '', stderr: '' });
});

test.each([{ XDG_RUNTIME_DIR: undefined }, { XDG_RUNTIME_DIR: '' }])('%j: there is no place to look', async (env) => {
  expect(await run(['list-sessions'], { env })).toEqual({
    status: 1,
    stdout: '',
    stderr: 'initctl: Unable to query session directory\n',
  });
});

test('a place that can not be read is an error', async () => {
  rmSync(sessions, { recursive: true });
  writeFileSync(sessions, '');
  expect(await list()).toEqual({ status: 1, stdout: '', stderr: 'initctl: unable to determine sessions\n' });
});
