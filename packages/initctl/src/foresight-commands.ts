import { JSON_OPTION } from './added-options.js';
import type { Command } from './command.js';
import type { Option } from './option.js';

/** What processes would do. */
const PROCESS_OPTIONS: readonly Option[] = [
  {
    key: 'exit',
    long: 'exit',
    argument: 'JOB=STATUS',
    help: 'its main process ends so: a number, or a signal (JOB:PROCESS=STATUS for another one; repeatable)',
  },
  { key: 'after', long: 'after', argument: 'JOB=TIME', help: 'it ends after TIME, such as 2s (repeatable)' },
  { key: 'ready', long: 'ready', argument: 'JOB=TIME', help: 'it is ready after TIME (repeatable)' },
  { key: 'processes', long: 'processes', argument: 'FILE', help: 'what processes do, as JSON' },
];

/** The rows of the commands that play what would happen. */
export const FORESIGHT_COMMANDS = {
  simulate: {
    group: 'More',
    usage: 'EVENT [KEY=VALUE]...',
    summary: 'Tell what would happen if an event came now.',
    details:
      'Nothing is started: the daemon is asked for its state, and all is played here in no time. Services then run until they are told to end, and all else ends at once with status 0, unless an option says otherwise.\n\nWith --against the difference is shown that other job files would make; the exit status is 1 if there is any.',
    options: [
      ...PROCESS_OPTIONS,
      { key: 'recorded', long: 'recorded', help: 'processes do what they did last, by the journal' },
      {
        key: 'confdir',
        long: 'confdir',
        argument: 'DIR',
        help: 'begin with the job files of DIR and nothing running, and ask no daemon (repeatable)',
      },
      {
        key: 'against',
        long: 'against',
        argument: 'DIR',
        help: 'show the difference that the job files of DIR would make (repeatable)',
      },
      { key: 'until', long: 'until', argument: 'TIME', help: 'look no further than TIME (default 1h)' },
      JSON_OPTION,
    ],
    load: async () => (await import('./commands/simulate.js')).simulate,
  },
  test: {
    group: 'More',
    usage: 'DIR...',
    summary: 'Test job files by the scenarios beside them.',
    details:
      'A scenario file, NAME.scenario, says what happens and what is expected then; nothing is started, and no time passes. The jobs are those of DIR; --confdir adds directories that are looked at after it. In place of a directory a scenario file can be given. The exit status is 1 if anything is not as expected.\n\nStatements: scenario, emit, start, stop, restart, process, exit, wait, expect.',
    options: [
      {
        key: 'confdir',
        long: 'confdir',
        argument: 'DIR',
        help: 'take the jobs that are not there from DIR (repeatable)',
      },
      { key: 'watch', short: 'w', long: 'watch', help: 'test again whenever a file changes' },
      { key: 'junit', long: 'junit', argument: 'FILE', help: 'write a JUnit report, too' },
      JSON_OPTION,
    ],
    load: async () => (await import('./commands/test.js')).test,
  },
  confirm: {
    group: 'More',
    usage: '[on [JOB]...|off|yes|no|always|quit [JOB [INSTANCE]]]',
    summary: 'Step through starts: each waits for a word.',
    details:
      'With on each start from then on (or of each JOB) waits for yes, no, always (yes for this job from now on) or quit (ask no more); no answer means yes in the end. The word is for the first start that waits, unless a job is named. The starts that wait are then listed with the reason for each. The daemon option --confirm asks on the console, from the first start on.',
    options: [
      {
        key: 'timeout',
        long: 'timeout',
        argument: 'TIME',
        help: 'with on: no answer means yes after TIME (default 30s; 0: never)',
      },
      JSON_OPTION,
    ],
    load: async () => (await import('./commands/confirm.js')).confirm,
  },
} as const satisfies Record<string, Command>;
