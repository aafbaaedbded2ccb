import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { liveDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';
import { drawScreen } from './helpers/screen.js';
import { onTerminal } from './helpers/terminal.js';

/** What long operations show on a terminal, and how they end by Control-C. */

const JOBS = {
  slow: 'instance $GATE\npre-start script\n  mkfifo $GATE\n  cat $GATE\nend script\nexec sleep 300\n',
  stubborn:
    'instance $N\nkill timeout 600\nscript\n  trap "" TERM\n  echo ready\n  while :; do sleep 1; done\nend script\n',
  long: 'start on go\ntask\nexec sleep 300\n',
  never: 'exec sleep 300\n',
  talks: 'exec sh -c "echo one; sleep 300"\n',
} as const;

const daemon = liveDaemon(JOBS);

beforeAll(async () => {
  for (const N of ['N=1', 'N=2']) {
    await initctl('start', 'stubborn', N);
    await vi.waitFor(async () => expect((await initctl('log', 'stubborn', N)).stdout).toBe('ready\n'), SOON);
  }
  await initctl('start', 'talks');
}, 120_000);

afterAll(async () => {
  for (const N of ['N=1', 'N=2']) {
    await initctl('stop', '--no-wait', 'stubborn', N);
    const pid = /process (\d+)/.exec((await initctl('status', 'stubborn', N)).stdout)?.[1];
    process.kill(-Number(pid), 'SIGKILL');
  }
}, 120_000);

const SOON = { timeout: 60_000 };
const initctl = (...words: readonly string[]) => run(words, { env: daemon.env });
const CONTROL_C = '\x03';

describe('Control-C', () => {
  test.each([
    ['start slow GATE=$HOME/gate1', /start slow: waiting for \d+ s\. .*It waits for its pre-start process to end\./],
    ['stop stubborn N=1', /stop stubborn: waiting for \d+ s\. \S+/],
    ['restart stubborn N=2', /restart stubborn: waiting for \d+ s\. \S+/],
    ['emit go', /emit go: waiting for \d+ s\. .*long/],
    ['wait never --for=started', /wait for never to be started: waiting for \d+ s\. \S+/],
  ])('takes what %s shows away, and ends it', async (command, line) => {
    const { screen, status } = await onTerminal(`$I ${command}`, daemon.env, {
      columns: 200,
      keys: [[line, CONTROL_C]],
    });
    expect(status).toBe(130);
    // Only what the terminal itself shows for the key is left.
    expect((await drawScreen(screen, { columns: 200 })).lines.join('').replace('^C', '')).toBe('');
    expect((await initctl('status', 'never')).stdout).toBe('never stop/waiting\n');
  });

  test('ends log --follow', async () => {
    const { screen, status } = await onTerminal('$I log -f talks', daemon.env, { keys: [[/one/, CONTROL_C]] });
    expect(status).toBe(130);
    expect(screen).toMatch(/^one\n/);
  });
});

test('the line goes when it is over, and the answer comes', async () => {
  const gate = join(daemon.folder, 'gate2');
  const open = (): string => {
    if (existsSync(gate)) writeFileSync(gate, '');
    return '';
  };
  const { screen, status } = await onTerminal(`$I start slow GATE=${gate}`, daemon.env, {
    columns: 80,
    keys: [[/waiting for \d+ s/, open]],
  });
  expect(status).toBe(0);
  const { lines, wrapped } = await drawScreen(screen, { columns: 80 });
  expect(wrapped.length).toBeLessThanOrEqual(1);
  expect(lines.join('')).toMatch(/^slow \(.*gate2\) start\/running, process \d+$/);
});
