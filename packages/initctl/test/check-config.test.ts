import { describe, expect, test } from 'vitest';
import { liveDaemon } from './helpers/daemon.js';
import { type FakeJob, fakeUpstart } from './helpers/fake-upstart.js';
import { run } from './helpers/run.js';

/** A condition in reverse Polish order: `,` between elements, `and` and `or` behind their sides. */
const rpn = (text: string): string[][] =>
  text.split(', ').map((part) => (part === 'and' || part === 'or' ? [`/${part.toUpperCase()}`] : part.split(' ')));

const check = async (jobs: Readonly<Record<string, FakeJob>>, line: readonly string[] = [], env = {}) => {
  const { status, stdout, stderr } = await run(['check-config', ...line], { client: fakeUpstart(jobs).client, env });
  return { status, lines: stdout.split('\n').slice(0, -1), stderr };
};

/** What is reported of one job with this condition, beside jobs `db` and `net`, which emits `net-*`. */
const faults = async (condition: string, ...line: readonly string[]): Promise<string[]> => {
  const { lines } = await check({ x: { startOn: rpn(condition) }, db: {}, net: { emits: ['net-*', 'up'] } }, line);
  return lines.slice(1).map((text) => text.replace('  start on: unknown ', ''));
};

describe('what is known', () => {
  test.each([
    ['startup'],
    ['control-alt-delete'],
    ['keyboard-request'],
    ['power-status-changed'],
    ['dbus-activation'],
    ['debug'],
    ['starting'],
    ['started db'],
    ['stopping JOB=db'],
    ['stopped RESULT=failed JOB=db'],
    ['started $JOB'],
    ['up'],
    ['net-eth0'],
    ['net-eth0 A=1'],
  ])('%s', async (condition) => {
    expect(await faults(condition)).toEqual([]);
  });

  test.each([
    { condition: 'down', fault: 'event down' },
    { condition: 'net', fault: 'event net' },
    { condition: 'session-end', fault: 'event session-end' },
    { condition: 'started web', fault: 'job web' },
    { condition: 'stopped RESULT=ok JOB=web', fault: 'job web' },
  ])('not $condition', async ({ condition, fault }) => {
    expect(await faults(condition)).toEqual([fault]);
  });

  test('session-end, in a session', async () => {
    const env = { UPSTART_SESSION: 'unix:abstract=x' };
    expect(await check({ x: { stopOn: rpn('session-end') } }, [], env)).toMatchObject({ status: 0, lines: [] });
  });

  test('what --ignore-events names', async () => {
    expect(await faults('a, b, and, c, and', '-i', 'a,c')).toEqual(['event b']);
    expect(await faults('a, b, and', '--ignore-events=a,b')).toEqual([]);
  });
});

describe('which part of a condition is reported', () => {
  test.each([
    { condition: 'a, b, and', report: ['event b', 'event a'] },
    { condition: 'a, b, or', report: ['event b', 'event a'] },
    { condition: 'a, up, or', report: [] },
    { condition: 'a, up, and', report: ['event a'] },
    { condition: 'a, up, and, up, or', report: ['event a'] },
    { condition: 'a, up, and, up, b, and, or', report: ['event b', 'event a'] },
    { condition: 'a, up, or, up, b, and, and', report: ['event b', 'event a'] },
    { condition: 'up, a, b, and, c, and, or', report: ['event c', 'event b', 'event a'] },
  ])('$condition: $report', async ({ condition, report }) => {
    expect(await faults(condition)).toEqual(report);
  });

  test('with --warn an "or" needs both sides', async () => {
    expect(await faults('a, up, or', '-w')).toEqual(['event a']);
    expect(await faults('up, up, or', '--warn')).toEqual([]);
  });

  test('a long condition is no deep one', async () => {
    const names = Array.from({ length: 3000 }, (_, number) => `e${number}`);
    expect(await faults(`e, ${names.map((name) => `${name}, or`).join(', ')}`)).toHaveLength(3001);
  });
});

describe('the report', () => {
  const jobs = {
    web: { startOn: rpn('a'), stopOn: rpn('b') },
    db: { startOn: rpn('startup') },
    log: { stopOn: rpn('c') },
  };

  test('each job once, start on before stop on, status 1', async () => {
    expect(await check(jobs)).toEqual({
      status: 1,
      lines: ['web', '  start on: unknown event a', '  stop on: unknown event b', 'log', '  stop on: unknown event c'],
      stderr: '',
    });
  });

  test('one job only', async () => {
    expect(await check(jobs, ['log'])).toEqual({ status: 1, lines: ['log', '  stop on: unknown event c'], stderr: '' });
    expect(await check(jobs, ['db'])).toEqual({ status: 0, lines: [], stderr: '' });
    expect(await check(jobs, ['nosuch'])).toEqual({
      status: 1,
      lines: [],
      stderr: 'initctl: Invalid job class: nosuch\n',
    });
  });
});

test('a daemon that is too old to tell conditions is no proof that they are in order', async () => {
  expect(await check({ web: { startOn: undefined, stopOn: undefined } })).toEqual({
    status: 1,
    lines: [],
    stderr: 'initctl: the init daemon is too old to tell what jobs emit, start on and stop on\n',
  });
});

describe('the events of bridges inside the daemon', () => {
  const jobs = {
    a: 'start on time EVERY=1h\nexec x\n',
    b: 'start on net-device-added INTERFACE=eth0\nexec x\n',
    c: 'start on socket PROTO=inet PORT=1\nexec x\n',
  };
  const daemon = liveDaemon(jobs, ['--bridge', 'time,udev']);

  test('are known, and those of a bridge that is not there are not', async () => {
    expect(await run(['check-config'], { env: daemon.env })).toMatchObject({
      status: 1,
      stdout: 'c\n  start on: unknown event socket\n',
    });
  });

  test('are known to --proof, too', async () => {
    const { stdout } = await run(['check-config', '--proof'], { env: daemon.env });
    expect(stdout.match(/^Not by itself: \w/gm)).toEqual(['Not by itself: c']);
  });
});
