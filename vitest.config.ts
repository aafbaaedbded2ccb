import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** A project takes nothing from what is around it. Real processes on a busy machine take their time. */
const PATIENCE = { testTimeout: 20_000, hookTimeout: 20_000 };

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
