import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from '@maverick/dbus/client';
import { journalFileName } from '@maverick/engine';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { liveDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';

const INITCTL = fileURLToPath(new URL('../bin/initctl.js', import.meta.url));

/** All that reads the journal. */
const READERS: readonly string[] = [
  'journal',
  'journal --boot=0',
  'history',
  'timeline',
  'blame',
  'critical-chain',
  'graph --boot',
  'explain web --at=0s',
];

describe('a daemon that keeps no journal', () => {
  const daemon = liveDaemon({ web: 'exec sleep 300\n' }, ['--no-journal']);

  test.each(READERS)('%s: says so', async (words) => {
    const { status, stdout, stderr } = await run(words.split(' '), { env: daemon.env });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^initctl: The init daemon keeps no journal: .*--journal=DIR.*\n$/);
  });

  test('tells what comes all the same', async () => {
    const child = spawn(process.execPath, [INITCTL, 'journal', '-f', '--what=event-finished'], { env: daemon.env });
    onTestFinished(() => void child.kill());
    let got = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      got += text;
    });
    await vi.waitFor(
      async () => {
        await run(['emit', 'later'], { env: daemon.env });
        expect(got).toContain('later finished');
      },
      { timeout: 60_000, interval: 100 },
    );
  });
});

describe('a directory that has only older files of a journal', () => {
  const daemon = liveDaemon({ web: 'start on boot\nexec sleep 300\n' });
  let dir = '';

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'initctl-place-'));
    await run(['emit', 'boot'], { env: daemon.env });
    await vi.waitFor(
      async () => {
        const { stdout } = await run(['journal', '--what=state-changed', '--job=web'], { env: daemon.env });
        expect(stdout).toContain('-> running');
      },
      { timeout: 60_000, interval: 100 },
    );
    const client = await connect(daemon.env.UPSTART_SESSION);
    cpSync((await client.init1.journalPlace()) ?? '', dir, { recursive: true });
    client.close();
    renameSync(join(dir, journalFileName(0)), join(dir, journalFileName(1)));
  }, 120_000);
  afterAll(() => rmSync(dir, { recursive: true }));

  test.each(READERS)('%s: is told from them', async (words) => {
    const { status, stdout, stderr } = await run([...words.split(' '), `--journal-dir=${dir}`]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('web');
  });
});

test.each(READERS)('%s: --journal-dir without a journal', async (words) => {
  const dir = mkdtempSync(join(tmpdir(), 'initctl-place-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  for (const place of [dir, join(dir, 'nowhere')]) {
    expect(await run([...words.split(' '), `--journal-dir=${place}`])).toEqual({
      status: 1,
      stdout: '',
      stderr: `initctl:${place}: No journal that can be read\n`,
    });
  }
});

test.each(READERS.slice(1, -1))('%s: --journal-dir with an empty journal', async (words) => {
  const dir = mkdtempSync(join(tmpdir(), 'initctl-place-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, journalFileName(0)), '');
  expect(await run([...words.split(' '), `--journal-dir=${dir}`])).toEqual({
    status: 1,
    stdout: '',
    stderr: 'initctl: The journal has no lines\n',
  });
});

test.each(READERS)('%s: --journal-dir with a directory in the place of a file', async (words) => {
  const dir = mkdtempSync(join(tmpdir(), 'initctl-place-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  mkdirSync(join(dir, journalFileName(0)));
  const { status, stdout, stderr } = await run([...words.split(' '), `--journal-dir=${dir}`]);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain(`${join(dir, journalFileName(0))}: Not a regular file`);
});
