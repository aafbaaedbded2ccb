import { JSON_OPTION } from './added-options.js';
import type { Command } from './command.js';
import type { Option } from './option.js';

const TABLE: Option = {
  key: 'table',
  short: 'g',
  long: 'global',
  help: 'apply to global job environment',
};

const WHICH_TABLE =
  "A process of a job means the job's own variables, unless it says --global; everybody else means those that the daemon gives to every job.";

/** The rows of the commands on the variables that jobs are given. */
export const ENVIRONMENT_COMMANDS = {
  'get-env': {
    group: 'Environment',
    usage: 'VARIABLE',
    summary: 'Retrieve value of a job environment variable.',
    details: WHICH_TABLE,
    options: [TABLE],
    additions: [JSON_OPTION],
    load: async () => (await import('./commands/environment.js')).getEnv,
  },
  'list-env': {
    group: 'Environment',
    summary: 'Show all job environment variables.',
    details: `The variables are sorted. ${WHICH_TABLE}`,
    options: [TABLE],
    additions: [JSON_OPTION],
    load: async () => (await import('./commands/environment.js')).listEnv,
  },
  'reset-env': {
    group: 'Environment',
    summary: 'Revert all job environment variable changes.',
    details: `Everything is as it was when the daemon, or the job, started. ${WHICH_TABLE}`,
    options: [TABLE],
    load: async () => (await import('./commands/environment.js')).resetEnv,
  },
  'set-env': {
    group: 'Environment',
    usage: 'VARIABLE[=VALUE]...',
    summary: 'Set one or more job environment variables.',
    details: `Without VALUE a variable is set to nothing. Jobs that start from now on have it. ${WHICH_TABLE}`,
    options: [
      TABLE,
      { key: 'retain', short: 'r', long: 'retain', help: 'do not replace the value if the variable is already set' },
    ],
    load: async () => (await import('./commands/environment.js')).setEnv,
  },
  'unset-env': {
    group: 'Environment',
    usage: 'VARIABLE...',
    summary: 'Remove one or more job environment variables.',
    details: `A variable that is not set is no error. ${WHICH_TABLE}`,
    options: [TABLE],
    load: async () => (await import('./commands/environment.js')).unsetEnv,
  },
} as const satisfies Record<string, Command>;
