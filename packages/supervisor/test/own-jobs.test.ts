import { defineJob } from '@maverick/conf';
import { expect, test } from 'vitest';
import { Scene, service } from './helpers/scene.js';

const OWN = defineJob({ processes: { main: { script: false, command: 'serve', argv: ['serve', 'a b'] } } });

test('a job of the program itself is started as its words say, and outlives a reload', async () => {
  const scene = new Scene({ web: service('startup') });
  scene.supervisor.defineJob('own', OWN);
  scene.supervisor.start();
  await scene.supervisor.startJob('own', { wait: false });
  expect(scene.processes.specs.map(({ argv }) => argv)).toEqual([['serve'], ['serve', 'a b']]);
  scene.jobs = {};
  scene.supervisor.reloadConfiguration();
  expect(scene.supervisor.job('own')?.instances).toHaveLength(1);
});

test('what is not down within the time of a shutdown is killed, whatever its own time', async () => {
  const { supervisor, processes, clock, events } = new Scene({ web: service('startup', { killTimeoutSeconds: 600 }) });
  supervisor.start();
  const down = supervisor.shutdown('shutdown', { withinMs: 3000 });
  const signals = () => processes.log.filter((line) => line.startsWith('kill'));
  await clock.run(2999);
  expect(signals()).toEqual(['kill -101 15 and wake']);
  await clock.run(1);
  expect(signals()).toEqual(['kill -101 15 and wake', 'kill -101 9']);
  processes.die(101, 9);
  await down;
  expect(events).toContainEqual(expect.objectContaining({ kind: 'message', priority: 'warn' }));
});

test('a shutdown that is done in time leaves no alarm', async () => {
  const { supervisor, processes, clock } = new Scene({ web: service('startup') });
  supervisor.start();
  const down = supervisor.shutdown('shutdown', { withinMs: 3000 });
  processes.exit(101);
  await down;
  expect(clock.alarms).toBe(0);
});
