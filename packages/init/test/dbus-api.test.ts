import { join } from 'node:path';
import { connect, SessionsOffError, type UpstartClient } from '@maverick/dbus';
import { expect, onTestFinished, test } from 'vitest';
import { TestDaemon, type TestDaemonOptions } from './helpers/test-daemon.js';

/** What a job that comes up says that the daemon answers. */
const UP = { 'up.conf': 'start on startup\nexport COLOUR\nenv COLOUR=red\nexec sleep 1000' };

interface Scene {
  readonly daemon: TestDaemon;
  readonly upstart: UpstartClient;
}

const scene = async ({ files = {}, ...options }: TestDaemonOptions = {}): Promise<Scene> => {
  const daemon = new TestDaemon({ ...options, files: { ...UP, ...files } });
  await daemon.out.match(/up +.*running/);
  const upstart = await connect(daemon.address);
  onTestFinished(() => upstart.close());
  return { daemon, upstart };
};

test('the environment table is for what starts later, and goes back to what it was', async () => {
  const { daemon, upstart } = await scene({ files: { 'tell.conf': 'task\nexec sh -c "echo [$A]"' } });
  const before = await upstart.listEnv();
  await upstart.setEnv(['A=1']);
  await upstart.setEnv(['A=2', 'B=3'], { replace: false });
  expect([await upstart.getEnv('A'), await upstart.getEnv('B')]).toEqual(['1', '3']);
  await upstart.job('tell').start();
  await expect.poll(() => daemon.log('tell'), { timeout: 60_000 }).toBe('[1]\n');
  await upstart.unsetEnv(['A', 'NOSUCH']);
  await expect(upstart.getEnv('A')).rejects.toThrow('No such variable: A');
  await upstart.resetEnv();
  expect((await upstart.listEnv()).sort()).toEqual([...before].sort());
  const target = { job: 'up', instance: '' };
  await upstart.setEnv(['ONLY=here'], { target });
  expect(await upstart.getEnv('ONLY', target)).toBe('here');
  await expect(upstart.getEnv('ONLY')).rejects.toThrow('No such variable: ONLY');
});

test('the state is JSON with the keys that tools read', async () => {
  const { upstart } = await scene();
  const state = JSON.parse(await upstart.state());
  expect(Object.keys(state)).toEqual(
    expect.arrayContaining(['sessions', 'events', 'job_environment', 'job_classes', 'conf_sources']),
  );
  expect(state.job_classes).toMatchObject([{ name: 'up', jobs: [{ goal: 'JOB_START', state: 'JOB_RUNNING' }] }]);
});

test('notifications are taken, and what the daemon was not told to have says so', async () => {
  const { upstart } = await scene();
  await upstart.notifyDiskWriteable();
  await upstart.notifyCGroupManagerAddress('unix:path=/nonexistent');
  await expect(upstart.init1.openSession({ user: 'root' })).rejects.toBeInstanceOf(SessionsOffError);
});

test('what only this daemon has is answered from the engine at work', async () => {
  const { upstart } = await scene({ files: { 'later.conf': 'start on started up and net-up\nexec sleep 1000' } });
  const { init1 } = upstart;
  const { sentences, details } = await init1.explain('later');
  expect(sentences.join('\n')).toContain('net-up');
  expect(details).toMatchObject({ kind: 'job', job: 'later' });
  expect(await init1.states()).toEqual({ holding: [{ job: 'up', instance: '', env: ['COLOUR=red'] }], conditions: [] });
  const [usage] = await init1.usage('up');
  const [main] = (await upstart.instanceAt('/com/ubuntu/Upstart/jobs/up/_').status()).processes;
  expect(usage).toMatchObject({ job: 'up', pids: [main?.pid] });
  expect(usage?.memoryBytes).toBeGreaterThan(0n);
  const outcome = await init1.simulate({
    inputs: [
      { kind: 'emit', name: 'startup' },
      { kind: 'emit', name: 'net-up' },
    ],
  });
  expect(outcome).toMatchObject({ cameToRest: true });
  expect(JSON.stringify(outcome)).toContain('"job":"later"');
  expect(await init1.sessions()).toEqual([{ id: '', kind: 'system', jobs: 2, closing: false, own: true }]);
  expect((await upstart.list()).map(({ name }) => name).sort()).toEqual(['later', 'up']);
});

test('the journal is shown and followed, without a directory for it, from the first that asks on', async () => {
  const args = ['--user', '--live', '--no-journal'];
  const { upstart } = await scene({ args, files: { 'web.conf': 'exec sleep 1000' } });
  const ask = (follow: boolean) =>
    upstart.rawCall('/com/ubuntu/Upstart', 'org.maverick.Init1', 'Journal', 'a{sv}b', [
      new Map([['job', { signature: 's', value: 'web' }]]),
      follow,
    ]);
  expect(await ask(false)).toEqual([[], 0]);
  await upstart.job('web').start();
  const [lines] = await ask(true);
  const told = (lines as string[]).map((line) => JSON.parse(line));
  expect(told).toContainEqual(expect.objectContaining({ what: 'state-changed', job: 'web', to: 'running' }));
});

test('a new definition is told to who listens', async () => {
  const { daemon, upstart } = await scene();
  const events = upstart.events();
  await upstart.version();
  daemon.write('up.conf', 'description "new"\nexec sleep 1000');
  await upstart.reloadConfiguration();
  for (let next = await events.next(); !next.done; next = await events.next()) {
    if (next.value.kind === 'job-added') break;
  }
  expect((await upstart.jobAt('/com/ubuntu/Upstart/jobs/up').properties()).description).toBe('new');
});

test('a broken file is told by a property, and so is its end', async () => {
  const { daemon, upstart } = await scene();
  const events = upstart.events({ properties: true });
  await upstart.version();
  /** What the property is from the next time on that it changes. */
  const stale = async (): Promise<unknown> => {
    for (;;) {
      const { value: event } = await events.next();
      const value = event?.kind === 'properties-changed' ? event.changed.get('stale_because_of') : undefined;
      if (value !== undefined || event === undefined) return value?.value;
    }
  };
  daemon.write('up.conf', 'no such stanza');
  expect(await stale()).toBe(join(daemon.confDir, 'up.conf'));
  daemon.write('up.conf', 'exec sleep 1000');
  expect(await stale()).toBe('');
});

test('the end of the session is answered, and ends everything', async () => {
  const { daemon, upstart } = await scene({
    files: { 'bye.conf': 'start on session-end TYPE=logout\ntask\nexec echo bye' },
  });
  await upstart.endSession();
  expect(await daemon.ended).toEqual({ code: 0, signal: null });
  expect(daemon.log('bye')).toBe('bye\n');
  expect(daemon.jobProcesses()).toEqual([]);
});
