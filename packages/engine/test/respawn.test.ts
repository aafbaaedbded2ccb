import { describe, expect, test } from 'vitest';
import { Engine, SYSTEM } from '../src/index.js';
import { maverick, type Scenario, upstart } from './helpers/scenario.js';

const crash = (it: Scenario, job = 'a') => it.exit(job, 1);

describe('respawn backoff (T2)', () => {
  const backoff = (rest = '') => `respawn\nrespawn backoff 2 10\nexec /bin/x\n${rest}`;

  test('waits in post-stop, with goal start, when its process has ended', () => {
    const it = maverick({ a: backoff('post-stop exec /bin/x') });
    it.start('a');
    expect(crash(it)).toContain('[a post-stop] a:post-stop');
    expect(it.exit('a', 0, 'post-stop')).toBe('#respawn-delayed a');
    expect(it.status()).toBe('a=start/post-stop');
    expect(it.advance(1)).toBe('');
    expect(it.advance(1)).toContain('a:starting');
    expect(it.status()).toBe('a=start/running');
  });

  test('is doubled each time, up to the highest, and begins anew after so long a time up', () => {
    const it = maverick({ a: backoff() });
    it.start('a');
    const waits: number[] = [];
    const waitAfterCrash = (): number => {
      crash(it);
      for (let seconds = 1; ; seconds += 1) if (it.advance(1).includes('a:running')) return seconds;
    };
    for (let round = 0; round < 4; round += 1) waits.push(waitAfterCrash());
    it.advance(9);
    waits.push(waitAfterCrash());
    it.advance(10);
    waits.push(waitAfterCrash());
    expect(waits).toEqual([2, 4, 8, 10, 10, 2]);
  });

  test('begins anew after a stop', () => {
    const it = maverick({ a: backoff() });
    it.start('a');
    crash(it);
    it.advance(2);
    it.restart('a');
    it.exit('a', 'TERM');
    crash(it);
    expect(it.advance(2)).toContain('a:running');
  });

  test.each([
    ['stop', (it: Scenario) => it.stop('a'), 'a!stop a:waiting +stopped 2.ok'],
    ['an event of its stop on', (it: Scenario) => it.emit('S'), 'a!stop a:waiting +stopped'],
    ['restart', (it: Scenario) => it.restart('a'), 'a:running +started 2.ok'],
    ['the end of the session', (it: Scenario) => it.quiesce('shutdown'), 'a:waiting'],
  ])('%s ends the wait at once', (_what, act, seen) => {
    const it = maverick({ a: backoff('stop on S') });
    it.start('a');
    crash(it);
    expect(act(it)).toContain(seen);
    expect(it.machine.engine.timers().filter(({ dueAt }) => dueAt === it.machine.now + 2000)).toEqual([]);
  });

  test('an event that stops it in its wait is held until it is down', () => {
    const it = maverick({ a: backoff('stop on S') });
    it.start('a');
    crash(it);
    expect(it.emit('S')).toMatch(/a:waiting .*-S 2\.ok/);
  });

  test('a stop while post-stop runs leaves no wait behind', () => {
    const it = maverick({ a: backoff('post-stop exec /bin/x') });
    it.start('a');
    crash(it);
    it.stop('a');
    expect(it.exit('a', 0, 'post-stop')).toContain('a:waiting +stopped 2.ok');
  });

  test('a start during the wait joins it', () => {
    const it = maverick({ a: backoff() });
    it.start('a');
    crash(it);
    expect(it.start('a')).toBe('');
    expect(it.advance(2)).toContain('2.ok');
  });

  test('the state that the job is ends while it waits, and holds again after it (S9)', () => {
    const it = maverick({ a: backoff(), b: 'while a\nexec /bin/x' });
    it.start('a');
    expect(crash(it)).toContain('b!stop');
    it.exit('b', 'TERM');
    expect(it.status()).toBe('a=start/post-stop');
    it.advance(2);
    expect(it.status()).toBe('a=start/running b=start/running');
  });

  test('the respawn keeps its definition and its limit', () => {
    const it = maverick({ a: `${backoff()}respawn limit 1 60\n` });
    it.start('a');
    it.define('a', 'exec /bin/y');
    crash(it);
    it.advance(2);
    expect(it.machine.find('a')?.command).toBe('/bin/x');
    expect(crash(it)).toContain('#job-respawn-limit a #failed a respawn -1 a!stop');
  });

  test('survives a snapshot', () => {
    const it = maverick({ a: backoff() });
    it.start('a');
    crash(it);
    it.machine.engine = Engine.restore(JSON.parse(JSON.stringify(it.machine.engine.snapshot())));
    expect(it.advance(2)).toContain('a:running');
    crash(it);
    expect(it.advance(3)).toBe('');
    expect(it.advance(1)).toContain('a:running');
  });

  test("is no part of the original's semantics", () => {
    const it = upstart({ a: backoff() });
    it.start('a');
    expect(crash(it)).toContain('a:running');
  });
});

describe('watchdog (T2)', () => {
  const watched = (it: Scenario) => it.ready('a', 'process-alive');

  test('a main process that gives no sign of life gets the kill signal, then KILL, and has failed', () => {
    const it = maverick({ a: 'watchdog 3\nkill timeout 2\nexec /bin/x' });
    it.start('a');
    it.advance(2);
    expect(watched(it)).toBe('');
    expect(it.advance(2)).toBe('');
    expect(it.advance(1)).toBe('#watchdog-expired a TERM(a main)');
    expect(it.status()).toBe('a=start/running');
    expect(it.advance(2)).toBe('KILL(a main)');
    expect(it.exit('a', 'KILL')).toContain('#failed a main 2304 a!stop');
  });

  test.each([
    ['that ends with 0', 'watchdog 1\nexec /bin/x'],
    ['that ends as is normal', 'watchdog 1\nnormal exit 0 TERM\nexec /bin/x'],
  ])('it is a failure for a process %s, too', (_what, text) => {
    const it = maverick({ a: text });
    it.start('a');
    it.advance(1);
    expect(it.exit('a', 0)).toContain('#failed a main 0');
  });

  test('respawn applies, and the new process is watched as well', () => {
    const it = maverick({ a: 'watchdog 1\nrespawn\nexec /bin/x' });
    it.start('a');
    it.advance(1);
    expect(it.exit('a', 'TERM')).toContain('#job-respawning a');
    expect(it.advance(1)).toContain('#watchdog-expired a');
  });

  test('watches from running on, and no longer than to stopping', () => {
    const it = maverick({ a: 'watchdog 1\nexpect stop\nexec /bin/x' });
    it.start('a');
    expect(it.advance(5)).toBe('');
    it.ready('a');
    it.stop('a');
    expect(it.advance(4)).toBe('');
    expect(it.exit('a', 'TERM')).toContain('2.ok');
    expect(it.machine.engine.timers()).toEqual([]);
  });

  test('a sign of life of another process, or of one that is not watched, changes nothing', () => {
    const it = maverick({ a: 'watchdog 2\nexec /bin/x\npost-start exec /bin/x' });
    it.start('a');
    const { process = 0 } = it.machine.find('a', 'post-start') ?? {};
    it.exit('a', 0, 'post-start');
    it.advance(1);
    it.send({ kind: 'process-alive', process });
    expect(it.advance(1)).toContain('#watchdog-expired a');
    expect(it.machine.engine.explain({ session: SYSTEM, job: 'a' })?.sentences[0]).toBe('a is start/running, for 2 s.');
  });
});
