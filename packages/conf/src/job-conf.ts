/**
 * What a job's configuration says, as plain JSON-safe data.
 *
 * {@link JobConf} holds only what stanzas said: a setting that no stanza gave is absent, so an override can be
 * laid over it without guessing. {@link JobDefinition} is the same with every default filled in: what the engine runs.
 *
 * @see init(5)
 */

/** The process slots of a job, in the order in which the original lists them (`processes` on D-Bus, `initctl status`). */
export const PROCESS_ROLES = ['main', 'pre-start', 'post-start', 'pre-stop', 'post-stop', 'security'] as const;
/** One of {@link PROCESS_ROLES}; the spelling is that of `init(5)`, D-Bus and the log. */
export type ProcessRole = (typeof PROCESS_ROLES)[number];

/** What a process slot runs. */
export interface ProcessDefinition {
  /** True for a `script` … `end script` block, false for `exec`. */
  readonly script: boolean;
  /** The command line after `exec`, quotes kept; or the script's text without its common indent. */
  readonly command: string;
  /** The words themselves, for a program that defines a job without a file: in place of `command`, and without a shell. */
  readonly argv?: readonly string[];
}

/** A `start on` / `stop on` expression. `and` and `or` have equal precedence and associate to the left. */
export type EventOperator =
  | { readonly kind: 'match'; readonly name: string; readonly args: readonly string[] }
  | { readonly kind: 'and' | 'or'; readonly left: EventOperator; readonly right: EventOperator };

/** A `while` expression over the states of jobs. `not` binds tightest. */
export type StateExpression =
  | { readonly kind: 'term'; readonly job: string; readonly args: readonly string[] }
  | { readonly kind: 'not'; readonly operand: StateExpression }
  | { readonly kind: 'and' | 'or'; readonly left: StateExpression; readonly right: StateExpression };

/** How a job tells that it is ready (`expect`). */
export type Expect = 'none' | 'stop' | 'fork' | 'daemon' | 'notify' | 'fd';

/** Where a job's output goes (`console`). */
export type Console = 'none' | 'log' | 'output' | 'owner';

/** The resources of `limit`, in alphabetical order. */
export const LIMIT_RESOURCES = [
  'as',
  'core',
  'cpu',
  'data',
  'fsize',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'sigpending',
  'stack',
] as const;
export type LimitResource = (typeof LIMIT_RESOURCES)[number];
/**
 * One value of `limit`: `'unlimited'`, or a decimal number of the resource's own unit below 2⁶⁴. Numbers above
 * `Number.MAX_SAFE_INTEGER` stay decimal strings, so that no digit is lost.
 */
export type LimitValue = number | string;
export interface Limit {
  readonly soft: LimitValue;
  readonly hard: LimitValue;
}

/** How a process ended. `signal` is the number of the signal. */
export type ExitStatus =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: number };

/** Extension `respawn backoff`: the wait before a respawn doubles from the first to the highest. */
export interface RespawnBackoff {
  readonly initialSeconds: number;
  /** After an uptime of as much the wait begins anew. */
  readonly maxSeconds: number;
}

/** Extension `log rotate`. */
export interface LogRotation {
  /** The size at which a log file is put away. */
  readonly bytes: number;
  /** How many are kept. */
  readonly count: number;
}

/** `respawn limit`; either value 0 means that there is no limit. */
export interface RespawnLimit {
  readonly count: number;
  readonly intervalSeconds: number;
}

export interface CgroupName {
  readonly name: string;
  /** Settings in the order of their first occurrence. */
  readonly settings: readonly (readonly [key: string, value: string])[];
}
export interface CgroupController {
  readonly controller: string;
  readonly names: readonly CgroupName[];
}

/** What the stanzas of one file (or of a file and its override) said. A setting without a stanza is absent. */
export interface JobConf {
  readonly description?: string;
  readonly author?: string;
  readonly version?: string;
  readonly usage?: string;
  /** Instance name pattern, unexpanded. */
  readonly instance?: string;
  /** `KEY=VALUE`, or `KEY` to take init's own value; in the order of the file, duplicates kept. */
  readonly env?: readonly string[];
  readonly export?: readonly string[];
  /** Extension: variables that whoever starts the job is expected to give. Nothing is filtered. */
  readonly import?: readonly string[];
  readonly emits?: readonly string[];
  /** `null` where `manual` has forgotten the expression. */
  readonly startOn?: EventOperator | null;
  readonly stopOn?: EventOperator;
  /** Extension: the job runs as long as this holds. */
  readonly while?: StateExpression;
  /** Extension: `manual` came after `while`, if there is one, and makes it a mere guard. */
  readonly whileIsGuard?: boolean;
  readonly processes?: { readonly [role in ProcessRole]?: ProcessDefinition };
  /** Extension: files for `systemd-tmpfiles --create`, before pre-start. */
  readonly tmpfiles?: readonly string[];
  readonly task?: boolean;
  readonly respawn?: boolean;
  readonly respawnLimit?: RespawnLimit;
  readonly respawnBackoff?: RespawnBackoff;
  readonly expect?: Expect;
  /** The descriptor number of `expect fd N`. */
  readonly expectFd?: number;
  readonly killTimeoutSeconds?: number;
  /** Signal number. */
  readonly killSignal?: number;
  /** Signal number. */
  readonly reloadSignal?: number;
  readonly normalExit?: readonly ExitStatus[];
  /** Extension `start timeout`: from leaving `starting` to `running`. */
  readonly startTimeoutSeconds?: number;
  /** Extension `event timeout`: how long half a condition may hold this job's `starting` or `stopping`; 0 = for ever. */
  readonly eventTimeoutSeconds?: number;
  /** Extension `watchdog`: the longest time between two signs of life. */
  readonly watchdogSeconds?: number;
  readonly console?: Console;
  /** Extension `log pipe`, `log pty`: what the output of `console log` flows through. */
  readonly logTransport?: 'pipe' | 'pty';
  readonly logRotate?: LogRotation;
  /** Extension `log format`. */
  readonly logFormat?: 'text' | 'json';
  /** File creation mask, 0 … 0o777. */
  readonly umask?: number;
  /** -20 … 19, absolute. */
  readonly nice?: number;
  /** -1000 … 1000; the legacy form of `oom` is converted. */
  readonly oomScore?: number;
  readonly limits?: { readonly [resource in LimitResource]?: Limit };
  readonly chroot?: string;
  readonly chdir?: string;
  readonly setuid?: string;
  readonly setgid?: string;
  readonly debug?: boolean;
  readonly apparmorSwitch?: string;
  readonly cgroups?: readonly CgroupController[];
}

/** The settings that always have a value once defaults are filled in. */
type Defaulted =
  | 'instance'
  | 'env'
  | 'export'
  | 'import'
  | 'emits'
  | 'processes'
  | 'tmpfiles'
  | 'task'
  | 'respawn'
  | 'respawnLimit'
  | 'expect'
  | 'killTimeoutSeconds'
  | 'killSignal'
  | 'reloadSignal'
  | 'normalExit'
  | 'limits'
  | 'debug'
  | 'cgroups'
  | 'whileIsGuard';

/** A job's whole definition: {@link JobConf} with its defaults filled in. `startOn` is absent, never `null`. */
export type JobDefinition = Omit<JobConf, Defaulted | 'startOn'> & {
  readonly [key in Defaulted]-?: NonNullable<JobConf[key]>;
} & { readonly startOn?: EventOperator };

/** The defaults of {@link JobDefinition}. @see init(5); spec: engine.md 1.1 */
export const JOB_DEFAULTS = {
  instance: '',
  env: [],
  export: [],
  import: [],
  emits: [],
  processes: {},
  tmpfiles: [],
  task: false,
  respawn: false,
  respawnLimit: { count: 10, intervalSeconds: 5 },
  expect: 'none',
  killTimeoutSeconds: 5,
  killSignal: 15,
  reloadSignal: 1,
  normalExit: [],
  limits: {},
  debug: false,
  cgroups: [],
  whileIsGuard: false,
} as const satisfies { readonly [key in Defaulted]: JobDefinition[key] };

const withoutStartOn = ({ startOn, ...rest }: JobConf): JobConf => rest;

/** Fill in the defaults. */
export const defineJob = (conf: JobConf): JobDefinition => {
  const settings = conf.startOn === null ? withoutStartOn(conf) : conf;
  const whileIsGuard = conf.while !== undefined && conf.whileIsGuard === true;
  // Object.assign to a copy of the defaults is many times as fast as one literal of three parts, and this is done for
  // every job. Without its `null` the type of `startOn` is that of a definition.
  return Object.assign({ ...JOB_DEFAULTS }, settings as Omit<JobConf, 'startOn'>, { whileIsGuard });
};
