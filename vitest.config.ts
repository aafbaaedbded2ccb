import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Tests import packages as users do, through their built `exports`: build first (`npm test` does).
    projects: ['packages/*', 'scripts'],
    passWithNoTests: true,
  },
});
