import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { canBeMachine, TestMachine } from './helpers/test-machine.js';

// A busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });

const hasScript = spawnSync('script', ['--version']).status === 0;
if (!hasScript) console.log('skipped: a console of the machine takes script(1)');

const SERVICE = 'exec sleep 1000\n';
const WITH_CONSOLE = join(import.meta.dirname, 'fixtures/with-console.sh');

/** Process 1 with `--confirm`, and a terminal as its console. */
const machineWithConsole = (files: Readonly<Record<string, string>>): TestMachine =>
  new TestMachine({ files, args: ['--confirm'], before: [WITH_CONSOLE], input: null });

describe.skipIf(!canBeMachine || !hasScript)('process 1 with --confirm', () => {
  test('asks on /dev/console, and takes what is typed there', async () => {
    const machine = machineWithConsole({
      'db.conf': `start on startup\n${SERVICE}`,
      'web.conf': `start on started db\n${SERVICE}`,
      'log.conf': `start on stopped web\n${SERVICE}`,
    });
    await machine.out.match(
      /Because: event startup, .*\r\nStart db\? \[y\]es, \[n\]o, \[a\]lways, \[q\]uit \(yes in \d+ s\): /,
    );
    expect(await machine.initctl('status', 'db')).toBe('db start/starting\n');
    machine.type('y\n');
    await machine.out.match(/Because: event started JOB=db .*\r\n(?:.*\r\n)*Start web\? /);
    expect(await machine.initctl('status', 'db')).toMatch(/^db start\/running/);
    machine.type('n\n');
    await machine.out.match(/Start log\? /);
    expect(await machine.initctl('status', 'web')).toBe('web stop/waiting\n');
    machine.type('q\n');
    await machine.err.match(/log started/);
  });

  test('the time over is a yes, and is seen on the console', async () => {
    const machine = machineWithConsole({
      'db.conf': `start on go\n${SERVICE}`,
      'web.conf': `start on started db\n${SERVICE}`,
    });
    await vi.waitFor(() => machine.initctl('confirm', 'on', '--timeout=500ms'), { timeout: 40_000 });
    await machine.initctl('emit', '--no-wait', 'go');
    await machine.out.match(/Start db\? .* \(yes in 1 s\): [\s\S]*Start web\? .* \(yes in 1 s\): \r\n/);
    await machine.err.match(/web started/);
  });

  test('a start that waits goes on waiting over a re-exec, and is asked about again', async () => {
    const machine = machineWithConsole({
      'db.conf': `start on startup\n${SERVICE}`,
      'web.conf': `start on started db\n${SERVICE}`,
    });
    await machine.out.match(/Start db\? /);
    const seen = machine.out.text.length;
    machine.signal('SIGTERM');
    await machine.out.match(/Because: event startup, .*\r\nStart db\? .* \(yes in \d+ s\): /, seen);
    expect(await machine.initctl('status', 'db')).toBe('db start/starting\n');
    expect(await machine.initctl('confirm')).toMatch(/^Each start waits for a word, 30 s at most, .*\ndb, yes in /);
    machine.type('y\n');
    await machine.out.match(/Start web\? /, seen);
    machine.type('y\n');
    await machine.err.match(/web started/);
  });
});
