import { expect, test } from 'vitest';
import type { SupervisorRequest } from '../src/request.js';
import { Supervisor } from '../src/supervisor.js';
import { Scene, service } from './helpers/scene.js';

/** Ask for each in turn; all are answered at once. */
const ask = (scene: Scene, ...requests: SupervisorRequest[]): unknown[] => {
  const answers: unknown[] = [];
  for (const request of requests) scene.supervisor.request(request, (answer) => answers.push(answer));
  return answers;
};

test('the environment table is changed, and goes back to what it was', () => {
  const scene = new Scene({ web: service('startup') });
  const before = scene.supervisor.environment();
  const answers = ask(
    scene,
    { kind: 'set-env', variables: ['A=1', 'B'], retain: false },
    { kind: 'set-env', variables: ['A=2', 'C=3'], retain: true },
    { kind: 'unset-env', names: ['B', 'NOSUCH'] },
  );
  expect(answers).toEqual([{ ok: true }, { ok: true }, { ok: true }]);
  expect(scene.supervisor.environment()).toEqual([...before, 'A=1', 'C=3']);
  expect(ask(scene, { kind: 'reset-env' })).toEqual([{ ok: true }]);
  expect(scene.supervisor.environment()).toEqual(before);
});

test('what one instance gets is its own matter', () => {
  const scene = new Scene({ web: service('startup') });
  scene.supervisor.start();
  const target = { job: 'web', instance: '' };
  ask(scene, { kind: 'set-env', target, variables: ['A=1'], retain: false });
  expect(scene.supervisor.instance('web')?.env).toContain('A=1');
  expect(scene.supervisor.environment()).not.toContain('A=1');
  const [answer] = ask(scene, { kind: 'reset-env', target: { job: 'web', instance: 'x' } });
  expect(answer).toMatchObject({ ok: false, code: 'UnknownJobInstance' });
});

test('jobs, instances and nothing at all can be explained', () => {
  const scene = new Scene({ web: service('startup') });
  scene.supervisor.start();
  expect(scene.supervisor.explain({ job: 'web' })).toMatchObject({ kind: 'job', instances: [{ state: 'running' }] });
  expect(scene.supervisor.explain({ job: 'web', instance: '' })).toMatchObject({ kind: 'instance', state: 'running' });
  expect(scene.supervisor.explain({ event: 99 })).toBeUndefined();
  expect(scene.supervisor.snapshot()).toMatchObject({ version: 1 });
});

test('output that waits is written where the spawner keeps some', async () => {
  let flushed = 0;
  const port = { spawn: () => ({ ok: true, pid: 1 }) as const, kill: () => ({ ok: true }) as const, close: () => {} };
  for (const spawner of [port, { ...port, flushLogs: () => ++flushed }]) {
    const supervisor = new Supervisor({ confDirs: [], spawner: () => spawner });
    supervisor.flushLogs();
    await supervisor.close();
  }
  expect(flushed).toBe(1);
});
