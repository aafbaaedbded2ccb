import { JSON_OPTION } from './added-options.js';
import type { Command } from './command.js';

/** The rows of the commands about sessions of one daemon. */
export const SESSION_COMMANDS = {
  sessions: {
    group: 'More',
    mostOperands: 0,
    summary: 'List the sessions of the init daemon.',
    details:
      "A line each: its name, its kind (system, chroot or user) and how many jobs it has. list-sessions lists the daemons of a user's sessions instead.",
    options: [JSON_OPTION],
    load: async () => (await import('./commands/sessions.js')).sessions,
  },
  session: {
    group: 'More',
    usage: 'open DIR|USER, close SESSION, show [SESSION]',
    mostOperands: 2,
    summary: 'Open, close or show a session of the init daemon.',
    details:
      'open makes the session of a root directory or of a user, and prints its name; what is open stays as it is. close stops its jobs and forgets it. show tells what it is and what its jobs do; without SESSION that is the session of the caller.',
    options: [
      {
        key: 'startup-event',
        long: 'startup-event',
        argument: 'EVENT',
        help: 'emit EVENT in a session that open has made (default: nothing starts by itself)',
      },
      JSON_OPTION,
    ],
    load: async () => (await import('./commands/session.js')).session,
  },
} as const satisfies Record<string, Command>;
