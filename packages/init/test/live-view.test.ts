import type { InstanceRef, JobState } from '@maverick/engine';
import type { SupervisorEvent } from '@maverick/supervisor';
import { expect, test } from 'vitest';
import { LiveView } from '../src/live-view.js';

const cause = { input: 1 };
const web: InstanceRef = { session: '', job: 'web', instance: '' };
const worker: InstanceRef = { session: '', job: 'long-worker', instance: '7' };
const change = (instance: InstanceRef, from: JobState, to: JobState): SupervisorEvent => ({
  kind: 'state-changed',
  instance,
  from,
  to,
  cause,
});
const event = (name: string, ...env: string[]): SupervisorEvent => ({
  kind: 'event-handling',
  event: 1,
  session: '',
  name,
  env,
  failed: false,
  cause,
});

/** The lines without their times, and what is printed at the end of the turn. */
const show = async (events: readonly SupervisorEvent[], colour = false): Promise<string[]> => {
  const lines: string[] = [];
  const view = new LiveView({ write: (text) => lines.push(text.replace(/\d\d:\d\d:\d\d\.\d{3}/, 'T')), colour });
  for (const each of events) view.listener(each, { at: 1, wall: Date.UTC(2020, 0, 1) });
  await Promise.resolve();
  return lines;
};

test('an event is one line, with its variables that are not empty', async () => {
  expect(await show([event('startup'), event('starting', 'JOB=web', 'INSTANCE=')])).toEqual([
    'T  event    startup\n',
    'T  event    starting JOB=web\n',
  ]);
});

test('states that are passed at once make one line, which names the process that runs', async () => {
  const started = { kind: 'process-started', instance: web, role: 'main', pid: 99 } as const;
  const events = [change(web, 'pre-start', 'spawning'), started, change(web, 'spawning', 'running')];
  expect(await show(events)).toEqual(['T  web      pre-start → running, process 99\n']);
});

test('an event in between shows what a job waits for', async () => {
  const events = [change(web, 'waiting', 'starting'), event('starting', 'JOB=web'), change(web, 'starting', 'running')];
  expect(await show(events)).toEqual([
    'T  web      waiting → starting\n',
    'T  event    starting JOB=web\n',
    'T  web      starting → running\n',
  ]);
});

test('changes of two jobs are not mixed up, and the column grows with the names', async () => {
  const events = [change(web, 'running', 'stopping'), change(worker, 'running', 'stopping')];
  expect(await show(events)).toEqual(['T  web      running → stopping\n', 'T  long-worker (7) running → stopping\n']);
});

test.each([
  { process: 'main', status: 1, text: 'main process exited with status 1' },
  { process: 'main', status: 9 << 8, text: 'main process killed by signal 9' },
  { process: 'pre-start', status: -1, text: 'pre-start process could not be started' },
  { process: 'respawn', status: -1, text: 'respawned too often' },
  { process: 'timeout', status: -1, text: 'not up in time' },
] as const)('a failure says how: $text', async ({ process, status, text }) => {
  expect(await show([{ kind: 'job-failed', instance: web, process, status, cause }])).toEqual([
    `T  web      failed: ${text}\n`,
  ]);
});

test('colours are for terminals', async () => {
  expect(await show([event('startup')], true)).toEqual(['\u001b[2mT\u001b[0m  \u001b[36mevent   \u001b[0m startup\n']);
});
