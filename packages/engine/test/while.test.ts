import { describe, expect, test } from 'vitest';
import { maverick } from './helpers/scenario.js';

const NET = { net: 'start on up\nstop on down' };

describe('a job with while', () => {
  test('follows the state, which waits for it to be down (S1, S6)', () => {
    const it = maverick({ ...NET, d: 'while net\nexec /bin/x' });
    expect(it.emit('up')).toContain('=started d!start');
    expect(it.emit('down')).toContain('d!stop');
    expect(it.status()).toBe('net=stop/stopping d=stop/killed');
    expect(it.exit('d', 'TERM')).toContain('net:waiting');
  });

  test('starts at once if it is defined when the state holds (S2)', () => {
    const it = maverick({ d: 'while not container\nexec /bin/x' });
    expect(it.load).toContain('d:running');
  });

  test('never overlaps with what it excludes (S4)', () => {
    const it = maverick({ d: 'while not m\nexec /bin/x', m: 'exec /bin/x' });
    expect(it.start('m')).toContain('m:starting +starting d!stop');
    expect(it.status()).toBe('d=stop/killed m=start/starting');
    expect(it.exit('d', 'TERM')).toContain('m:running');
    it.stop('m');
    expect(it.exit('m', 'TERM')).toContain('m:waiting +stopped 2.ok d!start');
  });

  test('and start on is only guarded by it (S5)', () => {
    const it = maverick({ en: '', d: 'while en\nstart on A\nexec /bin/x' });
    expect(it.emit('A')).toBe('+A =A #start-refused d -A 1.ok');
    expect(it.start('en')).not.toContain('d!');
    expect(it.emit('A')).toContain('d!start');
    expect(it.stop('en')).toContain('d!stop');
  });

  test('started by hand stays until the state has come and gone (S7)', () => {
    const it = maverick({ ...NET, d: 'while net\nexec /bin/x' });
    expect(it.start('d')).toContain('d:running');
    expect(it.emit('up')).not.toContain('d!');
    expect(it.emit('down')).toContain('d!stop');
  });

  test('that ended is not started again before the state has gone and come (S8)', () => {
    const it = maverick({ ...NET, d: 'while net\nexec /bin/x' });
    it.emit('up');
    it.exit('d', 1);
    expect(it.emit('other')).not.toContain('d!');
    it.emit('down');
    expect(it.emit('up')).toContain('d!start');
  });

  test('does not notice a respawn of the state, but its restart (S9)', () => {
    const it = maverick({ db: 'respawn\nexec /bin/x', web: 'while db\nexec /bin/x' });
    it.start('db');
    expect(it.exit('db', 1)).not.toContain('web');
    expect(it.restart('db')).toContain('web!stop');
    expect(it.exit('web', 'TERM')).toContain('db:killed TERM(db main)');
    expect(it.exit('db', 'TERM')).toContain('web!start');
  });

  test('and instance has one for each instance of the state (S10)', () => {
    const it = maverick({ if: 'instance $IFACE\nexport IFACE', dh: 'instance $IFACE\nwhile if\nexec /bin/x' });
    it.start('if', { env: ['IFACE=eth0'] });
    it.start('if', { env: ['IFACE=eth1'] });
    expect(it.status()).toContain('dh/eth0=start/running dh/eth1=start/running');
    expect(it.stop('if', { env: ['IFACE=eth0'] })).toContain('dh/eth0!stop');
    expect(it.env('dh', 'main', 'eth1')).toEqual(expect.arrayContaining(['IFACE=eth1', 'JOB=if']));
  });

  test('that depends on itself never holds, until that is mended (S11)', () => {
    const it = maverick({ a: 'while b\nexec /bin/x', b: 'while c\nexec /bin/x', c: 'while a' });
    expect(it.load).toBe('#cycle c');
    it.start('c');
    expect(it.status()).toBe('a=start/running b=start/running c=start/running');
    expect(it.define('a', 'exec /bin/x')).toBe('');
  });

  test('and manual is started by hand only (S15)', () => {
    const it = maverick({ ...NET, d: 'while net\nexec /bin/x\nmanual' });
    expect(it.emit('up')).not.toContain('d!');
    it.start('d');
    expect(it.emit('down')).toContain('d!stop');
  });

  test('runs on under the definition it was started with (S12)', () => {
    const it = maverick({ ...NET, x: '', d: 'while net\nexec /bin/x' });
    it.emit('up');
    expect(it.define('d', 'while x\nexec /bin/x')).toBe('');
    expect(it.emit('down')).toContain('d!stop');
    it.exit('d', 'TERM');
    expect(it.start('x')).toContain('d!start');
  });
});

test('another expression begins anew, the same goes on (S12)', () => {
  const it = maverick({ net: '', bus: '', d: 'while net\nexec /bin/x' });
  it.start('net');
  it.start('bus');
  it.stop('d');
  it.exit('d', 'TERM');
  expect(it.define('d', 'while net\nenv F=2\nexec /bin/x')).toBe('');
  expect(it.define('d', 'while net and bus\nexec /bin/x')).toContain('d!start');
});

test('a wait that was dropped as a deadlock is not tried again', () => {
  const it = maverick({
    a: 'stop on stopping b\nexec /bin/x',
    b: 'while a\nexec /bin/x',
    t: 'task\nstart on stopping a\nexec /bin/x',
  });
  it.start('a');
  expect(it.stop('b')).toContain('#deadlock');
  expect(it.define('b', 'while a\nexec /bin/x')).toBe('');
});

describe('several states', () => {
  test('stop in the reverse order of their start', () => {
    const it = maverick({ a: 'exec /bin/x', b: 'while a\nexec /bin/x', c: 'while b\nexec /bin/x' });
    it.start('a');
    it.stop('a');
    expect(it.status()).toBe('a=stop/stopping b=stop/stopping c=stop/killed');
    expect(it.exit('c', 'TERM')).toContain('TERM(b main)');
    expect(it.exit('b', 'TERM')).toContain('TERM(a main)');
  });

  test.each([
    ['p and q', [false, false, false, true]],
    ['p or q', [false, true, true, true]],
    ['p and not q', [false, true, false, false]],
    ['not (p or q)', [true, false, false, false]],
    ['not p or q', [true, false, true, true]],
  ])('while %s', (expression, wanted) => {
    const runs = [[], ['p'], ['q'], ['p', 'q']].map((up) => {
      const it = maverick({ p: '', q: '', d: `while ${expression}` });
      for (const job of up) it.start(job);
      return it.machine.engine.instance('', 'd', '') !== undefined;
    });
    expect(runs).toEqual(wanted);
  });

  test('are asked for their exported environment', () => {
    const it = maverick({ if: 'instance $IFACE\nexport IFACE', d: 'while if IFACE=eth*' });
    expect(it.start('if', { env: ['IFACE=lo'] })).not.toContain('d!');
    expect(it.start('if', { env: ['IFACE=eth0'] })).toContain('d!start');
  });
});

test('a stop is not taken back where a definition that was replaced would go on without its while (S12)', () => {
  const it = maverick({ a: 'pre-start exec /bin/x', c: 'while not a\npre-stop exec /bin/x\nexec /bin/x' });
  it.start('a', { wait: false });
  it.define('c', 'env F=2\nexec /bin/x');
  expect(it.start('c')).toBe('c!start');
  it.exit('c', 0, 'pre-stop');
  expect(it.exit('c', 'TERM')).toContain('2.ok');
  expect(it.env('c')).toContain('F=2');
});
