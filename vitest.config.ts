import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/**
 * A project takes nothing from what is around it. Real processes on a busy machine take their time: a limit only ends what
 * hangs. One for what a test waits for is shorter than that of the test, so that the failure says what did not come.
 */
const PATIENCE = { testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 60_000 } } };

const packages = readdirSync(new URL('packages', import.meta.url)).map((folder) => ({
  root: `packages/${folder}`,
  test: { name: `@maverick/${folder}`, ...PATIENCE },
}));

// Tests import other packages as users do, through their built `exports`: build first (`npm test` does).
export default defineConfig({
  test: {
    // Tests of whole programs start the bundles: what tsc has compiled since is bundled first.
    globalSetup: ['scripts/bundle-setup.mjs'],
    // Vitest would leave one core free, which of two is half the machine; most tests wait for processes anyway.
    maxWorkers: Math.max(2, availableParallelism()),
    projects: [
      ...packages,
      { test: { name: 'scripts', include: ['scripts/test/*.test.mjs'], ...PATIENCE } },
      // After all others, one by one: what takes more of the machine than a neighbour can bear.
      {
        test: {
          name: 'alone',
          include: ['packages/*/test/*.alone.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          ...PATIENCE,
        },
      },
    ],
    passWithNoTests: true,
  },
});
