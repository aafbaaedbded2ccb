/** Stanzas as `init(5)` shows them. */

import type { StanzaRow } from './stanzas.js';

/** What stands behind the name of a stanza that takes no words. */
const BODIES = {
  command: ' COMMAND...',
  block: ' ... end script',
  events: ' EVENT [KEY=VALUE]... [and|or ...]',
  states: ' [not] JOB [KEY=VALUE]... [and|or ...]',
} as const;

/** The forms of a stanza, such as `respawn limit COUNT SECONDS` and `respawn limit unlimited`. */
export const stanzaSynopsis = (row: StanzaRow): readonly string[] => {
  const { name, body, forms } = row;
  if (body !== 'words') return [`${name}${BODIES[body]}`];
  return forms.map((form) =>
    [name, ...form.map((argument) => (argument.repeat ? `${argument.name}...` : argument.name))].join(' '),
  );
};
