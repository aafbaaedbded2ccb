import { JSON_OPTION } from './added-options.js';
import type { Command } from './command.js';

/** The row of the command about names on a bus that jobs bring. */
export const ACTIVATION_COMMANDS = {
  'dbus-activation': {
    group: 'More',
    usage: 'install NAME, check [NAME], start NAME',
    mostOperands: 2,
    summary: 'Have a job started by the first call to a name on D-Bus.',
    details:
      'install writes the service file of NAME, so that the bus asks for it; the job says start on dbus-activation NAME. check says what of the bus, the daemon and NAME is as it must be, what is missing, and what to do about it; its exit status is 1 where something is missing. start is what the service file has a bus execute that does not hand activation on: it emits the event, and ends when NAME is there, with 1 where the job fails.\n\nThe bus is that of the session with --session, with --user and in a session; else that of the system.',
    options: [
      { key: 'fallback', long: 'fallback', help: 'install a file that works without the help of the bus only' },
      {
        key: 'service-dir',
        long: 'service-dir',
        argument: 'DIR',
        help: 'install the file in DIR, or look for it there',
      },
      JSON_OPTION,
    ],
    load: async () => (await import('./commands/dbus-activation.js')).dbusActivation,
  },
} as const satisfies Record<string, Command>;
