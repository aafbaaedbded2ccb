import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type HeldStart, type StartAnswer } from '@maverick/dbus';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ConsoleQuestions } from '../src/console-questions.js';
import { tempDir } from './helpers/temp-dir.js';

// A busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

const UPSTART = join(import.meta.dirname, '../bin/upstart.js');

const desk = (held: HeldStart[]) => {
  const said: [string, StartAnswer][] = [];
  let shown = '';
  let type: (line: string) => void = () => {};
  const questions = new ConsoleQuestions(
    {
      set: () => {},
      state: () => undefined,
      answer: (job, _instance, answer) => void said.push([job, answer]),
      held: () => held,
    },
    {
      write: (text) => {
        shown += text;
      },
      onLine: (listener) => {
        type = listener;
        return () => {};
      },
    },
  );
  return { questions, said, shown: () => shown, type: (line: string) => type(line) };
};

test('one start after the other is asked about', () => {
  const held: HeldStart[] = [
    { job: 'db', instance: '', reason: ['Because: event boot.', 'Behind that: more.'], remainingMs: 29_500 },
    { job: 'worker', instance: '7', reason: [] },
  ];
  const { questions, said, shown, type } = desk(held);
  questions.ask();
  questions.ask();
  expect(shown()).toBe('Because: event boot.\nStart db? [y]es, [n]o, [a]lways, [q]uit (yes in 30 s): ');
  type(' N ');
  held.shift();
  questions.ask();
  expect(shown()).toMatch(/: Start worker \(7\)\? \[y\]es, \[n\]o, \[a\]lways, \[q\]uit: $/);
  held[0] = { job: 'worker', instance: '7', reason: ['Because: event go, 3 s ago.'], remainingMs: 7000 };
  type('what?');
  expect(shown()).toMatch(
    /\[q\]uit: what\? is no answer\.\nBecause: event go, 3 s ago\.\nStart worker \(7\)\? .* \(yes in 7 s\): $/,
  );
  type('');
  held.shift();
  questions.ask();
  type('yes');
  expect(said).toEqual([
    ['db', 'no'],
    ['worker', 'yes'],
  ]);
});

test('what somebody else has answered is not asked about any more', () => {
  const held: HeldStart[] = [{ job: 'db', instance: '', reason: [] }];
  const { questions, said, shown, type } = desk(held);
  questions.ask();
  held.shift();
  questions.ask();
  type('no');
  expect([said, shown().endsWith(': \n')]).toEqual([[], true]);
});

/** `upstart --user --confirm` on a terminal. */
const onTerminal = (jobs: Readonly<Record<string, string>>) => {
  const home = tempDir();
  mkdirSync(join(home, 'jobs'));
  for (const [name, text] of Object.entries(jobs)) writeFileSync(join(home, 'jobs', name), text);
  const command = `exec ${process.execPath} ${UPSTART} --user --live --confirm --no-dbus --confdir ${home}/jobs --logdir ${home}/logs`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { PATH: process.env['PATH'], HOME: home, XDG_RUNTIME_DIR: home, SHELL: '/bin/sh', TERM: 'dumb' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  // script(1) alone would leave the daemon behind.
  onTestFinished(async () => {
    child.stdin.write('\u0003');
    await ended;
  });
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
  });
  return {
    child,
    home,
    screen: () => screen,
    shows: (text: RegExp, from = 0) => vi.waitFor(() => expect(screen.slice(from)).toMatch(text), { timeout: 60_000 }),
  };
};

const SERVICE = 'exec sleep 300\n';

test('upstart --confirm asks on its terminal before each start', async () => {
  const { child, shows, screen } = onTerminal({
    'db.conf': `start on startup\n${SERVICE}`,
    'web.conf': `start on started db\n${SERVICE}`,
    'log.conf': `start on started db\n${SERVICE}`,
  });
  await shows(/Because: event startup, .*\r\nStart db\? \[y\]es, \[n\]o, \[a\]lways, \[q\]uit \(yes in \d+ s\): /);
  child.stdin.write('y\n');
  await shows(/Start (?:web|log)\? /);
  const [, second] = /Start (web|log)\? /.exec(screen()) ?? [];
  child.stdin.write('n\n');
  await shows(second === 'web' ? /Start log\? / : /Start web\? /);
  expect(screen()).not.toMatch(new RegExp(`${second} +.*running`));
  child.stdin.write('q\n');
  await shows(new RegExp(`${second === 'web' ? 'log' : 'web'} +.*running`));
});

test('a start that waits for a word waits on after a re-exec, and is asked about again', async () => {
  const { child, home, shows, screen } = onTerminal({
    'db.conf': `start on startup\n${SERVICE}`,
    'web.conf': `start on started db\n${SERVICE}`,
  });
  await shows(/Start db\? /);
  const sessions = join(home, 'upstart/sessions');
  const [file = ''] = readdirSync(sessions);
  const address = /UPSTART_SESSION=(.*)/.exec(readFileSync(join(sessions, file), 'utf8'))?.[1] ?? '';
  const upstart = await connect(address);
  onTestFinished(() => upstart.close());
  const [seen, held] = [screen().length, await upstart.init1.heldStarts()];
  await upstart.restart();
  expect(readFileSync(`/proc/${Number.parseInt(file, 10)}/cmdline`, 'latin1')).toContain('--restart');
  const [start, ...more] = await upstart.init1.heldStarts();
  expect([start?.job, more, await upstart.init1.confirming()]).toEqual([
    'db',
    [],
    { on: true, jobs: [], always: [], timeoutMs: 30_000 },
  ]);
  // Its time goes on, and does not begin anew.
  expect(start?.remainingMs).toBeLessThanOrEqual(held[0]?.remainingMs ?? 0);
  await shows(/Because: event startup, .*\r\nStart db\? .* \(yes in \d+ s\): /, seen);
  child.stdin.write('y\n');
  await shows(/Start web\? /, seen);
  child.stdin.write('y\n');
  await shows(/web +.*running/, seen);
});
