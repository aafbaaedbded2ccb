import type { Effect, Input } from '@maverick/engine';
import { expect, test } from 'vitest';
import { EngineLoop } from '../src/engine-loop.js';
import { FakeClock } from './helpers/fake-clock.js';

const cause = { input: 1 };
const fired = (timer: number) => ({ kind: 'timer-fired', timer }) as const;
const closing = (fd: number): Effect => ({ kind: 'close-fd', fd, cause });

/** An engine that answers timer N with the effects of row N, and a record of what the loop does. */
const loopOver = (rows: Readonly<Record<number, readonly Effect[] | Error>>, onEffect?: (fd: number) => void) => {
  const done: string[] = [];
  const clock = new FakeClock();
  const dispatch = (input: Input): Effect[] => {
    if (input.kind !== 'timer-fired') throw new Error('not expected here');
    done.push(`input ${input.timer} at ${input.at}`);
    const row = rows[input.timer] ?? [];
    if (row instanceof Error) throw row;
    return [...row];
  };
  const loop: EngineLoop = new EngineLoop(
    { dispatch },
    {
      clock,
      taken: () => {},
      perform: (effect) => {
        if (effect.kind !== 'close-fd') throw new Error('not expected here');
        done.push(`effect ${effect.fd}`);
        onEffect?.(effect.fd);
      },
      fault: (during, error) => done.push(`fault in ${during}: ${String(error)}`),
    },
  );
  return { loop, done, clock };
};

test('an input is stamped with the time at which it is dispatched', () => {
  const { loop, done, clock } = loopOver({});
  loop.send(fired(1));
  clock.advance(5);
  loop.send(fired(2));
  expect(done).toEqual(['input 1 at 1000', 'input 2 at 1005']);
});

test('what an effect brings about waits until all effects of the input are done', () => {
  const { loop, done } = loopOver({ 1: [closing(10), closing(11)] }, (fd) => loop.send(fired(fd)));
  loop.send(fired(1));
  expect(done.map((line) => line.replace(/ at .*/, ''))).toEqual([
    'input 1',
    'effect 10',
    'effect 11',
    'input 10',
    'input 11',
  ]);
});

test('an effect that fails loses nothing else', () => {
  const { loop, done } = loopOver({ 1: [closing(10), closing(11)] }, (fd) => {
    if (fd === 10) throw new Error('broken');
  });
  loop.send(fired(1));
  expect(done).toContain('fault in close-fd: Error: broken');
  expect(done).toContain('effect 11');
});

test('an input that the engine fails at loses nothing else', () => {
  const { loop, done } = loopOver({ 1: new Error('bug'), 2: [closing(10)] });
  loop.send(fired(1));
  loop.send(fired(2));
  expect(done).toContain('fault in an input: Error: bug');
  expect(done).toContain('effect 10');
});

test('a stopped loop takes nothing, not even what was queued', () => {
  const { loop, done } = loopOver({ 1: [closing(10)] }, () => {
    loop.send(fired(2));
    loop.stop();
  });
  loop.send(fired(1));
  loop.send(fired(3));
  expect(done).toEqual(['input 1 at 1000', 'effect 10']);
  expect(loop.stopped).toBe(true);
});
