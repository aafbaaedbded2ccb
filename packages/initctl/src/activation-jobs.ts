import { matchGlob } from '@maverick/conf';
import type { ListedDefinition } from '@maverick/dbus/client';

/** The jobs whose `start on` has a place for the activation of a name; a variable of the job counts as one that may fit. */
export const jobsThatBring = (name: string, jobs: readonly ListedDefinition[]): readonly ListedDefinition[] =>
  jobs.filter(({ properties }) =>
    (properties.startOn ?? []).some(([event, wanted = '*']) => {
      const pattern = wanted.replace(/^NAME=/, '');
      return event === 'dbus-activation' && (pattern.includes('$') || matchGlob(pattern, name));
    }),
  );
