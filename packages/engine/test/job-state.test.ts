import { describe, expect, test } from 'vitest';
import { COURSES, courseOf, isBeforeRunning, isUpState, JOB_STATES, nextState, TRANSITIONS } from '../src/job-state.js';

const going = { goal: 'start', ending: false, mainAlive: true } as const;

test.each([
  ['waiting', 'start', 'starting'],
  ['starting', 'start', 'security-spawning'],
  ['starting', 'stop', 'stopping'],
  ['security', 'start', 'pre-starting'],
  ['pre-start', 'start', 'spawning'],
  ['pre-start', 'stop', 'stopping'],
  ['spawned', 'start', 'post-starting'],
  ['spawned', 'stop', 'stopping'],
  ['post-start', 'start', 'running'],
  ['post-start', 'respawn', 'stopping'],
  ['running', 'start', 'stopping'],
  ['running', 'stop', 'pre-stopping'],
  ['pre-stop', 'start', 'running'],
  ['pre-stop', 'stop', 'stopping'],
  ['pre-stop', 'respawn', 'stopping'],
  ['stopping', 'start', 'killed'],
  ['killed', 'stop', 'post-stopping'],
  ['post-stop', 'start', 'starting'],
  ['post-stop', 'stop', 'waiting'],
] as const)('%s with goal %s leads to %s', (state, goal, next) => {
  expect(nextState({ ...going, state, goal })).toBe(next);
});

test('without its main process a job goes from running straight to stopping', () => {
  expect(nextState({ state: 'running', goal: 'stop', ending: false, mainAlive: false })).toBe('stopping');
});

test.each(['starting', 'security', 'pre-start', 'spawned', 'post-start', 'running', 'pre-stop'] as const)(
  'a run that is ending goes from %s to stopping, though the goal is start',
  (state) => expect(nextState({ ...going, state, ending: true })).toBe('stopping'),
);

test.each([
  ['stop', true, 'stop'],
  ['start', true, 'ending'],
  ['start', false, 'start'],
  ['respawn', false, 'ending'],
] as const)('goal %s, ending %s: course %s', (goal, ending, course) => {
  expect(courseOf({ goal, ending })).toBe(course);
});

test('a stop in waiting is a mistake of the engine, not a way', () => {
  expect(() => nextState({ ...going, state: 'waiting', goal: 'stop' })).toThrow('no way out of waiting');
});

describe('the table as a whole', () => {
  test.each(COURSES)('%s leads from every state to rest, without going round', (course) => {
    for (const from of JOB_STATES) {
      const seen = new Set<string>();
      let state = from;
      while (!seen.has(state)) {
        seen.add(state);
        const row: { next: Partial<Record<string, unknown>> } = TRANSITIONS[state];
        if (row.next[course] === undefined) break;
        state = nextState({
          state,
          goal: course === 'stop' ? 'stop' : 'start',
          ending: course === 'ending',
          mainAlive: true,
        });
        if (course === 'start' && state === 'running') break;
        if (course === 'ending' && state === 'starting') break;
      }
      expect(['waiting', 'running', 'starting', ...JOB_STATES.filter((name) => name.endsWith('ing'))]).toContain(state);
    }
  });

  test('every state is before running, up, or on its way down', () => {
    expect(JOB_STATES.filter(isUpState)).toEqual(['running', 'pre-stopping', 'pre-stop']);
    expect(JOB_STATES.filter(isBeforeRunning).at(-1)).toBe('post-start');
  });
});
