import { expect, test } from 'vitest';
import { soughtEvents } from '../src/condition.js';

const socket = (port: number): string[] => ['socket', `PORT=${port}`];

test.each([
  { what: 'nothing', condition: undefined, found: [] },
  { what: 'another event', condition: [['startup']], found: [] },
  { what: 'one', condition: [socket(1)], found: [[]] },
  { what: 'one and another event', condition: [['startup'], socket(1), ['/AND']], found: [[]] },
  { what: 'either', condition: [socket(1), socket(2), ['/OR']], found: [[], []] },
  { what: 'both', condition: [socket(1), socket(2), ['/AND']], found: [[1], [0]] },
  {
    what: 'one with either of two',
    condition: [socket(1), socket(2), socket(3), ['/OR'], ['/AND']],
    found: [[1, 2], [0], [0]],
  },
  {
    what: 'three through another event',
    condition: [socket(1), ['startup'], ['/AND'], socket(2), ['/AND'], socket(3), ['/AND']],
    found: [
      [1, 2],
      [0, 2],
      [0, 1],
    ],
  },
])('which sockets go together: $what', ({ condition, found }) => {
  const sought = soughtEvents(condition, { event: 'socket' });
  expect(sought.map(({ partners }) => partners)).toEqual(found);
  expect(sought.map(({ args }) => args)).toEqual(found.map((_, index) => [`PORT=${index + 1}`]));
});
