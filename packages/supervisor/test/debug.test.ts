import { afterEach, expect, test } from 'vitest';
import { Running } from './helpers/running.js';

let running: Running | undefined;
afterEach(() => running?.close());

/** The next process that has stopped before its program. */
const paused = (all: Running): Promise<number> =>
  all.next((event) => (event.kind === 'process-paused' ? event.pid : undefined));

const pausedOf = ({ supervisor }: Running, job: string) =>
  supervisor.instance(job)?.processes.map(({ role, paused }) => (paused ? `${role} paused` : role));

test('a debug job pauses before its program: start returns, the log and the view say so, and SIGCONT lets it go on', async () => {
  running = new Running({ web: 'debug\nscript\n  touch @DIR@/ran\n  sleep 1000\nend script\n' });
  await running.supervisor.startJob('web');
  const pid = running.mainPid('web');
  expect(running.supervisor.instance('web')?.state).toBe('running');
  expect(pausedOf(running, 'web')).toEqual(['main paused']);
  await paused(running);
  expect(running.messages(/Pausing/)).toEqual([
    `Pausing web (${pid}) [pre-exec] for debug: kill -CONT ${pid} lets it go on`,
  ]);
  const resumed = running.next((event) => (event.kind === 'process-resumed' ? event.pid : undefined));
  process.kill(pid, 'SIGCONT');
  expect(await resumed).toBe(pid);
  expect(pausedOf(running, 'web')).toEqual(['main']);
  await running.exists('ran');
});

test('each process of the job pauses, the pause is no sign of readiness, and a stop ends it', async () => {
  running = new Running({ web: 'debug\nexpect stop\npre-start exec true\nexec sleep 1000\n' });
  const started = running.supervisor.startJob('web').catch((error) => error.code);
  expect(pausedOf(running, 'web')).toEqual(['pre-start paused']);
  process.kill(await paused(running), 'SIGCONT');
  await running.reached('web', 'spawned');
  expect(pausedOf(running, 'web')).toEqual(['main paused']);
  await running.supervisor.stopJob('web');
  expect(await started).toBe('JobFailed');
});

test('a program that can not be executed after the pause is named with the reason', async () => {
  running = new Running({ web: 'debug\nexec /no/such/program\n' });
  await running.supervisor.startJob('web');
  const failed = running.next((event) => (event.kind === 'spawn-failed' ? event.failure : undefined));
  process.kill(await paused(running), 'SIGCONT');
  expect(await failed).toMatchObject({ step: 'exec' });
  expect(running.messages(/Failed to spawn/)).toEqual([
    'Failed to spawn web main process: unable to execute: No such file or directory',
  ]);
});
