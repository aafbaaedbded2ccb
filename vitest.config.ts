import { defineConfig } from 'vitest/config';

// Tests import other packages as users do, through their built `exports`: build first (`npm test` does).
export default defineConfig({
  test: {
    // Tests of whole programs start the bundles: what tsc has compiled since is bundled first.
    globalSetup: ['scripts/bundle-setup.mjs'],
    projects: [
      'packages/*',
      { test: { name: 'scripts', include: ['scripts/test/*.test.mjs'] } },
      // After all others, one by one: what takes more of the machine than a neighbour can bear.
      {
        test: {
          name: 'alone',
          include: ['packages/*/test/*.alone.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    passWithNoTests: true,
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
