import type { InotifyEvent } from '@maverick/spawner';
import { expect, test } from 'vitest';
import { SharedWatch } from '../src/shared-watch.js';

/** Files of which each path has one watch, and what was done to them. */
const play = () => {
  const done: string[] = [];
  let tell: (events: readonly InotifyEvent[]) => void = () => {};
  const shared = new SharedWatch((onEvents) => {
    done.push('open');
    tell = onEvents;
    return {
      add: (target) => Number(target),
      remove: (watch) => {
        done.push(`remove ${watch}`);
        return true;
      },
      close: () => void done.push('close'),
    };
  });
  const heard: string[] = [];
  const client = (name: string) =>
    shared.open((events) =>
      heard.push(...events.map((event) => `${name} ${event.kind} ${'watch' in event ? event.watch : ''}`)),
    );
  const changed = (watch: number): InotifyEvent => ({ kind: 'create', watch, directory: false, cookie: 0, name: 'x' });
  return { done, heard, client, changed, tell: (...events: InotifyEvent[]) => tell(events) };
};

test('each hears of its own files, and all that news was lost', () => {
  const { done, heard, client, changed, tell } = play();
  const [a, b] = [client('a'), client('b')];
  for (const path of ['1', '2']) a.add(path, []);
  for (const path of ['2', '3']) b.add(path, []);
  tell(changed(1), changed(2));
  tell(changed(3), { kind: 'overflow' });
  expect(heard).toEqual(['a create 1', 'a create 2', 'b create 2', 'a overflow ', 'b create 3', 'b overflow ']);
  expect(done).toEqual(['open']);
});

test('a file is watched as long as somebody wants it, and the last who goes closes all', () => {
  const { done, heard, client, changed, tell } = play();
  const [a, b] = [client('a'), client('b')];
  for (const one of [a, b]) one.add('1', []);
  b.add('2', []);
  a.remove(1);
  tell(changed(1));
  expect(heard).toEqual(['b create 1']);
  a.close();
  a.close();
  expect(done).toEqual(['open']);
  const again = client('c');
  again.add('2', []);
  b.close();
  expect(done).toEqual(['open', 'remove 1']);
  again.close();
  expect(done).toEqual(['open', 'remove 1', 'close']);
  client('d').close();
  expect(done.slice(3)).toEqual(['open', 'close']);
});

test('a watch that the kernel has given up is nobody’s', () => {
  const { done, heard, client, tell } = play();
  const [a, b] = [client('a'), client('b')];
  for (const one of [a, b]) one.add('1', []);
  tell({ kind: 'ignored', watch: 1 });
  expect(heard).toEqual(['a ignored 1', 'b ignored 1']);
  expect(a.remove(1)).toBe(false);
  b.close();
  expect(done).toEqual(['open']);
});
