import type { UpstartEvent } from '@maverick/dbus/client';
import { describe, expect, test } from 'vitest';
import type { InitAddress } from '../src/init-address.js';
import { eventText, timeText } from '../src/programs/upstart-monitor.js';
import { fakeUpstart } from './helpers/fake-upstart.js';
import { run } from './helpers/run.js';

const header = (called: string): string =>
  `# Upstart Event Monitor (console mode)\n#\n# Connected to ${called}\n#\n# Columns: time, event and environment\n\n`;

/** A daemon that tells these events and goes. */
const telling = (events: readonly UpstartEvent[]) => {
  const asked: InitAddress[] = [];
  const client = {
    ...Object.fromEntries(
      Object.entries(Object.getOwnPropertyDescriptors(fakeUpstart({}).client)).flatMap(([name, { value }]) =>
        value === undefined ? [] : [[name, value]],
      ),
    ),
    async *events() {
      yield* events;
    },
  } as unknown as ReturnType<typeof fakeUpstart>['client'];
  const connect = async (init: InitAddress) => {
    asked.push(init);
    return client;
  };
  return { asked, connect };
};

const bus = (kind: 'system' | 'session') => ({ kind: 'bus', bus: kind, name: 'com.ubuntu.Upstart' });

describe('where it listens', () => {
  const env = { UPSTART_SESSION: 'unix:abstract=x' };

  test.each([
    { line: [], env: {}, called: 'D-Bus system bus', init: bus('system') },
    { line: [], env, called: 'Upstart session socket', init: { kind: 'session-init', address: 'unix:abstract=x' } },
    { line: ['-n', '-d', 'system-bus'], env, called: 'D-Bus system bus', init: bus('system') },
    { line: ['--destination=session-bus'], env, called: 'D-Bus session bus', init: bus('session') },
    { line: ['-dsystem-socket'], env, called: 'Upstart system socket', init: { kind: 'system-init' } },
  ])('$line in $env: $called', async ({ line, env, called, init }) => {
    const { asked, connect } = telling([]);
    const { stdout } = await run(line, { program: 'upstart-monitor', env, connect });
    expect(stdout).toBe(header(called));
    expect(asked).toEqual([init]);
  });

  test.each([
    { line: ['-d', 'moon'], text: "invalid destination: moon\nTry `upstart-monitor --help' for more information." },
    {
      line: ['-d', 'session-socket'],
      text: "UPSTART_SESSION isn't set in the environment. Unable to locate the Upstart instance.",
    },
  ])('$line', async ({ line, text }) => {
    expect(await run(line, { program: 'upstart-monitor', connect: telling([]).connect })).toEqual({
      status: 1,
      stdout: '',
      stderr: `upstart-monitor: ${text}\n`,
    });
  });
});

test('a line for each event, until the daemon goes', async () => {
  const { connect } = telling([
    { kind: 'event-emitted', name: 'started', env: ['JOB=web', 'ARGS=a=b', 'EMPTY='] },
    { kind: 'job-added', job: '/com/ubuntu/Upstart/jobs/x' },
    { kind: 'event-emitted', name: 'plain', env: [] },
  ]);
  const { status, stdout, stderr } = await run(['-s', ' | '], { program: 'upstart-monitor', connect });
  const lines = stdout.slice(header('D-Bus system bus').length).split('\n');
  const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}`;
  expect(lines).toEqual([
    expect.stringMatching(new RegExp(`^${time} \\| started JOB='web' ARGS='a=b' EMPTY=''$`)),
    expect.stringMatching(new RegExp(`^${time} \\| plain$`)),
    '',
  ]);
  expect({ status, stderr }).toEqual({ status: 1, stderr: 'upstart-monitor: The connection to Upstart was lost\n' });
});

test('times have microseconds', () => {
  expect(timeText(new Date(2026, 0, 2, 3, 4, 5, 67).getTime() + 0.125)).toBe('2026-01-02 03:04:05.067125');
});

test('values may hold anything', () => {
  expect(eventText('e', ['A=x\ny', 'B'])).toBe("e A='x\ny' B");
});
