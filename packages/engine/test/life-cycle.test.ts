import { describe, expect, test } from 'vitest';
import { maverick, Scenario, upstart } from './helpers/scenario.js';

const UP = '+starting =starting -starting';

describe.each(['maverick', 'upstart'] as const)('a life, semantics %s', (semantics) => {
  const play = (jobs: Record<string, string>) => new Scenario(jobs, semantics);

  test('a service starts, is told to end, and is gone', () => {
    const it = play({ a: 'exec /bin/x' });
    expect(it.start('a')).toBe(
      `a!start a:starting ${UP} a:pre-start [a main] a:spawned a:post-start a:running +started 1.ok =started -started`,
    );
    expect(it.stop('a')).toBe('a!stop a:pre-stop a:stopping +stopping =stopping -stopping a:killed TERM(a main)');
    expect(it.exit('a', 'TERM')).toBe('a:post-stop a:waiting +stopped 2.ok =stopped -stopped');
    expect(it.status()).toBe('');
  });

  test('every process has its turn', () => {
    const roles = ['pre-start', 'post-start', 'pre-stop', 'post-stop'] as const;
    const it = play({ a: ['exec /bin/x', ...roles.map((role) => `${role} exec /bin/x`)].join('\n') });
    expect(it.start('a')).toContain('[a pre-start] a:pre-start');
    expect(it.exit('a', 0, 'pre-start')).toBe('[a main] a:spawned [a post-start] a:post-start');
    expect(it.exit('a', 0, 'post-start')).toBe('a:running +started 1.ok =started -started');
    expect(it.stop('a')).toBe('a!stop [a pre-stop] a:pre-stop');
    expect(it.exit('a', 0, 'pre-stop')).toContain('a:killed TERM(a main)');
    expect(it.exit('a', 'TERM')).toBe('[a post-stop] a:post-stop');
    expect(it.exit('a', 0, 'post-stop')).toBe('a:waiting +stopped 2.ok =stopped -stopped');
  });

  test('a job without processes is a pure state', () => {
    const it = play({ net: 'start on up\nstop on down' });
    expect(it.emit('up')).toContain('net:running +started =started -started -up 1.ok');
    expect(it.emit('down')).toContain('net:waiting +stopped =stopped -stopped -down 2.ok');
  });

  test('a task holds its starter until it has finished', () => {
    const it = play({ t: 'task\nexec /bin/x' });
    expect(it.start('t')).not.toContain('1.');
    expect(it.exit('t', 0)).toContain('t:waiting +stopped 1.ok');
  });

  test('a task that fails says so', () => {
    const it = play({ t: 'task\nstart on A\nexec /bin/x' });
    it.emit('A');
    expect(it.exit('t', 3)).toContain('#failed t main 3 t!stop t:stopping +stopping -A! 1.EventFailed +A/failed');
  });

  test.each([
    { text: 'exec /bin/x', status: 1, failed: '#failed a main 1' },
    { text: 'exec /bin/x', status: 'SEGV', failed: `#failed a main ${11 << 8}` },
    { text: 'exec /bin/x', status: 0, failed: undefined },
    { text: 'normal exit 1 SEGV\nexec /bin/x', status: 1, failed: undefined },
    { text: 'normal exit 1 SEGV\nexec /bin/x', status: 'SEGV', failed: undefined },
    { text: 'normal exit 0\nrespawn\nexec /bin/x', status: 0, failed: undefined },
  ])('$text ends with $status: $failed', ({ text, status, failed }) => {
    const it = play({ a: text });
    it.start('a');
    const seen = it.exit('a', status);
    expect(seen).toContain('a!stop a:stopping');
    expect(seen.includes('#failed')).toBe(failed !== undefined);
    if (failed !== undefined) expect(seen).toContain(failed);
  });

  test.each([
    { role: 'pre-start', fails: true },
    { role: 'post-start', fails: false },
  ] as const)('a failing $role fails the job: $fails', ({ role, fails }) => {
    const it = play({ a: `${role} exec /bin/x\nexec /bin/x` });
    it.start('a');
    expect(it.exit('a', 1, role)).toContain(
      fails ? `#failed a ${role} 1 1.JobFailed a!stop` : 'a:running +started 1.ok',
    );
  });

  test('a failing post-stop fails the stop', () => {
    const it = play({ a: 'post-stop exec /bin/x\nexec /bin/x' });
    it.start('a');
    it.stop('a');
    it.exit('a', 'TERM');
    expect(it.exit('a', 1, 'post-stop')).toContain('#failed a post-stop 1 2.JobFailed a:waiting');
  });

  test('a program that is not there fails the job, which is not respawned', () => {
    const it = play({ a: 'respawn\nexec /no/such' });
    expect(it.start('a')).toContain('a:spawned #failed a main -1 1.JobFailed a!stop a:stopping');
    expect(it.status()).toBe('');
  });

  test('main is respawned through all states, and without a stopped event', () => {
    const it = play({ a: 'respawn\nexec /bin/x' });
    it.start('a');
    const seen = it.exit('a', 0);
    expect(seen).toMatch(/^#job-respawning a a:stopping \+stopping .* a:starting .* \[a main\] .* a:running/);
    expect(seen).not.toContain('stopped');
  });

  test('respawn limit 2 3: the third end within three seconds is one too many', () => {
    const it = play({ a: 'respawn\nrespawn limit 2 3\nexec /bin/x' });
    it.start('a');
    expect(it.exit('a', 1)).toContain('#job-respawning');
    expect(it.exit('a', 1)).toContain('#job-respawning');
    it.advance(3);
    expect(it.exit('a', 1)).toContain('#job-respawning');
    expect(it.exit('a', 1)).toContain('#job-respawning');
    expect(it.exit('a', 1)).toContain('#job-respawn-limit a #failed a respawn -1 a!stop');
  });

  test('respawn limit 0 0 is no limit', () => {
    const it = play({ a: 'respawn\nrespawn limit 0 0\nexec /bin/x' });
    it.start('a');
    for (let time = 0; time < 50; time += 1) expect(it.exit('a', 1)).toContain('#job-respawning');
  });

  test('what does not end by its kill timeout is killed, once', () => {
    const it = play({ a: 'kill timeout 2\nkill signal INT\nexec /bin/x' });
    it.start('a');
    expect(it.stop('a')).toContain('INT(a main)');
    expect(it.advance(1)).toBe('');
    expect(it.advance(1)).toBe('KILL(a main)');
    expect(it.advance(60)).toBe('');
    expect(it.exit('a', 'KILL')).toContain('2.ok');
  });

  test('expect stop: the stop is answered with SIGCONT and means ready', () => {
    const it = play({ a: 'expect stop\nexec /bin/x' });
    expect(it.start('a')).toMatch(/a:spawned$/);
    expect(it.ready('a')).toContain('CONT(a main) a:post-start a:running');
  });

  test('expect fork: the first fork means ready, and the child is supervised', () => {
    const it = play({ a: 'expect fork\nexec /bin/x' });
    it.start('a');
    expect(it.ready('a', 'process-execed')).toBe('');
    expect(it.fork('a')).toContain('a:running');
    expect(it.machine.engine.instance('', 'a', '')?.processes).toEqual([{ role: 'main', process: 1, pid: 4711 }]);
  });

  test('expect daemon: the second fork, or an exec after the first', () => {
    const it = play({ a: 'expect daemon\nexec /bin/x', b: 'expect daemon\nexec /bin/x' });
    it.start('a');
    it.start('b');
    expect(it.fork('a')).toBe('');
    expect(it.fork('a')).toContain('a:running');
    it.fork('b');
    expect(it.ready('b', 'process-execed')).toContain('b:running');
  });

  test('expect notify: the process says so itself', () => {
    const it = play({ a: 'expect notify\nexec /bin/x' });
    it.start('a');
    expect(it.ready('a')).toBe('');
    expect(it.ready('a', 'process-ready')).toContain('a:running');
  });

  test('a dependency on starting delays the job until the other is up', () => {
    const it = play({ web: 'start on boot\nexec /bin/x', db: 'start on starting web\nexpect stop\nexec /bin/x' });
    it.emit('boot');
    expect(it.status()).toBe('web=start/starting db=start/spawned');
    expect(it.ready('db')).toContain('db:running +started -starting');
    expect(it.status()).toBe('web=start/running db=start/running');
  });
});

test('stop interrupts a pre-start, but for one that stops its own job', () => {
  const it = maverick({ a: 'pre-start exec /bin/x\nexec /bin/x' });
  it.start('a');
  expect(it.stop('a')).toBe('1.JobFailed a!stop TERM(a pre-start)');
  expect(it.exit('a', 'TERM', 'pre-start')).toContain('a:post-stop a:waiting +stopped 2.ok');

  it.start('a');
  expect(it.stop('a', { by: ['a', 'pre-start'], wait: false })).toBe('3.JobFailed a!stop 4.ok');
  expect(it.exit('a', 0, 'pre-start')).toContain('a:stopping');
});

test("in the original's semantics a stop waits for pre-start, and the start is answered ok", () => {
  const it = upstart({ a: 'pre-start exec /bin/x\nexec /bin/x' });
  it.start('a');
  expect(it.stop('a')).toBe('1.ok a!stop');
  expect(it.exit('a', 0, 'pre-start')).toContain('a:stopping');
});

test('kill timeout 0 kills at once', () => {
  const it = maverick({ a: 'kill timeout 0\nexec /bin/x' });
  it.start('a');
  expect(it.stop('a')).toContain('KILL(a main)');
});

test('start timeout fails a start that takes too long, and not one that waits for another job', () => {
  const it = maverick({ a: 'start timeout 3\nexpect stop\nexec /bin/x', b: 'task\nstart on starting a\nexec /bin/x' });
  it.start('a');
  it.advance(10);
  expect(it.exit('b', 0)).toContain('[a main] a:spawned');
  expect(it.advance(2)).toBe('');
  expect(it.advance(1)).toContain('#start-timed-out a #failed a timeout -1 1.JobFailed a!stop a:stopping');
});

test('a start that comes up in time is not timed out later', () => {
  const it = maverick({ a: 'start timeout 3\nexpect stop\nexec /bin/x' });
  it.start('a');
  it.ready('a');
  expect(it.advance(10)).toBe('');
});

test('a stop ends the start timeout', () => {
  const it = maverick({ a: 'start timeout 3\nexpect stop\nexec /bin/x' });
  it.start('a');
  it.stop('a');
  expect(it.advance(4)).toBe('');
});
