import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { journalFileName } from '@maverick/engine';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { linesOfBoot, NoSuchBootError, readHistories } from '../src/index.js';
import { Recorder } from './helpers/recorder.js';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'maverick-boots-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const write = (age: number, ...texts: readonly string[]): void =>
  writeFileSync(join(dir, journalFileName(age)), texts.map((text) => `${text}\n`).join(''));

const line = (what: string, rest: object = {}): string =>
  JSON.stringify({ at: 1, time: '2020-01-01T00:00:00.000Z', what, ...rest });
const began = (pid: number, rest: object = {}): string => line('began', { pid, continued: false, inputs: 0, ...rest });
const x = (name: string, rest: object = {}): string => line('x', { name, ...rest });

const names = (boot: number): unknown[] => [...linesOfBoot(dir, boot, { what: 'x' })].map(({ name }) => name);

/** The boots from the last one on, as far as there are any. */
const boots = (): unknown[][] => {
  const all: unknown[][] = [];
  try {
    for (;;) all.push(names(-all.length));
  } catch (error) {
    expect(error).toBeInstanceOf(NoSuchBootError);
    return all;
  }
};

describe('the lives of a daemon, the last first', () => {
  test('across files, whose edges are none', () => {
    write(2, began(1), x('a'));
    write(1, x('b'), began(2), x('c'));
    write(0, x('d'), began(3), x('e'));
    expect(boots()).toEqual([['e'], ['c', 'd'], ['a', 'b']]);
  });

  test('one that goes on with the jobs of the one before is no other; one that has lost their state is', () => {
    write(0, began(1), x('a'), began(2, { continued: true, inputs: 9 }), x('b'), began(3, { continued: true }), x('c'));
    expect(boots()).toEqual([['c'], ['a', 'b']]);
  });

  test('what only looks like a beginning is none', () => {
    const torn = began(9).slice(0, -3);
    const odd = [began(9, { at: 'zz' }), began(9, { time: 7 })];
    const quoted = x('b', { text: began(9), inside: { what: 'began' } });
    write(0, began(1), torn, ...odd, quoted, began(2), x('c', { long: 'ä'.repeat(5000), inside: { what: 'began' } }));
    expect(boots()).toEqual([['c'], ['b']]);
    write(0, began(1, { options: { env: ['A=ä'.repeat(20_000)] } }), x('a'));
    expect(boots()).toEqual([['a']]);
  });

  test('none before the first beginning, but for a life of which the end is left', () => {
    expect(boots()).toEqual([]);
    write(0, '{"torn', began(1), x('a'));
    expect(boots()).toEqual([['a']]);
    write(0, x('cut'), began(1), x('a'));
    expect(boots()).toEqual([['a'], ['cut']]);
    write(0, x('cut'));
    expect(boots()).toEqual([['cut']]);
  });

  test('wherever the beginning lies in what is read at once', () => {
    const tail = '\n'.length + x('b').length + '\n'.length;
    const size = 512 * 1024;
    // So many bytes of the line are in the later part.
    const [from, to] = ['"what":', ',"pid":'].map((text) => began(2).length - began(2).indexOf(text) + 1);
    for (let cut = Number(to) - 1; cut <= Number(from) + 1; cut += 1) {
      const filler = x('long', { text: '' });
      const rest = size - tail - filler.length - '\n'.length - cut;
      write(0, began(1), x('a'), began(2), x('long', { text: '.'.repeat(rest) }), x('b'));
      expect([cut, ...names(0)]).toEqual([cut, 'long', 'b']);
      expect(names(-1)).toEqual(['a']);
    }
  });
});

test('lines of other lives are passed over as text, and so is all that can not fit', () => {
  const life = (at: number) =>
    new Recorder({ web: 'start on boot\nexec web' }, { at }).emit('boot').started('web').lines;
  const texts = [1000, 2000, 3000].map((at) => life(at).map((one) => JSON.stringify(one)));
  write(0, ...texts.flat());
  const parse = vi.spyOn(JSON, 'parse');
  const parsed = (read: () => unknown): number => {
    parse.mockClear();
    read();
    return parse.mock.calls.length;
  };
  const own = texts[0]?.length ?? 0;
  // Its own lines, and its beginning once more, to find it; the one before it, to find its end.
  expect(parsed(() => [...linesOfBoot(dir, 0)])).toBe(own + 1);
  expect(parsed(() => [...linesOfBoot(dir, -1)])).toBe(own + 2);
  expect(parsed(() => readHistories(dir, 0))).toBeLessThan(own / 2);
  expect(parsed(() => [...linesOfBoot(dir, 0, { job: 'nosuch' })])).toBe(1);
  parse.mockRestore();
});
