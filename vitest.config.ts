import { defineConfig } from 'vitest/config';

// Tests import other packages as users do, through their built `exports`: build first (`npm test` does).
export default defineConfig({
  test: {
    projects: ['packages/*', { test: { name: 'scripts', include: ['scripts/test/*.test.mjs'] } }],
    passWithNoTests: true,
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
