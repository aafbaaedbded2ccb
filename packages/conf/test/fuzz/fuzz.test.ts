/**
 * `FUZZ=10000000 npx vitest run --project @maverick/conf test/fuzz` runs longer; FUZZ_SEED runs other texts. A failure
 * shows the text.
 */

import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { parseConf } from '../../src/parse.js';
import { generateFile } from './generate.js';
import { brokenComparisons, brokenPromises } from './promises.js';
import { Random } from './random.js';

const COUNT = Number(process.env['FUZZ'] ?? 20_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
/** The grammar takes a hundred times as long. */
const COMPARED = 10;
/** The test runner wants to hear from a test now and then. */
const BATCH = 10_000;
const HOUR_MS = 3_600_000;

test('the same seed gives the same texts', () => {
  expect(generateFile(new Random(7))).toBe(generateFile(new Random(7)));
  expect(generateFile(new Random(7))).not.toBe(generateFile(new Random(8)));
});

test(`the parser keeps its promises for ${COUNT} generated files of seed ${SEED}`, {
  timeout: 24 * HOUR_MS,
}, async () => {
  const random = new Random(SEED);
  let legal = 0;
  for (let number = 0; number < COUNT; number += 1) {
    const text = generateFile(random);
    const broken = [...brokenPromises(text), ...(number % COMPARED === 0 ? brokenComparisons(text) : [])];
    if (broken.length > 0) expect.fail(`number ${number}: ${broken.join(', ')}: ${JSON.stringify(text)}`);
    if (number % COMPARED === 0 && parseConf(text).conf) legal += COMPARED;
    if (number % BATCH === 0) await setImmediate();
  }
  // A generator that makes only one kind shows nothing of the other.
  expect(legal).toBeGreaterThan(COUNT / 10);
  expect(legal).toBeLessThan(COUNT);
});
