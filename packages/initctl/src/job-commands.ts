import { JSON_OPTION } from './added-options.js';
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

/** The rows of the commands on jobs and events. */
export const JOB_COMMANDS = {
  start: {
    group: 'Job',
    usage: 'JOB [KEY=VALUE]...',
    summary: 'Start job.',
    details: `Starts an instance of JOB and waits until it runs, or, where JOB is a task, until it has finished. The KEY=VALUE pairs go into its environment. ${SELECTS_INSTANCE}`,
    options: [NO_WAIT('job to start')],
    additions: [JSON_OPTION],
    load: async () => (await import('./commands/start.js')).start,
  },
  stop: {
    group: 'Job',
    usage: 'JOB [KEY=VALUE]...',
    summary: 'Stop job.',
    details: `Stops a running instance of JOB and waits until it has stopped. The KEY=VALUE pairs are passed to its pre-stop and post-stop processes. ${SELECTS_INSTANCE}`,
    options: [NO_WAIT('job to stop')],
    additions: [JSON_OPTION],
    load: async () => (await import('./commands/stop.js')).stop,
  },
  restart: {
    group: 'Job',
    usage: 'JOB [KEY=VALUE]...',
    summary: 'Restart job.',
    details: `Stops a running instance of JOB, starts it again and waits until it runs. The KEY=VALUE pairs go into its new environment. ${SELECTS_INSTANCE}`,
    options: [NO_WAIT('job to restart')],
    additions: [JSON_OPTION],
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
    additions: [
      {
        key: 'long',
        short: 'l',
        long: 'long',
        help: 'add lines: since when, restarts, last exit, why (as on a terminal)',
      },
      JSON_OPTION,
    ],
    load: async () => (await import('./commands/status.js')).status,
  },
  list: {
    group: 'Job',
    summary: 'List known jobs.',
    details: 'The known jobs and their current status will be output.',
    options: [],
    additions: [{ key: 'tree', long: 'tree', help: 'show what starts what' }, JSON_OPTION],
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
} as const satisfies Record<string, Command>;
