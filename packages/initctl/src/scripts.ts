import type { Program } from './command.js';
import type { ColorOf, Option } from './option.js';

/** The colours of a graph, unless others are asked for. */
export const DEFAULT_COLORS = {
  emits: 'green',
  'start-on': 'blue',
  'stop-on': 'red',
  event: 'thistle',
  text: 'black',
  'event-text': 'black',
  'job-text': 'black',
  bg: 'white',
  job: '#DCDCDC',
} as const satisfies Record<ColorOf, string>;

/** What each colour is of, for the help text. */
const COLORED = {
  emits: "'emits' lines",
  'start-on': "'start on' lines",
  'stop-on': "'stop on' lines",
  event: 'event boxes',
  text: 'summary text',
  'event-text': 'text in event boxes',
  'job-text': 'text in job boxes',
  bg: 'background of diagram',
  job: 'job boxes',
} as const satisfies Record<ColorOf, string>;

const colorOption = (of: ColorOf): Option => ({
  key: `color-${of}`,
  long: `color-${of}`,
  argument: 'COLOR',
  help: `specify color for ${COLORED[of]} (default ${DEFAULT_COLORS[of]})`,
});

const HELP: Option = { key: 'help', short: 'h', long: 'help', help: 'display this help and exit' };
const VERSION: Option = { key: 'version', long: 'version', help: 'output version information and exit' };

/** The rows of the programs that were scripts around `initctl`. */
export const SCRIPTS = {
  'init-checkconf': {
    usage: 'FILE',
    summary: 'Check the syntax of a job configuration file.',
    details:
      'Prints what is wrong in FILE, and the status is 1 if anything is. Nothing is started: no daemon is needed, and none is asked.',
    options: [
      { key: 'priority', short: 'd', long: 'debug', value: 'debug', help: 'show what is checked' },
      { key: 'file', short: 'f', long: 'file', argument: 'FILE', help: 'the file to check' },
      {
        key: 'initctl-path',
        short: 'i',
        long: 'initctl-path',
        argument: 'PATH',
        help: 'taken for compatibility: has to be a program',
      },
      { key: 'noscript', short: 's', long: 'noscript', help: 'do not check script sections' },
      {
        key: 'upstart-path',
        short: 'x',
        long: 'upstart-path',
        argument: 'PATH',
        help: 'taken for compatibility: has to be a program',
      },
      HELP,
      VERSION,
    ],
    load: async () => (await import('./programs/init-checkconf.js')).initCheckconf,
  },
  initctl2dot: {
    summary: 'Draw jobs and events as a graph, in the language of dot(1).',
    details:
      "Reads what 'initctl show-config -e' prints: of the init daemon of the system, or of the session where there is one.",
    options: [
      { key: 'file', short: 'f', long: 'infile', argument: 'FILE', help: "file with the output of 'show-config -e'" },
      {
        key: 'outfile',
        short: 'o',
        long: 'outfile',
        argument: 'FILE',
        help: "file to write (default upstart.dot; '-' is standard output)",
      },
      {
        key: 'restrict',
        short: 'r',
        long: 'restrict-to-jobs',
        argument: 'JOBS',
        help: 'only these jobs (comma-separated) and what they wait for',
      },
      { key: 'user', long: 'user', help: 'ask the Session Init' },
      { key: 'system', long: 'system', help: 'ask the init daemon of the system' },
      ...(Object.keys(DEFAULT_COLORS) as ColorOf[]).map(colorOption),
      HELP,
      VERSION,
    ],
    load: async () => (await import('./programs/initctl2dot.js')).initctl2dot,
  },
  'upstart-monitor': {
    summary: 'Show events as they are emitted.',
    details:
      'Each line has the time, a separator, and the event with its environment. DEST is one of system-bus, session-bus, system-socket and session-socket; the default is the socket of the session where there is one, else the bus of the system.',
    options: [
      { key: 'no-gui', short: 'n', long: 'no-gui', help: 'show events on the console (there is nothing else)' },
      {
        key: 'separator',
        short: 's',
        long: 'separator',
        argument: 'SEPARATOR',
        help: 'what to put between the columns (default: a tab)',
      },
      { key: 'destination', short: 'd', long: 'destination', argument: 'DEST', help: 'which init daemon to listen to' },
      HELP,
      VERSION,
    ],
    load: async () => (await import('./programs/upstart-monitor.js')).upstartMonitor,
  },
} as const satisfies Record<string, Program>;
