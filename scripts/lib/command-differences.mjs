/** As in transcript-differences.mjs, for recorded command lines: `steps` are their commands. */

const HELP = {
  row: '| `--help` ends with paragraphs, and an address for reports |',
  steps: / --help$/,
  /** Everything down to the options is the same, letter by letter. */
  explains: (expected, got) => {
    const [, wanted] = /^(.*?\n\nOptions:\n(?: [^\n]*\n)*)/s.exec(expected.stdout) ?? [];
    return wanted !== undefined && got.stdout.startsWith(wanted) && got.stderr === '' && got.status === 0;
  },
};

const sameButFor = (pattern, replacement) => (expected, got) =>
  got.status === expected.status &&
  got.stderr === expected.stderr &&
  got.stdout.replace(pattern, replacement) === expected.stdout;

const becomes = (stdout) => (_, got) => got.status === 0 && got.stderr === '' && got.stdout === stdout;

/** Blocks of commands of our own before the last line. */
const OWN_COMMANDS = /(?:File commands:\n(?: [^\n]*\n)+\n)?More commands:\n(?: [^\n]*\n)+\n/;

export const COMMAND_DIFFERENCES = [
  HELP,
  {
    row: "| `initctl help` lists the original's commands |",
    steps: / help( start)?$/,
    explains: sameButFor(OWN_COMMANDS, ''),
  },
  {
    row: "| `--version` names the original's authors |",
    steps: / --version$/,
    explains: (expected, got) =>
      got.stdout === expected.stdout.replace(/^Copyright .*$/m, 'Copyright (C) 2026 The Maverick authors'),
  },
  {
    row: '| a mistake in an edited file takes the job away at the next stop |',
    steps: / status added$/,
    explains: (_, got) => got.status === 0 && /^added stop\/waiting\n\tstale: .*\n$/.test(got.stdout),
  },
  {
    row: '| `restart` uses the definition the job was started with |',
    steps: /^tr .*status sleeper/,
    explains: becomes('sleep 88 '),
  },
  {
    row: '| `stop` of a job whose file is gone prints a D-Bus error',
    steps: / stop sleeper$/,
    explains: becomes('sleeper stop/waiting\n'),
  },
  {
    row: '| a D-Bus address that is none is refused in the words of libdbus |',
    steps: / notify-dbus-address bogus:$/,
    explains: (expected, got) =>
      got.status === expected.status && got.stdout === '' && /^initctl: .*bogus/.test(got.stderr),
  },
  {
    row: '| processes have `UPSTART_JOB` and `UPSTART_INSTANCE` |',
    steps: /^cd \/home\/user\/logs/,
    explains: sameButFor(/^UPSTART_RUN=.*\n/gm, ''),
  },
  {
    row: '| a wrong signal in `kill signal` is reported without its line |',
    only: 'init-checkconf.txt',
    steps: /^init-checkconf .*t110\.conf$/,
    explains: (expected, got) =>
      got.status === expected.status &&
      got.output.replace(/t110\.conf:\d+: /, 't110.conf: Error while loading configuration file: ') === expected.output,
  },
];
