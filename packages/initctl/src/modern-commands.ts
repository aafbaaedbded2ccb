import { JSON_OPTION } from './added-options.js';
import type { Command } from './command.js';
import { FORESIGHT_COMMANDS } from './foresight-commands.js';
import { JOURNAL_DIR } from './history-commands.js';
import type { Option } from './option.js';

const CONFDIR: Option = {
  key: 'confdir',
  long: 'confdir',
  argument: 'DIR',
  help: 'look for its files in DIR, and ask no daemon (repeatable)',
};

const WHERE =
  'The override is the one that is in force, else JOB.override beside its file. The daemon is asked where that is; where none answers, its usual directories are looked at.';

const NAMES_INSTANCE = 'KEY=VALUE pairs say which instance, where there can be several.';

/** The rows of the commands that Upstart 1.13.2 has not. */
export const MODERN_COMMANDS = {
  explain: {
    group: 'More',
    usage: 'JOB|EVENT [KEY=VALUE]...',
    summary: 'Tell why a job runs, waits or does not run.',
    details: `What gave it its goal, back to the first cause; what it waits for, and who waits for it; what its start on still needs, and who could bring that about. ${NAMES_INSTANCE}\n\nAn event is spelt as conditions spell it, as started JOB=db: who could bring it about, and what would come of it. A job of the same name comes first.`,
    options: [
      { key: 'event', long: 'event', help: 'it is an event, whatever jobs there are' },
      {
        key: 'at',
        long: 'at',
        argument: 'TIME',
        help: 'how it was at TIME, from the journal: 2026-11-28T10:20:05 (UTC), or 5min for so long ago',
      },
      JOURNAL_DIR,
      JSON_OPTION,
    ],
    load: async () => (await import('./commands/explain.js')).explain,
  },
  log: {
    group: 'More',
    usage: 'JOB [KEY=VALUE]...',
    summary: 'Show what the processes of a job have printed.',
    details: `The daemon is asked for the log file; where none answers, the usual directory is looked at. --follow goes on across rotation until Control-C. ${NAMES_INSTANCE}`,
    options: [
      { key: 'follow', short: 'f', long: 'follow', help: 'go on with what comes (after the last 10 lines)' },
      { key: 'lines', short: 'n', long: 'lines', argument: 'COUNT', help: 'begin with the last COUNT lines' },
      { ...JSON_OPTION, help: 'print each line as JSON' },
    ],
    load: async () => (await import('./commands/log.js')).log,
  },
  timers: {
    group: 'More',
    mostOperands: 0,
    summary: 'List the times at which events of the time bridge come.',
    details:
      'A line each, the next first: when it comes, when it came last since the bridge was started, its variables, and the jobs that want it. The bridge of the daemon that would be talked to keeps them in a file, which is read; no daemon is asked.',
    options: [JSON_OPTION],
    load: async () => (await import('./commands/timers.js')).timers,
  },
  ...FORESIGHT_COMMANDS,
  wait: {
    group: 'More',
    usage: 'JOB [KEY=VALUE]...',
    summary: 'Wait until a job is started or stopped.',
    details: `Prints its status line then. Nothing is changed: a job that nobody starts is waited for until the time is over, which is an error. ${NAMES_INSTANCE}`,
    options: [
      { key: 'for', long: 'for', argument: 'GOAL', help: 'started: it runs; stopped: it has no instance' },
      { key: 'timeout', long: 'timeout', argument: 'SECONDS', help: 'give up after SECONDS (default: never)' },
      JSON_OPTION,
    ],
    load: async () => (await import('./commands/wait.js')).wait,
  },
  top: {
    group: 'More',
    mostOperands: 0,
    summary: 'Show what jobs use: memory, processor time, processes.',
    details:
      'On a terminal it goes on until q or Control-C; the keys c, m, p, t and n sort by processor, memory, processes, time and name. For a pipe it prints one table.',
    options: [
      {
        key: 'sort',
        short: 's',
        long: 'sort',
        argument: 'KEY',
        help: 'cpu (the default), memory, processes, time, name',
      },
      {
        key: 'interval',
        short: 'i',
        long: 'interval',
        argument: 'SECONDS',
        help: 'look again after SECONDS (default 2)',
      },
      JSON_OPTION,
    ],
    load: async () => (await import('./commands/top.js')).top,
  },
  enable: {
    group: 'More',
    usage: 'JOB',
    mostOperands: 1,
    summary: 'Let events start a job again.',
    details: `Takes manual out of its override; all else stays, and a file that is empty then goes. Nothing is started. ${WHERE}`,
    options: [CONFDIR, JSON_OPTION],
    load: async () => (await import('./commands/enable.js')).enable,
  },
  disable: {
    group: 'More',
    usage: 'JOB',
    mostOperands: 1,
    summary: 'Let nothing but a command start a job.',
    details: `Puts manual at the end of its override; all else stays. What runs goes on running. ${WHERE}`,
    options: [CONFDIR, JSON_OPTION],
    load: async () => (await import('./commands/enable.js')).disable,
  },
  edit: {
    group: 'More',
    usage: 'JOB',
    mostOperands: 1,
    summary: "Edit the override of a job with VISUAL, EDITOR or 'vi'.",
    details: `What was edited is checked, and refused with the place of each mistake; on a terminal it can then be edited again. What is good takes the place of the old file at once, and the difference is shown. ${WHERE}`,
    options: [CONFDIR, JSON_OPTION],
    load: async () => (await import('./commands/edit.js')).edit,
  },
  'restart-init': {
    group: 'More',
    mostOperands: 0,
    summary: 'Have the init daemon execute itself again.',
    details:
      'As after an upgrade of it: jobs, connections and what commands wait for go on. Ends when the new program answers; where it can not be executed the daemon goes on as it is, and the exit status is 1. telinit u does the same for the init of the machine.',
    options: [],
    load: async () => (await import('./commands/restart-init.js')).restartInit,
  },
} as const satisfies Record<string, Command>;
