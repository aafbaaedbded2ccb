import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { native } from '../src/native.js';
import { STEP_MESSAGES } from '../src/steps.js';

test('the steps have the same names in the same order in TypeScript, in the table and in the built addon', () => {
  const table = readFileSync(new URL('../native/shared/steps.def', import.meta.url), 'utf8');
  const names = [...table.matchAll(/^(?:PARENT|DECIDED|CHILD)\((\w+)\)$/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(15);
  expect(Object.keys(STEP_MESSAGES)).toEqual(names);
  expect(native.stepNames()).toEqual(names);
});

test('the documentation has every step, in order, with what is said when it fails', () => {
  const page = readFileSync(new URL('../../../docs/processes.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)` \| [^|]+ \| (unable [^|]+) \|/gm)].map(([, step = '', says]) => [
    step,
    says,
  ]);
  expect(rows).toEqual(Object.entries(STEP_MESSAGES));
});
