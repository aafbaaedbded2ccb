import { expect, onTestFinished, test } from 'vitest';
import { eventBridgeWith } from '../src/event-bridge.js';
import { FakeDaemon, jobsOn } from './helpers/fake-daemon.js';
import { Scene, SOON } from './helpers/scene.js';

/** Two daemons, the first in the place of the system's. */
const start = async (jobs: Record<string, string>) => {
  const system = await Scene.start({ bridge: 'time' });
  const options = ['--from', system.address];
  return { system, session: await Scene.start({ bridge: 'event', jobs, options }) };
};

test('an event of the system starts a job of the session, with its variables', async () => {
  const { system, session } = await start({
    level: 'start on :sys:runlevel RUNLEVEL=2\ntask\nexec sh -c "echo $RUNLEVEL $PREVLEVEL >> @HOME@/out"',
    other: 'start on runlevel\ntask\nexec sh -c "echo wrong >> @HOME@/out"',
  });
  await system.upstart.emit('runlevel', ['RUNLEVEL=1', 'PREVLEVEL=N']);
  await system.upstart.emit('runlevel', ['RUNLEVEL=2', 'PREVLEVEL=1']);
  await expect.poll(() => session.read('out'), SOON).toBe('2 1\n');
});

test('jobs of the system are heard of, and that its daemon executes itself anew', async () => {
  const { system, session } = await start({
    heard: 'start on :sys:stopped JOB=hand\ntask\nexec sh -c "echo $RESULT >> @HOME@/out"',
    again: 'start on :sys:restarted\ntask\nexec sh -c "echo again >> @HOME@/out"',
  });
  system.write('hand', 'task\nexec true');
  await system.upstart.reloadConfiguration();
  await system.upstart.job('hand').start();
  await expect.poll(() => session.read('out'), SOON).toBe('ok\n');
  await system.upstart.restart();
  await expect.poll(() => session.read('out'), SOON).toBe('ok\nagain\n');
});

test('what no job asks for is not told; a daemon that goes is looked for', async () => {
  const system = await Scene.start({ bridge: 'time' });
  const daemon = new FakeDaemon();
  const bridge = eventBridgeWith({ from: system.address }).make(daemon);
  onTestFinished(() => bridge.close(false));
  await bridge.follow(jobsOn(':sys:wanted', []));
  await system.upstart.emit('other');
  await system.upstart.emit('wanted', ['A=1']);
  await expect.poll(() => daemon.told, SOON).toEqual([':sys:wanted A=1']);
});

test('a system that is not there is said, and not waited for', async () => {
  const daemon = new FakeDaemon();
  const bridge = eventBridgeWith({ from: 'unix:path=/nowhere' }).make(daemon);
  onTestFinished(() => bridge.close(false));
  await bridge.follow([]);
  expect(daemon.said).toEqual([expect.stringMatching(/^Could not connect to the init daemon of the system: /)]);
});
