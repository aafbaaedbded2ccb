import type { Console } from '@maverick/conf';
import type { LogPriority, Semantics } from '@maverick/engine';
import type { LogTarget } from './log-targets.js';
import type { Mode } from './mode.js';
import type { ProgramOptions } from './program.js';

/** What the command line said. */
export interface Options {
  /** Absent: that of a machine. */
  readonly mode?: Mode;
  /** Replace the default directories. */
  readonly confDirs: readonly string[];
  readonly prependConfDirs: readonly string[];
  readonly appendConfDirs: readonly string[];
  readonly logDir?: string;
  readonly log: boolean;
  /** Absent: no event at the start. */
  readonly startupEvent?: string;
  readonly defaultConsole?: Console;
  readonly priority: LogPriority;
  /** Absent: where the mode has its messages. */
  readonly logTarget?: LogTarget;
  readonly logFormat: 'text' | 'json';
  /** Where, instead of the usual place. */
  readonly journalDir?: string;
  readonly journal: boolean;
  readonly live: boolean;
  /** Ask before each start. */
  readonly confirms: boolean;
  /** Where to answer, instead of where the mode has its private socket. */
  readonly address?: string;
  /** Look for the bus from the start. */
  readonly joinsBus: boolean;
  /** Start jobs for names on the bus that nobody has. */
  readonly activatesNames: boolean;
  readonly semantics?: Semantics;
  /** Jobs of a session inherit the daemon's environment and file creation mask. */
  readonly inheritsEnv: boolean;
  /** Keep what a re-exec hands over for people to look at. */
  readonly writesStateFile: boolean;
  /** Control groups for jobs. */
  readonly cgroups: boolean;
  /** Where, instead of below the daemon's own group; then each instance has one. */
  readonly cgroupDir?: string;
  /** Jobs in the root directories of those who call. */
  readonly chrootSessions: boolean;
  /** Root directories with sessions from the start. */
  readonly chrootRoots: readonly string[];
  /** Jobs of the users who call. */
  readonly userSessions: boolean;
  /** Names of bridges that run inside the daemon. */
  readonly bridges: readonly string[];
  /** Keep what another daemon needs to go on after a crash. */
  readonly keepsState: boolean;
  /** Where, instead of the usual place. */
  readonly stateDir?: string;
  /** It was running already, and has executed itself. */
  readonly restart: boolean;
  /** Where it has left what it was. Absent: nowhere. */
  readonly stateFd?: number;
  /** What the daemon runs for. Absent: it runs until it is stopped. */
  readonly program?: ProgramOptions;
  /** How long everything may take to stop. Absent: as long as the mode says. */
  readonly stopTimeoutSeconds?: number;
}

export const DEFAULT_OPTIONS: Options = {
  confDirs: [],
  prependConfDirs: [],
  appendConfDirs: [],
  log: true,
  journal: true,
  startupEvent: 'startup',
  priority: 'message',
  logFormat: 'text',
  live: false,
  confirms: false,
  joinsBus: true,
  activatesNames: true,
  inheritsEnv: true,
  writesStateFile: false,
  cgroups: true,
  chrootSessions: false,
  chrootRoots: [],
  userSessions: false,
  bridges: [],
  keepsState: true,
  restart: false,
};

/** What is printed instead of running. */
export type Question = 'help' | 'version';

/** What a well-formed option makes of the options so far; `undefined` where its argument is not one that it takes. */
type Flag = (options: Options) => Options;
type Valued = (options: Options, value: string) => Options | undefined;

interface Described {
  readonly long: string;
  readonly short?: string;
  readonly help: string;
}
export type OptionRule =
  | (Described & { readonly kind: 'flag'; readonly apply: Flag })
  | (Described & { readonly kind: 'valued'; readonly argument: string; readonly apply: Valued })
  | (Described & { readonly kind: 'question'; readonly question: Question });

const flag = (long: string, help: string, apply: Flag, short?: string): OptionRule => ({
  kind: 'flag',
  long,
  help,
  apply,
  ...(short === undefined ? {} : { short }),
});
const valued = (long: string, argument: string, help: string, apply: Valued): OptionRule => ({
  kind: 'valued',
  long,
  argument,
  help,
  apply,
});

const CONSOLES: readonly string[] = ['none', 'log', 'output', 'owner'] satisfies readonly Console[];
const isConsole = (word: string): word is Console => CONSOLES.includes(word);
const LOG_TARGETS: readonly string[] = ['stderr', 'syslog', 'kmsg'] satisfies readonly LogTarget[];
const isLogTarget = (word: string): word is LogTarget => LOG_TARGETS.includes(word);
const isLogFormat = (word: string): word is Options['logFormat'] => word === 'text' || word === 'json';
const isSemantics = (word: string): word is Semantics => word === 'maverick' || word === 'upstart';

const withoutStartupEvent = ({ startupEvent, ...rest }: Options): Options => rest;

/** Every option, in the order of `--help`. @see init(8); spec: engine.md 7.3 */
export const OPTIONS: readonly OptionRule[] = [
  flag('--user', 'supervise the session of a user', (options) => ({ ...options, mode: 'user' })),
  flag('--session', "work like the system's init, but unprivileged, for tests", (options) => ({
    ...options,
    mode: 'session',
  })),
  flag('--container', 'be the init of a container: implied by --job and by a command after --', (options) => ({
    ...options,
    mode: 'container',
  })),
  flag('--system', 'be the init of a machine, also in what Docker or Podman has made', (options) => ({
    ...options,
    mode: 'system',
  })),
  valued('--job', 'NAME', 'start the job NAME, and end with its exit status when it is over', (options, name) =>
    name === '' ? undefined : { ...options, program: { kind: 'job', name } },
  ),
  valued('--stop-timeout', 'SECONDS', 'kill what is not down in time when everything is to stop', (options, word) =>
    /^\d{1,6}(\.\d+)?$/.test(word) ? { ...options, stopTimeoutSeconds: Number(word) } : undefined,
  ),
  valued('--confdir', 'DIR', 'read job files from DIR instead of the usual places (repeatable)', (options, dir) => ({
    ...options,
    confDirs: [...options.confDirs, dir],
  })),
  valued('--prepend-confdir', 'DIR', 'read DIR before all others (repeatable)', (options, dir) => ({
    ...options,
    prependConfDirs: [...options.prependConfDirs, dir],
  })),
  valued('--append-confdir', 'DIR', 'read DIR after all others (repeatable)', (options, dir) => ({
    ...options,
    appendConfDirs: [...options.appendConfDirs, dir],
  })),
  valued('--logdir', 'DIR', 'write the output of jobs to files in DIR', (options, logDir) => ({ ...options, logDir })),
  flag('--no-log', 'drop the output of jobs', (options) => ({ ...options, log: false })),
  valued(
    '--journal',
    'DIR',
    'record what happens in DIR instead of the usual place, as JSON lines',
    (options, dir) => ({
      ...options,
      journal: true,
      journalDir: dir,
    }),
  ),
  flag('--no-journal', 'keep no record of what happens', (options) => ({ ...options, journal: false })),
  valued(
    '--default-console',
    'VALUE',
    'console of jobs without the stanza: none, log, output, owner',
    (options, word) => (isConsole(word) ? { ...options, defaultConsole: word } : undefined),
  ),
  valued('--startup-event', 'NAME', 'emit NAME at the start, instead of startup', (options, name) =>
    name === '' ? undefined : { ...options, startupEvent: name },
  ),
  flag('--no-startup-event', 'emit no event at the start', withoutStartupEvent),
  valued('--state-dir', 'DIR', 'keep what is needed to go on after a crash in DIR', (options, stateDir) => ({
    ...options,
    stateDir,
  })),
  flag('--no-state', 'keep nothing for after a crash', (options) => ({ ...options, keepsState: false })),
  flag('--restart', 'go on after a re-exec: no startup event (the daemon gives it to itself)', (options) => ({
    ...options,
    restart: true,
  })),
  valued('--state-fd', 'FD', 'read what the daemon was before a re-exec from descriptor FD', (options, word) =>
    /^\d{1,9}$/.test(word) ? { ...options, stateFd: Number(word) } : undefined,
  ),
  flag('--write-state-file', 'at a re-exec write upstart.state in the log directory, for people', (options) => ({
    ...options,
    writesStateFile: true,
  })),
  valued('--address', 'ADDRESS', 'answer on this private socket instead of the usual one', (options, address) =>
    address === '' ? undefined : { ...options, address },
  ),
  flag('--no-dbus', 'join no bus; the private socket is there all the same', (options) => ({
    ...options,
    joinsBus: false,
  })),
  flag('--no-dbus-activation', 'leave the activation of names on the bus to others', (options) => ({
    ...options,
    activatesNames: false,
  })),
  flag('--no-inherit-env', "give jobs PATH and TERM, not the daemon's environment", (options) => ({
    ...options,
    inheritsEnv: false,
  })),
  valued('--cgroup', 'DIR', 'give each instance a control group below DIR (cgroup v2)', (options, dir) => ({
    ...options,
    cgroups: true,
    cgroupDir: dir,
  })),
  flag('--no-cgroups', 'make no control groups; cgroup stanzas have no effect', (options) => ({
    ...options,
    cgroups: false,
  })),
  flag('--chroot-sessions', 'give root in a chroot a session of its own, when it calls', (options) => ({
    ...options,
    chrootSessions: true,
  })),
  valued(
    '--chroot-session',
    'DIR',
    'open the session of the root directory DIR at the start (repeatable)',
    (options, dir) => (dir.startsWith('/') ? { ...options, chrootRoots: [...options.chrootRoots, dir] } : undefined),
  ),
  flag('--user-sessions', 'give each user a session of their own, when they call', (options) => ({
    ...options,
    userSessions: true,
  })),
  valued('--bridge', 'NAMES', 'run these bridges inside the daemon: socket, time … (repeatable)', (options, names) =>
    /^[a-z]+(,[a-z]+)*$/.test(names)
      ? { ...options, bridges: [...new Set([...options.bridges, ...names.split(',')])] }
      : undefined,
  ),
  flag('--no-sessions', 'changes nothing, as in the original', (options) => options),
  valued('--semantics', 'RULES', "maverick, or upstart for the original's rules, quirks included", (options, word) =>
    isSemantics(word) ? { ...options, semantics: word } : undefined,
  ),
  flag('--live', 'print each event and change of state on standard output', (options) => ({ ...options, live: true })),
  flag('--confirm', 'ask on the console before each start; no answer in 30 seconds means yes', (options) => ({
    ...options,
    confirms: true,
  })),
  valued('--log-target', 'TARGET', 'send messages to stderr, syslog or kmsg', (options, word) =>
    isLogTarget(word) ? { ...options, logTarget: word } : undefined,
  ),
  valued('--log-format', 'FORMAT', 'text, or json for JSON lines on standard output', (options, word) =>
    isLogFormat(word) ? { ...options, logFormat: word } : undefined,
  ),
  flag('--quiet', 'report errors only', (options) => ({ ...options, priority: 'error' }), '-q'),
  flag('--error', 'the same as --quiet', (options) => ({ ...options, priority: 'error' })),
  flag('--verbose', 'report changes of goals and states, too', (options) => ({ ...options, priority: 'info' }), '-v'),
  flag('--debug', 'report everything', (options) => ({ ...options, priority: 'debug' })),
  { kind: 'question', long: '--help', question: 'help', help: 'print this and exit' },
  { kind: 'question', long: '--version', question: 'version', help: 'print the version and exit' },
];
