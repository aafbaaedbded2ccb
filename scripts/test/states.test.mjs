import { readFileSync } from 'node:fs';
import { TRANSITIONS } from '@maverick/engine';
import { expect, test } from 'vitest';
import { replaceSection } from '../lib/docs.mjs';
import { statesSvg, waysOut } from '../lib/states-svg.mjs';
import { statesTable } from '../lib/states-table.mjs';

const read = (name) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const svg = read('states.svg');

test('docs/states.svg is what the transition table says', () => expect(svg).toBe(statesSvg(TRANSITIONS)));

test('the table of states in the documentation is what the transition table says', () => {
  const page = read('events-and-states.md');
  expect(replaceSection(page, 'states', statesTable(TRANSITIONS))).toBe(page);
});

test('every state is drawn, with every way out of it, and no box is on another', () => {
  const boxes = [...svg.matchAll(/<rect x="(\d+)" y="(\d+)"/g)].map(([, x, y]) => `${x} ${y}`);
  const ways = Object.values(TRANSITIONS).flatMap((row) => waysOut(row).flatMap(({ courses }) => courses));
  expect(new Set(boxes).size).toBe(Object.keys(TRANSITIONS).length);
  for (const state of Object.keys(TRANSITIONS)) expect(svg).toContain(`>${state}</text>`);
  for (const course of ['start', 'stop', 'ending']) {
    const drawn = svg.match(
      new RegExp(
        `<path class="${course}" marker-end="[^"]*" d="[^"]* C|<path class="${course}" marker-end="[^"]*" d="M[^"]* L`,
        'g',
      ),
    );
    // One more in the legend.
    expect(drawn).toHaveLength(ways.filter((way) => way === course).length + 1);
  }
});

test('a state that has no place in the drawing is named', () => {
  const row = { awaits: { kind: 'goal' }, next: {} };
  expect(() => statesSvg({ nowhere: row })).toThrow('no place for the state nowhere');
});
