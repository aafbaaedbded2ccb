/** What the command line of a bridge said. */
export interface BridgeOptions {
  readonly priority: 'error' | 'warn' | 'info' | 'debug';
  /** The Session Init of `UPSTART_SESSION`, and no other. */
  readonly user: boolean;
  /** Where the daemon's private socket is. Absent: as `UPSTART_SESSION` and the user id say. */
  readonly address?: string;
  /** What was said of the bridge's own options, by name; `''` for one without an argument. */
  readonly own: ReadonlyMap<string, string>;
}

const DEFAULT_OPTIONS: BridgeOptions = { priority: 'warn', user: false, own: new Map() };

/** An option that one bridge has. */
interface OwnOption {
  /** The name of its argument; absent: it takes none. */
  readonly argument?: string;
  readonly help: string;
}

/** By name, with dashes. */
export type OwnOptions = Readonly<Record<string, OwnOption>>;

interface Row {
  readonly short?: string;
  /** The name of its argument; absent: it takes none. */
  readonly argument?: string;
  readonly help: string;
  readonly apply: (options: BridgeOptions, value: string) => BridgeOptions;
}

const verbosity = (priority: BridgeOptions['priority'], help: string, short?: string): Row => ({
  help,
  apply: (options) => ({ ...options, priority }),
  ...(short === undefined ? {} : { short }),
});

/** The options that all bridges have, in the order of `--help`, beside `--help` and `--version`. */
const OPTIONS = {
  '--user': {
    help: 'connect to the Session Init of UPSTART_SESSION',
    apply: (options) => ({ ...options, user: true }),
  },
  '--address': {
    argument: 'ADDRESS',
    help: 'connect to the private socket at ADDRESS',
    apply: (options, address) => ({ ...options, address }),
  },
  '--quiet': verbosity('error', 'report errors only', '-q'),
  '--verbose': verbosity('info', 'report what is listened to, too', '-v'),
  '--debug': verbosity('debug', 'report everything'),
} as const satisfies Record<string, Row>;

type NamedRow = readonly [long: string, row: Row];

/** Those of the bridge first. */
const rowsWith = (own: OwnOptions): readonly NamedRow[] => [
  ...Object.entries(own).map(([long, option]): NamedRow => {
    const apply: Row['apply'] = (options, value) => ({ ...options, own: new Map([...options.own, [long, value]]) });
    return [long, { ...option, apply }];
  }),
  ...Object.entries(OPTIONS),
];

export type Parsed =
  | { readonly kind: 'run'; readonly options: BridgeOptions }
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'error'; readonly message: string };

const mistakeOf = (word: string): string =>
  word === '--daemon'
    ? '--daemon is not needed: the job says `expect notify`, and the bridge tells when it is ready'
    : `unknown option or argument: ${word}`;

/** Read a command line, without the program's name. */
export const parseOptions = (words: readonly string[], own: OwnOptions = {}): Parsed => {
  const rows = rowsWith(own);
  const rest = [...words];
  let options = DEFAULT_OPTIONS;
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--help') return { kind: 'help' };
    if (word === '--version') return { kind: 'version' };
    const [name = '', inline] = word.startsWith('--') ? splitOnce(word) : [word];
    const row = rows.find(([long, { short }]) => name === long || name === short)?.[1];
    if (row === undefined) return { kind: 'error', message: mistakeOf(name) };
    const value = row.argument === undefined ? inline : (inline ?? rest.shift());
    if ((row.argument === undefined) !== (value === undefined) || value === '') {
      const message =
        row.argument === undefined ? `${name} takes no argument` : `${name} needs an argument: ${row.argument}`;
      return { kind: 'error', message };
    }
    options = row.apply(options, value ?? '');
  }
  return { kind: 'run', options };
};

const splitOnce = (word: string): string[] => {
  const equals = word.indexOf('=');
  return equals < 0 ? [word] : [word.slice(0, equals), word.slice(equals + 1)];
};

const usageOf = ([long, { short, argument }]: readonly [string, Row]): string =>
  `${short === undefined ? '    ' : `${short}, `}${long}${argument === undefined ? '' : `=${argument}`}`;

/** A row of the manual's table of options, names without dashes. */
interface ManualOption {
  readonly short?: string | undefined;
  readonly long: string;
  readonly argument?: string | undefined;
  readonly help: string;
}

/** All options of a bridge, for its manual. */
export const manualOptions = (own: OwnOptions = {}): readonly ManualOption[] => [
  ...rowsWith(own).map(([long, { short, argument, help }]) => ({
    short: short?.replace(/^-/, ''),
    long: long.replace(/^--/, ''),
    argument,
    help,
  })),
  { long: 'help', help: 'print this and exit' },
  { long: 'version', help: 'print the version and exit' },
];

/** The text of `--help`. */
export const helpText = (program: string, purpose: string, own: OwnOptions = {}): string =>
  [
    `Usage: ${program} [OPTION]...`,
    purpose,
    '',
    'Options:',
    ...rowsWith(own).map((row) => `  ${usageOf(row).padEnd(22)}  ${row[1].help}`),
    '      --help              print this and exit',
    '      --version           print the version and exit',
    '',
    'It runs in the foreground until SIGTERM or Ctrl-C. Its job says `expect notify`.',
    '',
  ].join('\n');
