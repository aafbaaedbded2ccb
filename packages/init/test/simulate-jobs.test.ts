import { defineJob, type JobConf } from '@maverick/conf';
import { expect, test } from 'vitest';
import { simulateJobs } from '../src/simulate-jobs.js';

const job = (name: string, conf: JobConf) => ({ session: '', name, definition: defineJob(conf), instances: [] });

const JOBS = [
  job('web', {
    startOn: { kind: 'match', name: 'net-up', args: [] },
    processes: { main: { script: false, command: 'x' } },
  }),
];

test('what would happen is played, and told as data', () => {
  const outcome = simulateJobs(JOBS, {
    inputs: [
      { kind: 'emit', name: 'net-up', env: ['IF=eth0'] },
      { kind: 'stop', job: 'web', at: 1000 },
    ],
  });
  expect(outcome).toMatchObject({
    cameToRest: true,
    endedAt: 1000,
    replies: [
      { at: 0, reply: { ok: true } },
      { at: 1000, reply: { ok: true } },
    ],
  });
  expect(JSON.parse(JSON.stringify(outcome))).toEqual(outcome);
  const { states } = outcome as { states: { state: string }[] };
  expect(states.map(({ state }) => state)).toEqual(expect.arrayContaining(['running', 'waiting']));
});

test('what processes would do can be said', () => {
  const outcome = simulateJobs(JOBS, {
    inputs: [{ kind: 'start', job: 'web', env: [] }],
    processes: { web: { main: { failsToStart: 'no such program' } } },
  });
  expect(outcome).toMatchObject({ replies: [{ reply: { ok: false, code: 'JobFailed' } }] });
});

test.each([
  [null, "an object with a list of 'inputs'"],
  [[], "an object with a list of 'inputs'"],
  [{ inputs: 'x' }, "an object with a list of 'inputs'"],
  [{ inputs: Array(1001).fill({}) }, 'at most 1000 inputs'],
  [{ inputs: [{ kind: 'quiesce' }] }, 'each input to have one of the kinds'],
  [{ inputs: [{ kind: 'emit' }] }, "'name' to be text"],
  [{ inputs: [{ kind: 'emit', name: 'x', env: [1] }] }, "'env' to be a list"],
  [{ inputs: [{ kind: 'start', job: 'web', at: -1 }] }, "'at' to be milliseconds"],
  [{ inputs: [{ kind: 'start', job: 7 }] }, "'job' to be text"],
  [{ inputs: [], processes: { web: 1 } }, "'processes' to be by job and role"],
  [{ inputs: [], untilMs: 1e12 }, "'untilMs' to be at most a day"],
])('%j is refused: expected %s', (request, text) => {
  expect(() => simulateJobs(JOBS, request)).toThrowError(text);
});
