import { JSON_OPTION } from './added-options.js';
import type { Command } from './command.js';
import type { Option } from './option.js';

export const JOURNAL_DIR: Option = {
  key: 'journal-dir',
  long: 'journal-dir',
  argument: 'DIR',
  help: 'read the journal in DIR, and ask no daemon',
};

const BOOT: Option = {
  key: 'boot',
  long: 'boot',
  argument: 'N',
  help: "of one life of the daemon: 0 is the last, --boot=-1 the one before (default: all that are in the journal's files)",
};

const LAST_BOOT: Option = {
  ...BOOT,
  help: 'of one life of the daemon: 0 is the last (the default), --boot=-1 the one before',
};

const OUTFILE: Option = {
  key: 'outfile',
  short: 'o',
  long: 'outfile',
  argument: 'FILE',
  help: 'write it to FILE, by the end of its name as .svg, .html … where no option says what',
};

const SPAN: readonly Option[] = [
  {
    key: 'since',
    long: 'since',
    argument: 'TIME',
    help: 'from TIME on, as 2026-11-28T10:30 (UTC) or 90s, 5min, 2h, 1d ago',
  },
  { key: 'until', long: 'until', argument: 'TIME', help: 'before TIME' },
];

const OF_SESSION: Option = {
  key: 'of-session',
  long: 'session',
  argument: 'ID',
  help: "only of the daemon's session ID; system is the system's (before the command: --session as below)",
};

const WHERE =
  "The daemon tells where its journal is. Who may read the files there gets all that is in them; others get from the daemon its newest thousand lines. --journal-dir reads a directory without a daemon: another server's, or that of one that is dead.";

/** The rows of the commands that show what has happened. */
export const HISTORY_COMMANDS = {
  journal: {
    group: 'More',
    mostOperands: 0,
    summary: 'Show what has happened: events, jobs, processes.',
    details: `Of a span of time or a boot all lines, else the newest. --follow goes on until Control-C. ${WHERE}`,
    options: [
      { key: 'of-job', long: 'job', argument: 'JOB', help: 'only lines about JOB' },
      {
        key: 'event',
        long: 'event',
        argument: 'EVENT',
        help: 'only lines about events of this name; by its number also what an event led to',
      },
      { key: 'what', long: 'what', argument: 'KIND', help: 'only lines of this kind, as state-changed' },
      OF_SESSION,
      ...SPAN,
      BOOT,
      { key: 'follow', short: 'f', long: 'follow', help: 'go on with what comes' },
      { key: 'lines', short: 'n', long: 'lines', argument: 'COUNT', help: 'the last COUNT lines (default 100)' },
      JOURNAL_DIR,
      { ...JSON_OPTION, help: 'print each line as the JSON that it is' },
    ],
    load: async () => (await import('./commands/journal.js')).journal,
  },
  history: {
    group: 'More',
    usage: '[JOB [INSTANCE]]',
    mostOperands: 2,
    summary: 'Tell when jobs ran, how long, why, and how they ended.',
    details: `A line for each run, from its start until it came to rest, was restarted or respawned: when it began, how long it had processes, what started it, what stopped it and how its main process ended. Below a run that crashed: what else ran then, and how long the daemon had been up. ${WHERE}`,
    options: [OF_SESSION, ...SPAN, BOOT, JOURNAL_DIR, JSON_OPTION],
    load: async () => (await import('./commands/history.js')).history,
  },
  timeline: {
    group: 'More',
    mostOperands: 0,
    summary: 'Draw a boot, or any span of time, as bars for jobs.',
    details: `A bar for each run, with its phases, and a mark for each event that jobs have not emitted by themselves. Without a span it is the boot: until the last job that it brought up was up. ${WHERE}`,
    options: [
      { key: 'html', long: 'html', help: 'as a page that needs nothing else: a bar that is chosen shows its causes' },
      { key: 'svg', long: 'svg', help: 'as an SVG image' },
      OUTFILE,
      { key: 'causes', long: 'causes', help: 'tell below each bar what led to it, the first cause first' },
      { key: 'whole', long: 'whole', help: 'the whole life of the daemon' },
      ...SPAN,
      LAST_BOOT,
      JOURNAL_DIR,
      JSON_OPTION,
    ],
    load: async () => (await import('./commands/timeline.js')).timeline,
  },
  blame: {
    group: 'More',
    mostOperands: 0,
    summary: 'List what took how long to come up, the longest first.',
    details: `TOOK is the time in which its own processes worked: of a task until it was done, of all else until it was up. WAITED is the time in which others held it in starting. ${WHERE}`,
    options: [LAST_BOOT, JOURNAL_DIR, JSON_OPTION],
    load: async () => (await import('./commands/blame.js')).blame,
  },
  'critical-chain': {
    group: 'More',
    usage: '[JOB]',
    mostOperands: 1,
    summary: 'Show what the end of a boot really waited for.',
    details: `The end of the boot is when the last of the jobs came up that the first event led to; with JOB it is the first time that this job came up. Each line is a stretch of time that was waited for, with the events by which its end led to the next one: it follows from the causes in the journal, not from times. A service that is up is no part of the boot any more, whatever it emits. ${WHERE}`,
    options: [LAST_BOOT, JOURNAL_DIR, JSON_OPTION],
    load: async () => (await import('./commands/critical-chain.js')).criticalChain,
  },
  graph: {
    group: 'More',
    usage: '[JOB|EVENT]',
    mostOperands: 1,
    summary: 'Show which events and jobs lead to which.',
    details: `By the job files as the daemon has them; with --boot what really led to what. With JOB or EVENT only what hangs together with it. Jobs that the same things start stand in one box. text is a summary; svg and html need no Graphviz. ${WHERE}`,
    options: [
      { key: 'of-boot', long: 'boot', help: 'of the last boot, from the journal' },
      { key: 'boot', long: 'boots-ago', argument: 'N', help: 'of an earlier boot: --boots-ago=-1 is the one before' },
      { key: 'causes', long: 'causes', help: 'of JOB or EVENT only what leads to it' },
      { key: 'effects', long: 'effects', help: 'of JOB or EVENT only what it leads to' },
      { key: 'depth', long: 'depth', argument: 'N', help: 'no more than N steps away from JOB or EVENT' },
      { key: 'ungrouped', long: 'ungrouped', help: 'no boxes around jobs that the same things start' },
      {
        key: 'format',
        long: 'format',
        argument: 'FORMAT',
        help: 'text (the default), dot, mermaid, svg, html or json',
      },
      OUTFILE,
      {
        key: 'confdir',
        long: 'confdir',
        argument: 'DIR',
        help: 'of the job files of DIR, and ask no daemon (repeatable)',
      },
      JOURNAL_DIR,
      { ...JSON_OPTION, help: 'the same as --format=json' },
    ],
    load: async () => (await import('./commands/graph.js')).graph,
  },
} as const satisfies Record<string, Command>;
