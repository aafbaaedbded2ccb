import { defineJob } from '@maverick/conf';
import { describe, expect, test } from 'vitest';
import type { Answer } from '../src/requests.js';
import { Scene, service } from './helpers/scene.js';

/** An answer that a request gets, `undefined` until it is there. */
const asked = (scene: Scene, request: Parameters<Scene['supervisor']['request']>[0]): { answer?: Answer } => {
  const box: { answer?: Answer } = {};
  scene.supervisor.request(request, (answer) => {
    box.answer = answer;
  });
  return box;
};

describe('starting', () => {
  test('the startup event starts what waits for it', () => {
    const scene = new Scene({ web: service('startup') });
    scene.supervisor.start();
    expect(scene.processes.log).toEqual(['spawn 101 serve']);
    expect(scene.supervisor.instance('web')).toMatchObject({ goal: 'start', state: 'running' });
  });

  test.each([
    { startupEvent: 'boot', running: ['boot'] },
    { startupEvent: undefined, running: [] },
  ])('another event can take its place: $startupEvent', ({ startupEvent, running }) => {
    const scene = new Scene({ web: service('startup'), boot: service('boot') });
    scene.supervisor.start({ startupEvent });
    const jobs = scene.supervisor.jobs().filter(({ instances }) => instances.length > 0);
    expect(jobs.map(({ name }) => name)).toEqual(running);
  });

  test('a bad file is one diagnostic, and everything else is loaded', () => {
    const scene = new Scene({ web: service('startup') });
    const diagnostic = { severity: 'error', path: '/conf/bad.conf', line: 3, message: 'Unknown stanza' } as const;
    scene.diagnostics = [diagnostic];
    scene.supervisor.start();
    expect(scene.events.filter(({ kind }) => kind === 'diagnostic')).toEqual([
      { kind: 'diagnostic', session: '', diagnostic },
    ]);
    expect(scene.supervisor.jobs().map(({ name }) => name)).toEqual(['web']);
  });

  test('effects are performed in order: the process is there before the job is said to run', () => {
    const scene = new Scene({ web: service('startup') });
    scene.supervisor.start();
    const kinds = scene.events.map((event) => (event.kind === 'state-changed' ? event.to : event.kind));
    expect(kinds.indexOf('process-started')).toBeGreaterThan(kinds.indexOf('starting'));
    expect(kinds.indexOf('running')).toBeGreaterThan(kinds.indexOf('process-started'));
  });

  test('a process gets the environment table, its job and the address of the session', () => {
    const scene = new Scene({ web: service('startup') }, { sessionAddress: 'unix:abstract=/x' });
    scene.supervisor.start();
    expect(scene.processes.specs[0]?.env).toEqual([
      'PATH=/bin',
      'UPSTART_EVENTS=startup',
      'UPSTART_JOB=web',
      'UPSTART_INSTANCE=',
      'UPSTART_SESSION=unix:abstract=/x',
    ]);
  });
});

describe('commands', () => {
  test('an event is answered when what it started runs', async () => {
    const conf = service('boot', {
      processes: { main: { script: false, command: 'serve' }, 'pre-start': { script: false, command: 'prepare' } },
    });
    const scene = new Scene({ web: conf });
    scene.supervisor.start();
    const box = asked(scene, { kind: 'emit', name: 'boot', wait: true });
    expect(box.answer).toBeUndefined();
    scene.processes.exit(scene.processes.last);
    expect(box.answer).toMatchObject({ ok: true });
  });

  test('without wait the answer comes from within the request', () => {
    const scene = new Scene({ web: service('boot') });
    scene.supervisor.start();
    expect(asked(scene, { kind: 'start', job: 'web' }).answer).toMatchObject({ ok: true });
  });

  test('each caller gets its own answer', () => {
    const scene = new Scene({ web: service('boot'), task: service('never', { task: true }) });
    scene.supervisor.start();
    const web = asked(scene, { kind: 'start', job: 'web', wait: true });
    const task = asked(scene, { kind: 'start', job: 'task', wait: true });
    const unknown = asked(scene, { kind: 'start', job: 'nothing', wait: true });
    expect(web.answer).toMatchObject({ ok: true, instance: { job: 'web' } });
    expect(unknown.answer).toMatchObject({ ok: false, code: 'UnknownJob' });
    expect(task.answer).toBeUndefined();
    scene.processes.exit(scene.processes.last);
    expect(task.answer).toMatchObject({ ok: true });
  });

  test('the promises reject with the code of the answer', async () => {
    const scene = new Scene({ web: service('boot') });
    scene.supervisor.start();
    await expect(scene.supervisor.startJob('nothing')).rejects.toMatchObject({
      name: 'SupervisorError',
      code: 'UnknownJob',
    });
    await expect(scene.supervisor.stopJob('web')).rejects.toMatchObject({ code: 'UnknownInstance' });
    await expect(scene.supervisor.startJob('web')).resolves.toMatchObject({ job: 'web', instance: '' });
  });

  test('reload sends the reload signal to the main process alone', async () => {
    const scene = new Scene({ web: service('startup', { reloadSignal: 10 }) });
    scene.supervisor.start();
    await scene.supervisor.reload('web');
    expect(scene.processes.log).toContain('kill 101 10');
  });

  test('a process that could not be started fails the job with the step and the reason', () => {
    const scene = new Scene({ web: service('never') });
    scene.supervisor.start();
    const failure = { step: 'exec', errno: 2, message: 'unable to execute: No such file or directory' } as const;
    scene.processes.failure = failure;
    expect(asked(scene, { kind: 'start', job: 'web', wait: true }).answer).toMatchObject({ code: 'JobFailed' });
    expect(scene.events).toContainEqual(expect.objectContaining({ kind: 'spawn-failed', failure }));
    expect(scene.events).toContainEqual(
      expect.objectContaining({
        kind: 'log',
        priority: 'warn',
        message: `Failed to spawn web main process: ${failure.message}`,
      }),
    );
  });

  test('a spawner that throws fails the job, too', () => {
    const scene = new Scene({ web: service('never') });
    scene.supervisor.start();
    scene.processes.fault = new Error('no descriptors left');
    expect(asked(scene, { kind: 'start', job: 'web', wait: true }).answer).toMatchObject({ code: 'JobFailed' });
    expect(scene.events).toContainEqual(
      expect.objectContaining({
        kind: 'spawn-failed',
        failure: { step: 'spawn', errno: 0, message: 'unable to start: no descriptors left' },
      }),
    );
  });
});

describe('stopping', () => {
  test('the group gets the kill signal, and is woken in case it is stopped', () => {
    const scene = new Scene({ web: service('startup') });
    scene.supervisor.start();
    asked(scene, { kind: 'stop', job: 'web' });
    expect(scene.processes.log.slice(1)).toEqual(['kill -101 15 and wake']);
  });

  test("the original's rules wake nobody", () => {
    const scene = new Scene({ web: service('startup') }, { semantics: 'upstart' });
    scene.supervisor.start();
    asked(scene, { kind: 'stop', job: 'web' });
    expect(scene.processes.log.slice(1)).toEqual(['kill -101 15']);
  });

  test('what does not obey is killed when the kill timeout is over', () => {
    const scene = new Scene({ web: service('startup', { killTimeoutSeconds: 7 }) });
    scene.supervisor.start();
    asked(scene, { kind: 'stop', job: 'web' });
    scene.clock.advance(6_000);
    expect(scene.processes.log).not.toContain('kill -101 9');
    scene.clock.advance(1_000);
    expect(scene.processes.log.filter((line) => line.endsWith(' 9'))).toEqual(['kill -101 9']);
  });

  test('no timer is left once the process has obeyed', () => {
    const scene = new Scene({ web: service('startup') });
    scene.supervisor.start();
    asked(scene, { kind: 'stop', job: 'web' });
    scene.processes.die(101, 15);
    expect(scene.clock.alarms).toBe(0);
    expect(scene.supervisor.instance('web')).toBeUndefined();
  });

  test('a process that dies is respawned', () => {
    const scene = new Scene({ web: service('startup', { respawn: true }) });
    scene.supervisor.start();
    scene.processes.die(101, 9);
    expect(scene.processes.living).toEqual([102]);
    expect(scene.supervisor.instance('web')).toMatchObject({ state: 'running' });
  });
});

describe('reading the configuration again', () => {
  test('touches only what has changed', () => {
    const scene = new Scene({ web: service('startup'), db: service('startup'), old: service('never') });
    scene.supervisor.start();
    scene.events.length = 0;
    scene.jobs = { web: service('startup'), db: service('startup', { nice: 1 }), new: service('never') };
    scene.supervisor.reloadConfiguration();
    const changes = scene.events.filter(({ kind }) => kind === 'job-added' || kind === 'job-removed');
    expect(changes).not.toContainEqual(expect.objectContaining({ job: 'web' }));
    const redefined = scene.events.flatMap((event) => (event.kind === 'job-redefined' ? event.job : []));
    expect(redefined).toEqual(['db']);
    expect(scene.supervisor.jobs().map(({ name }) => name)).toEqual(['web', 'db', 'new']);
    expect(scene.processes.living).toHaveLength(2);
  });

  test('keeps the last good definition of a job whose file is broken now', () => {
    const scene = new Scene({ web: service('startup') });
    scene.supervisor.start();
    scene.jobs = {};
    scene.diagnostics = [{ severity: 'error', path: '/conf/web.conf', line: 1, message: 'Unknown stanza' }];
    scene.supervisor.reloadConfiguration();
    expect(scene.supervisor.job('web')).toBeDefined();
    expect(scene.supervisor.staleBecauseOf('web')).toBe('/conf/web.conf');
    expect(scene.events).toContainEqual({ kind: 'job-stale', session: '', job: 'web', path: '/conf/web.conf' });
  });
});

test('tells where the output of an instance goes, and which jobs have files', () => {
  const scene = new Scene(
    { web: service('startup'), quiet: { ...service('startup'), console: 'none' } },
    { logDir: '/log' },
  );
  scene.supervisor.start();
  scene.supervisor.defineJob('own', defineJob({}));
  const paths = ['web', 'quiet', 'nosuch'].map((job) => scene.supervisor.logFile(job, 'a/b'));
  expect(paths).toEqual(['/log/web-a_b.log', undefined, undefined]);
  expect(scene.supervisor.filesOf('web')).toEqual({ file: '/conf/web.conf' });
  expect(scene.supervisor.filesOf('own')).toBeUndefined();
});

describe('shutting down', () => {
  test('is over when every job is down', async () => {
    const scene = new Scene({ web: service('startup') });
    scene.supervisor.start();
    const over = scene.supervisor.shutdown();
    expect(scene.processes.log.slice(1)).toEqual(['kill -101 15 and wake']);
    scene.processes.exit(101);
    await over;
    expect(scene.states.at(-1)).toBe('web: waiting');
  });

  test('is over at once where nothing runs', async () => {
    const scene = new Scene({});
    scene.supervisor.start();
    await scene.supervisor.shutdown();
  });

  test('asked again changes nothing', async () => {
    const scene = new Scene({ web: service('startup') });
    scene.supervisor.start();
    const over = scene.supervisor.shutdown();
    expect(scene.supervisor.shutdown('logout')).toBe(over);
    expect(scene.processes.log.filter((line) => line.includes(' 15'))).toHaveLength(1);
    scene.processes.exit(101);
    await over;
  });

  test('a process that the jobs do not end is ended', async () => {
    const conf = service('startup', {
      processes: { main: { script: false, command: 'serve' }, 'post-stop': { script: false, command: 'hang' } },
    });
    const scene = new Scene({ web: conf });
    scene.supervisor.start();
    const over = scene.supervisor.shutdown();
    scene.processes.exit(101);
    await scene.clock.run(10_000);
    expect(scene.processes.log.at(-1)).toBe('kill -102 9');
    scene.processes.die(102, 9);
    await over;
  });

  test('nothing starts any more, and who still waits is told', async () => {
    const scene = new Scene({ web: service('startup') });
    scene.supervisor.start();
    const over = scene.supervisor.shutdown();
    scene.processes.exit(101);
    await over;
    await expect(scene.supervisor.startJob('web')).rejects.toMatchObject({ code: 'Closed' });
    expect(scene.processes.living).toEqual([]);
  });

  test('close lets go of everything', async () => {
    const scene = new Scene({ task: service('startup', { task: true }) });
    scene.supervisor.start();
    const waiting = asked(scene, { kind: 'stop', job: 'task', wait: true });
    await scene.supervisor.close();
    expect(waiting.answer).toMatchObject({ ok: false, code: 'Closed' });
    expect(scene.processes.closed).toBe(true);
    expect(scene.clock.alarms).toBe(0);
  });
});

describe('telling', () => {
  test('a listener that fails is contained, and the others hear of it', () => {
    const scene = new Scene({ web: service('startup') });
    scene.supervisor.subscribe(({ kind }) => {
      if (kind === 'process-started') throw new Error('mine');
    });
    scene.supervisor.start();
    expect(scene.supervisor.instance('web')).toMatchObject({ state: 'running' });
    expect(scene.events).toContainEqual(
      expect.objectContaining({ kind: 'fault', during: 'a listener to process-started' }),
    );
  });

  test('a subscription ends', () => {
    const scene = new Scene({ web: service('startup') });
    let heard = 0;
    scene.supervisor.subscribe(() => {
      heard += 1;
    })();
    scene.supervisor.start();
    expect(heard).toBe(0);
  });

  test('the journal has inputs and what followed, with causes that find them', () => {
    const scene = new Scene({ web: service('startup') });
    scene.supervisor.start();
    const running = scene.journal.find(
      ({ what, job, to }) => what === 'state-changed' && job === 'web' && to === 'running',
    );
    const input = scene.journal.find(({ what, number }) => what === 'input' && number === running?.cause?.input);
    expect(input).toMatchObject({ input: { kind: 'process-started', pid: 101 } });
    expect(scene.journal[0]).toMatchObject({ what: 'began', pid: process.pid, continued: false, inputs: 0 });
  });

  test('a caller is found by its process', () => {
    const scene = new Scene({ web: service('startup') });
    scene.supervisor.start();
    expect(scene.supervisor.callerOf(101)?.instance).toMatchObject({ job: 'web' });
    expect(scene.supervisor.callerOf(1)).toBeUndefined();
  });
});
