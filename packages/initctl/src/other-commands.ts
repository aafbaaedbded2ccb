import { JSON_OPTION } from './added-options.js';
import type { Command } from './command.js';

/** The rows of the commands on the daemon and its configuration. */
export const OTHER_COMMANDS = {
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
    additions: [JSON_OPTION],
    load: async () => (await import('./commands/version.js')).version,
  },
  'log-priority': {
    group: 'Other',
    usage: '[PRIORITY]',
    summary: 'Change the minimum priority of log messages from the init daemon.',
    details:
      'PRIORITY is one of debug, info, message, warn, error and fatal, from most to least that is logged. Without it the current one is output.',
    options: [],
    additions: [JSON_OPTION],
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
    additions: [JSON_OPTION],
    load: async () => (await import('./commands/show-config.js')).showConfig,
  },
  'check-config': {
    group: 'Other',
    usage: '[JOB]',
    summary: 'Check for unreachable jobs/event conditions.',
    details:
      'Names every event that no job says it emits and every job that does not exist, where a condition can not hold without it. JOB limits what is shown to one job. The exit status is 1 if anything is shown.',
    options: [
      {
        key: 'ignore-events',
        short: 'i',
        long: 'ignore-events',
        argument: 'EVENT_LIST',
        help: 'ignore specified list of events (comma-separated)',
      },
      { key: 'warn', short: 'w', long: 'warn', help: 'consider any unknown jobs and events as errors' },
    ],
    additions: [
      {
        key: 'proof',
        long: 'proof',
        help: 'find cycles, conditions that never hold, and deadlocks, by trying all that can happen',
      },
      { key: 'bound', long: 'bound', argument: 'MOVES', help: 'with --proof: try so many moves (default 5000)' },
      {
        key: 'confdir',
        long: 'confdir',
        argument: 'DIR',
        help: 'with --proof: look at the job files of DIR, and ask no daemon (repeatable)',
      },
      JSON_OPTION,
    ],
    load: async () => (await import('./commands/check-config.js')).checkConfig,
  },
  usage: {
    group: 'Other',
    usage: 'JOB',
    summary: 'Show job usage message if available.',
    options: [],
    additions: [JSON_OPTION],
    load: async () => (await import('./commands/usage.js')).usage,
  },
  'notify-cgroup-manager-address': {
    group: 'Other',
    usage: 'ADDRESS',
    summary: 'Inform Upstart of D-Bus address cgroup manager is available on.',
    details: 'The daemon manages cgroups itself: it takes the address and needs none.',
    options: [],
    load: async () => (await import('./commands/notify.js')).notifyCGroupManagerAddress,
  },
  'notify-dbus-address': {
    group: 'Other',
    usage: 'ADDRESS',
    summary: 'Inform Upstart of D-Bus address to connect to.',
    details: 'For a session whose bus is started by one of its jobs.',
    options: [],
    load: async () => (await import('./commands/notify.js')).notifyDBusAddress,
  },
  'notify-disk-writeable': {
    group: 'Other',
    summary: 'Inform Upstart that disk is now writeable.',
    details: 'Output of jobs that could not be written to their log files so far is written now.',
    options: [],
    load: async () => (await import('./commands/notify.js')).notifyDiskWriteable,
  },
  'list-sessions': {
    group: 'Other',
    summary: 'List all sessions.',
    details: 'Prints process id and D-Bus address of each Session Init of this user that is alive.',
    options: [],
    additions: [JSON_OPTION],
    load: async () => (await import('./commands/list-sessions.js')).listSessions,
  },
  help: {
    group: 'Other',
    summary: 'display list of commands',
    options: [],
    additions: [JSON_OPTION],
    load: async () => (await import('./commands/help.js')).help,
  },
} as const satisfies Record<string, Command>;
