import type { Command } from './command.js';
import type { Option } from './option.js';

const NO_WAIT = (forWhat: string): Option => ({
  key: 'no-wait',
  short: 'n',
  long: 'no-wait',
  help: `do not wait for ${forWhat} before exiting`,
});

const SELECTS_INSTANCE =
  'Where JOB can have several instances, the pairs also say which one. A process of a job may leave out both: its own instance is meant.';

/**
 * Every command, in the order of `initctl help`. Help, dispatch, program names and completions are made from this.
 * @see initctl(8), "COMMANDS"
 */
export const COMMANDS = {
  start: {
    group: 'Job',
    usage: 'JOB [KEY=VALUE]...',
    summary: 'Start job.',
    details: `Starts an instance of JOB and waits until it runs, or, where JOB is a task, until it has finished. The KEY=VALUE pairs go into its environment. ${SELECTS_INSTANCE}`,
    options: [NO_WAIT('job to start')],
    load: async () => (await import('./commands/start.js')).start,
  },
  stop: {
    group: 'Job',
    usage: 'JOB [KEY=VALUE]...',
    summary: 'Stop job.',
    details: `Stops a running instance of JOB and waits until it has stopped. The KEY=VALUE pairs are passed to its pre-stop and post-stop processes. ${SELECTS_INSTANCE}`,
    options: [NO_WAIT('job to stop')],
    load: async () => (await import('./commands/stop.js')).stop,
  },
  restart: {
    group: 'Job',
    usage: 'JOB [KEY=VALUE]...',
    summary: 'Restart job.',
    details: `Stops a running instance of JOB, starts it again and waits until it runs. The KEY=VALUE pairs go into its new environment. ${SELECTS_INSTANCE}`,
    options: [NO_WAIT('job to restart')],
    load: async () => (await import('./commands/start.js')).restart,
  },
  reload: {
    group: 'Job',
    usage: 'JOB [KEY=VALUE]...',
    summary: 'Send HUP signal to job.',
    details: `Sends the reload signal of JOB, SIGHUP unless it names another, to its main process. KEY=VALUE pairs are taken as by start. ${SELECTS_INSTANCE}`,
    options: [],
    load: async () => (await import('./commands/reload.js')).reload,
  },
  status: {
    group: 'Job',
    usage: 'JOB [KEY=VALUE]...',
    summary: 'Query status of job.',
    details: `Prints goal, state and processes of JOB. KEY=VALUE pairs are taken as by start. ${SELECTS_INSTANCE}`,
    options: [],
    load: async () => (await import('./commands/status.js')).status,
  },
  list: {
    group: 'Job',
    summary: 'List known jobs.',
    details: 'The known jobs and their current status will be output.',
    options: [],
    load: async () => (await import('./commands/list.js')).list,
  },
  emit: {
    group: 'Event',
    usage: 'EVENT [KEY=VALUE]...',
    summary: 'Emit an event.',
    details:
      'Emits EVENT, with the KEY=VALUE pairs as its environment, and waits until every job that it starts runs and every job that it stops has stopped.',
    options: [NO_WAIT('event to finish')],
    load: async () => (await import('./commands/emit.js')).emit,
  },
  'reload-configuration': {
    group: 'Other',
    summary: 'Reload the configuration of the init daemon.',
    details: 'Job files are watched, so this is needed only where changes can not be seen.',
    options: [],
    load: async () => (await import('./commands/reload-configuration.js')).reloadConfiguration,
  },
  version: {
    group: 'Other',
    summary: 'Request the version of the init daemon.',
    options: [],
    load: async () => (await import('./commands/version.js')).version,
  },
  'log-priority': {
    group: 'Other',
    usage: '[PRIORITY]',
    summary: 'Change the minimum priority of log messages from the init daemon.',
    details:
      'PRIORITY is one of debug, info, message, warn, error and fatal, from most to least that is logged. Without it the current one is output.',
    options: [],
    load: async () => (await import('./commands/log-priority.js')).logPriority,
  },
  'show-config': {
    group: 'Other',
    usage: '[JOB]',
    summary: 'Show emits, start on and stop on details for job configurations.',
    details: 'Without JOB every job is shown.',
    options: [
      {
        key: 'enumerate',
        short: 'e',
        long: 'enumerate',
        help: 'list the events of a condition, each on a line of its own',
      },
    ],
    load: async () => (await import('./commands/show-config.js')).showConfig,
  },
  usage: {
    group: 'Other',
    usage: 'JOB',
    summary: 'Show job usage message if available.',
    options: [],
    load: async () => (await import('./commands/usage.js')).usage,
  },
  'list-sessions': {
    group: 'Other',
    summary: 'List all sessions.',
    details: 'Prints process id and D-Bus address of each Session Init of this user that is alive.',
    options: [],
    load: async () => (await import('./commands/list-sessions.js')).listSessions,
  },
  help: {
    group: 'Other',
    summary: 'display list of commands',
    options: [],
    load: async () => (await import('./commands/help.js')).help,
  },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof COMMANDS;

/** Is this the name of a command, and so also a name that the program may have? */
export const isCommandName = (name: string): name is CommandName => Object.hasOwn(COMMANDS, name);
