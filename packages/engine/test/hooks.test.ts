import { describe, expect, test } from 'vitest';
import { SYSTEM } from '../src/index.js';
import { maverick } from './helpers/scenario.js';

describe('a hook on every start (start on starting *)', () => {
  const observer = 'instance $JOB\nstart on starting *\ntask\nexec /bin/x';

  test('sees each job that starts, by name, and holds it until it is done', () => {
    const it = maverick({
      eye: observer.replace('*', 'w*'),
      web: 'exec /bin/x',
      wiki: 'exec /bin/x',
      db: 'exec /bin/x',
    });
    expect(it.start('db')).toContain('1.ok');
    expect(it.start('web')).toContain('[eye/web main]');
    it.start('wiki');
    expect(it.status()).toContain('eye/web=start/running eye/wiki=start/running web=start/starting');
    expect(it.exit('eye', 0, 'main', 'web')).toContain('web:running +started 2.ok');
    expect(it.exit('eye', 0, 'main', 'wiki')).toContain('wiki:running +started 3.ok');
  });

  test('is shown by the graph of waits', () => {
    const it = maverick({ watch: 'start on starting *\ntask\nexec /bin/x', web: 'exec /bin/x' });
    it.start('web');
    const explained = it.machine.engine.explain({ session: SYSTEM, job: 'web', instance: '' });
    expect(explained?.kind === 'instance' && explained.waitChain).toEqual([
      { kind: 'job', instance: { session: '', job: 'web', instance: '' } },
      { kind: 'event', event: expect.any(Number), name: 'starting', hook: { session: '', job: 'web', instance: '' } },
      { kind: 'job', instance: { session: '', job: 'watch', instance: '' } },
    ]);
    expect(explained?.sentences).toContain('job web waits for event starting web, which waits for job watch.');
  });

  test('its own start, which it hooks, too, is let through as a deadlock', () => {
    const it = maverick({ watch: 'start on starting *\ntask\nexec /bin/x', web: 'exec /bin/x' });
    expect(it.start('web')).toContain('#deadlock');
    expect(it.exit('watch', 0)).toContain('web:running +started 1.ok');
  });

  test('its process that waits for the job that it holds is told the chain', () => {
    const it = maverick({
      watch: 'start on starting *\nstart on starting JOB!=watch\ntask\nexec /bin/x',
      web: 'exec /bin/x',
    });
    it.start('web');
    const messages: string[] = [];
    it.machine.onEffect = (effect) => {
      if (effect.kind === 'reply' && !effect.reply.ok) messages.push(effect.reply.message);
    };
    expect(it.start('web', { by: ['watch', 'main'] })).toBe('#deadlock 2.Deadlock');
    expect(messages).toEqual([
      'start of web waits for job web, which waits for event starting web, which waits for job watch, which waits for start of web',
    ]);
  });

  test('a process that emits and waits for what it holds itself is told so, too', () => {
    const it = maverick({ watch: 'start on starting web\ntask\nexec /bin/x', web: 'start on go\nexec /bin/x' });
    it.emit('go');
    expect(it.emit('go', { by: ['watch', 'main'] })).toContain('2.Deadlock');
  });
});
