import { SYSTEM } from '@maverick/engine';
import { expect, test } from 'vitest';
import { StartLines } from '../src/start-lines.js';

/** Two of each session at a time; `turn` is the next turn of the event loop. */
const setUp = () => {
  const later: (() => void)[] = [];
  const lines = new StartLines({ most: 2, later: (callback) => later.push(callback) });
  const begun: string[] = [];
  const begins = new Map<string, () => void>();
  const enter = (session: string, ...names: readonly string[]) => {
    for (const name of names) {
      const begin = () => void begun.push(name);
      begins.set(name, begin);
      lines.enter(session, begin);
    }
  };
  const turn = () => {
    const before = begun.length;
    for (const callback of later.splice(0)) callback();
    return begun.slice(before);
  };
  const withdraw = (session: string, name: string) => lines.withdraw(session, begins.get(name) ?? (() => {}));
  return { lines, begun, enter, turn, withdraw };
};

test('one begins a turn, each session has its turn, and so many of each are under way', () => {
  const { lines, enter, turn } = setUp();
  enter('user:a', '1', '2', '3', '4');
  enter('user:b', 'other');
  expect([turn(), turn(), turn(), turn()]).toEqual([['1'], ['other'], ['2'], []]);
  lines.leave('user:a');
  expect([turn(), turn()]).toEqual([['3'], []]);
  lines.leave('user:a');
  lines.leave('user:a');
  expect([turn(), turn()]).toEqual([['4'], []]);
  lines.leave('user:a');
  enter('user:a', '5');
  expect(turn()).toEqual(['5']);
});

test('those of the system begin at once', () => {
  const { begun, enter } = setUp();
  enter(SYSTEM, '1', '2', '3', '4');
  expect(begun).toHaveLength(4);
});

test('one that waits can be withdrawn, one that has begun can not', () => {
  const { lines, enter, turn, withdraw } = setUp();
  enter('user:a', '1', '2', '3', '4');
  expect([turn(), turn(), turn()]).toEqual([['1'], ['2'], []]);
  expect([withdraw('user:a', '3'), withdraw('user:a', '1')]).toEqual([true, false]);
  lines.leave('user:a');
  expect(turn()).toEqual(['4']);
});

test('nothing begins after the end', () => {
  const { lines, enter, turn } = setUp();
  enter('user:a', '1');
  lines.close();
  expect(turn()).toEqual([]);
});
