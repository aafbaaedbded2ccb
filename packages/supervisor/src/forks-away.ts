import type { JobDefinition } from '@maverick/conf';

/** Whether the main process is to fork, and go: what it has forked is supervised in its place. */
export const forksAway = (definition: JobDefinition | undefined): boolean =>
  definition?.expect === 'fork' || definition?.expect === 'daemon';
