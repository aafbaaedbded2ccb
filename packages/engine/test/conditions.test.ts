import { describe, expect, test } from 'vitest';
import { jobOf } from './helpers/machine.js';
import { maverick, upstart } from './helpers/scenario.js';

describe('half a condition', () => {
  test('is remembered; only the event that completes it waits (E1)', () => {
    const it = maverick({ a: 'start on A and B\nexpect stop\nexec /bin/x' });
    expect(it.emit('A', { env: ['X=1'] })).toBe('+A =A -A 1.ok');
    expect(it.emit('B')).not.toContain('2.');
    expect(it.ready('a')).toContain('-B 2.ok');
    expect(it.env('a')).toEqual(expect.arrayContaining(['X=1', 'UPSTART_EVENTS=A B']));
  });

  test("holds its event in the original's semantics", () => {
    const it = upstart({ a: 'start on A and B\nexec /bin/x' });
    expect(it.emit('A')).toBe('+A =A');
    expect(it.emit('B')).toContain('-A 1.ok -B 2.ok');
  });

  test('keeps the newest of two equal events (E3), the original the first', () => {
    const ours = maverick({ a: 'start on A and B\nexec /bin/x' });
    const theirs = upstart({ a: 'start on A and B\nexec /bin/x' });
    for (const it of [ours, theirs]) {
      it.emit('A', { env: ['N=1'] });
      it.emit('A', { env: ['N=2'] });
      it.emit('B');
    }
    expect(ours.env('a')).toContain('N=2');
    expect(theirs.env('a')).toContain('N=1');
  });

  test('holds a hook (E2), for so long (E7), and remembers it then', () => {
    const it = maverick({ a: 'exec /bin/x', b: 'start on starting a and net\nexec /bin/x' });
    expect(it.start('a')).toMatch(/=starting$/);
    expect(it.advance(89)).toBe('');
    expect(it.advance(1)).toContain('#hook-timed-out b starting a -starting a:pre-start');
    it.emit('net');
    expect(it.env('b')).toContain('JOB=a');
  });

  test('holds a hook as long as the job that emits it allows', () => {
    const it = maverick({ a: 'event timeout 2\nexec /bin/x', b: 'start on starting a and net\nexec /bin/x' });
    it.start('a');
    expect(it.advance(2)).toContain('#hook-timed-out b starting a');
  });

  test('is forgotten when the job runs by other means, and not added to while it does (E4)', () => {
    const it = maverick({ a: 'start on A and B\nexec /bin/x' });
    it.emit('A');
    it.start('a');
    it.emit('A');
    it.stop('a');
    it.exit('a', 'TERM');
    expect(it.emit('B')).toBe('+B =B -B 5.ok');
  });

  test('is forgotten by a stop, even of a start that it had no part in (E4)', () => {
    const it = maverick({ a: 'start on A and B\nexpect stop\nexec /bin/x' });
    it.emit('A');
    it.start('a');
    it.stop('a');
    it.exit('a', 'TERM');
    expect(it.emit('B')).toBe('+B =B -B 4.ok');
  });

  test('lets go of a hook when its job is stopped, and remembers it (W7)', () => {
    const it = maverick({ a: 'exec /bin/x', b: 'start on starting a and net\nexec /bin/x' });
    it.start('a');
    expect(it.stop('a')).toBe(
      '1.JobFailed a!stop a:stopping +stopping -starting =stopping -stopping a:killed a:post-stop a:waiting +stopped 2.ok =stopped -stopped',
    );
    expect(it.emit('net')).toContain('b!start');
  });

  test('is handed to a new definition, as far as that waits for it (E8)', () => {
    const it = maverick({ a: 'start on A and B\nexec /bin/x' });
    it.emit('A', { env: ['N=1'] });
    it.define('a', 'start on C and A\nexec /bin/x');
    it.emit('C');
    expect(it.env('a')).toEqual(expect.arrayContaining(['N=1', 'UPSTART_EVENTS=C A']));
  });

  test("is handed on with its event in the original's semantics", () => {
    const it = upstart({ a: 'start on A and B\nexec /bin/x' });
    it.emit('A');
    expect(it.define('a', 'start on A and C\nexec /bin/x')).toBe('');
    expect(it.emit('C')).toContain('-A 1.ok');
  });

  test('is let go by a definition that does not want it', () => {
    const it = upstart({ a: 'start on A and B\nexec /bin/x' });
    it.emit('A');
    expect(it.define('a', 'exec /bin/x')).toBe('-A 1.ok');
  });

  test('is kept apart for each instance that an event names (E9)', () => {
    const it = maverick({ a: 'instance $I\nstart on A and B\nexec /bin/x' });
    it.emit('A', { env: ['I=1'] });
    it.emit('A', { env: ['I=2'] });
    it.emit('B');
    expect(it.status()).toBe('a/1=start/running a/2=start/running');
    expect(it.emit('A', { env: ['I=3'] })).toBe('+A =A -A 4.ok');
  });

  test('that is common to all instances is used up only by a start that it counted for (E9)', () => {
    const it = maverick({ a: 'instance $I\nstart on A and B\nexec /bin/x' });
    it.emit('A', { env: ['N=common'] });
    it.emit('A', { env: ['I=1', 'N=own'] });
    // Instance 1 has an A of its own, which is newer; the common one is left for the next.
    it.emit('B', { env: ['I=1'] });
    expect(it.env('a', 'main', '1')).toContain('N=own');
    it.emit('B', { env: ['I=2'] });
    expect(it.env('a', 'main', '2')).toContain('N=common');
  });

  test('of a variable is found wherever the event has it', () => {
    const it = maverick({ a: 'start on A X=1\nexec /bin/x', b: 'start on starting JOB=a Y=2\nexec /bin/x' });
    expect(it.emit('A', { env: ['Y=2', 'X=1'] })).toContain('a!start');
    expect(it.emit('starting', { env: ['Y=2', 'JOB=a'] })).toContain('b!start');
  });
});

describe('a second starter', () => {
  test('waits as well, if the start is as much its own (E5)', () => {
    const it = maverick({ a: 'start on A or B or (C and D)\nexpect stop\nexec /bin/x' });
    it.emit('A');
    expect(it.emit('B')).toBe('+B =B');
    expect(it.emit('C')).toBe('+C =C -C 3.ok');
    expect(it.ready('a')).toContain('-A 1.ok -B 2.ok');
  });

  test("passes in the original's semantics", () => {
    const it = upstart({ a: 'start on A or B\nexpect stop\nexec /bin/x' });
    it.emit('A');
    expect(it.emit('B')).toBe('+B =B -B 2.ok');
  });
});

describe('stop on', () => {
  test('is asked with the environment of each instance', () => {
    const it = maverick({ a: 'instance $I\nstart on add\nstop on del I=$I\nexec /bin/x' });
    it.emit('add', { env: ['I=1'] });
    it.emit('add', { env: ['I=2'] });
    expect(it.emit('del', { env: ['I=2'] })).toContain('a/2!stop');
    expect(it.status()).toBe('a/1=start/running a/2=stop/killed');
  });

  test('gives its events to pre-stop and post-stop only', () => {
    const it = maverick({ a: 'stop on S\nexec /bin/x\npost-stop exec /bin/x' });
    it.start('a');
    it.emit('S', { env: ['X=1'] });
    it.exit('a', 'TERM');
    expect(it.env('a', 'post-stop')).toEqual(expect.arrayContaining(['X=1', 'UPSTART_STOP_EVENTS=S']));
  });

  test('together with start on is a restart (R5)', () => {
    const it = maverick({ a: 'start on A\nstop on A\nexec /bin/x\npre-stop exec /bin/x' });
    it.emit('A', { env: ['N=1'] });
    expect(it.emit('A', { env: ['N=2'] })).toBe('+A =A a!stop [a pre-stop] a:pre-stop a!start');
    it.exit('a', 0, 'pre-stop');
    it.exit('a', 'TERM');
    expect(it.env('a')).toContain('N=2');
  });
});

test('an instance that cannot be named stops nobody else (Q2)', () => {
  const it = maverick({ a: 'instance $NO\nstart on A\nexec /bin/x', b: 'start on A\nexec /bin/x' });
  expect(it.emit('A')).toContain('#unnamed a: Unknown parameter: NO b!start');
});

test.each(['maverick', 'upstart'] as const)(
  'a job that starts itself for ever is stopped, semantics %s (E10)',
  (semantics) => {
    const jobs = { a: 'start on A or stopped a\nstop on started a' };
    const it = semantics === 'maverick' ? maverick(jobs) : upstart(jobs);
    const seen = it.emit('A');
    expect(seen.match(/#start-loop a/g)).toHaveLength(1);
    expect(seen).toContain('1.');
    expect(it.status()).toBe('');
  },
);

test('events of other sessions are not seen, those of the system are, but for those of its jobs', () => {
  const it = maverick({ a: 'exec /bin/x' });
  const there = () => it.machine.engine.instance('u', 'b', '')?.goal;
  it.send({ kind: 'open-session', session: 'u', env: [] });
  it.send({
    kind: 'define-job',
    session: 'u',
    name: 'b',
    definition: jobOf('start on E or started\nexpect stop\nexec /bin/x'),
  });
  it.start('a');
  expect(it.send({ kind: 'emit', session: 'v', name: 'E', env: [] })).toBe('+E =E -E');
  expect(there()).toBeUndefined();
  // They may follow the event, but not hold it up.
  expect(it.send({ kind: 'emit', session: '', name: 'E', env: [] })).toContain('-E');
  expect(there()).toBe('start');
});
