import { type Console, expand, type JobDefinition, lookupIn } from '@maverick/conf';
import { type Action, displayName, type InstanceRef } from '@maverick/engine';
import type { ConsoleSpec, KnownUser, LogConsole, ProcessSpec } from '@maverick/spawner';
import { commandLine } from './command-line.js';
import { logPath } from './log-path.js';
import { SetupFailure } from './setup-failure.js';
import { findUserLog } from './user-logs.js';

/** What a supervisor adds to what a job's file says. */
export interface ProcessDefaults {
  /** Absent: the output of `console log` goes to `/dev/null`. */
  readonly logDir?: string;
  /** The root directory that `logDir` is seen from, and that no link leads out of. Default: none, it is `/`. */
  readonly logRoot?: string;
  /** The root directories that every process has before its job's own applies: its session's. Default: none. */
  readonly roots?: readonly string[];
  readonly console: Console;
  /** What `console output` and `console owner` are: `/dev/console`, or the supervisor's own standard descriptors. */
  readonly consoleIs: 'device' | 'own' | 'own-terminal';
  /** Jobs inherit the supervisor's working directory. */
  readonly sessionMode: boolean;
  readonly inheritsUmask: boolean;
  /** For the processes of jobs with `setuid`, or of a user's session. */
  readonly pamService?: string;
  /** Whose session it is: what its jobs may do is what they may do. */
  readonly owner?: KnownUser;
  /** How large log files may grow, and how many old ones are kept. Default: as the job says. */
  readonly logBounds?: { readonly bytes: number; readonly keep: number };
  /** Appended to every environment, overriding: `KEY=VALUE`. */
  readonly env: readonly string[];
}

type SpawnAction = Extract<Action, { kind: 'spawn' }>;

/** @see spec: engine.md 1.1, `umask` */
const SYSTEM_UMASK = 0o022;

/** As the job says, within bounds. */
const rotationOf = ({ logRotate }: JobDefinition, bounds: ProcessDefaults['logBounds']): LogConsole['rotate'] => {
  if (logRotate === undefined) return bounds;
  const { bytes, count: keep } = logRotate;
  return { bytes: Math.min(bytes, bounds?.bytes ?? bytes), keep: Math.min(keep, bounds?.keep ?? keep) };
};

/** The log of an instance, the same for all of its processes. */
const logConsole = (
  instance: InstanceRef,
  definition: JobDefinition,
  logDir: string,
  { logRoot, logBounds }: ProcessDefaults,
): LogConsole => {
  const { logTransport, logFormat } = definition;
  const rotate = rotationOf(definition, logBounds);
  return {
    kind: 'log',
    path: logPath(logDir, instance),
    ...(logRoot === undefined ? {} : { root: logRoot }),
    ...(logTransport === undefined ? {} : { transport: logTransport }),
    ...(logFormat === 'json' ? { format: logFormat, job: displayName(instance) } : {}),
    ...(rotate === undefined ? {} : { rotate }),
  };
};

const CONSOLES = {
  none: () => ({ kind: 'none' }),
  output: ({ consoleIs }) => ({ kind: consoleIs === 'device' ? 'output' : 'own' }),
  owner: ({ consoleIs }) =>
    consoleIs === 'device' ? { kind: 'owner' } : { kind: 'own', input: true, terminal: consoleIs === 'own-terminal' },
  log: (defaults, instance, definition) =>
    defaults.logDir === undefined ? { kind: 'none' } : logConsole(instance, definition, defaults.logDir, defaults),
} as const satisfies Record<
  Console,
  (defaults: ProcessDefaults, instance: InstanceRef, definition: JobDefinition) => ConsoleSpec
>;

/** The file that the output of an instance goes to, as we see it; undefined where its console is none or no log. */
export const logFileOf = (
  instance: InstanceRef,
  definition: JobDefinition,
  { logDir, logRoot = '', console, owner }: ProcessDefaults,
): string | undefined => {
  if (logDir === undefined || (definition.console ?? console) !== 'log') return undefined;
  const path = `${logRoot}${logPath(logDir, instance)}`;
  return owner === undefined ? path : findUserLog(path);
};

/** Which setting of a job becomes which setting of its processes. An absent one is left as the supervisor has it. */
const SETTINGS = {
  limits: ({ limits }) => {
    const entries = Object.entries(limits);
    return entries.length === 0 ? undefined : entries.map(([resource, limit]) => ({ resource, ...limit }));
  },
  umask: ({ umask }, { inheritsUmask }) => umask ?? (inheritsUmask ? undefined : SYSTEM_UMASK),
  nice: ({ nice }) => nice,
  // A score of 0 is what every process has, and writing it can be refused.
  oomScore: ({ oomScore }) => (oomScore === 0 ? undefined : oomScore),
  chroot: ({ chroot }, { roots = [] }) => {
    const all = [...roots, ...(chroot === undefined ? [] : [chroot])];
    return all.length === 0 ? undefined : all;
  },
  cwd: ({ chdir }, { sessionMode, owner }) => chdir ?? owner?.home ?? (sessionMode ? undefined : '/'),
  user: ({ setuid }, { owner }) => setuid ?? owner?.name,
  group: ({ setgid }) => setgid,
  ownRights: (_definition, { owner }) => (owner === undefined ? undefined : true),
  pamService: ({ setuid }, { pamService, owner }) =>
    setuid === undefined && owner === undefined ? undefined : pamService,
} as const satisfies {
  [setting in keyof ProcessSpec]?: (definition: JobDefinition, defaults: ProcessDefaults) => ProcessSpec[setting];
};

/** The profile of the main process. @see spec: engine.md 5.3, step 8 */
const apparmorProfile = ({ role, definition, env }: SpawnAction): Pick<ProcessSpec, 'apparmor'> => {
  const { apparmorSwitch } = definition;
  if (role !== 'main' || apparmorSwitch === undefined) return {};
  const profile = expand(apparmorSwitch, lookupIn(env));
  if (profile.ok) return { apparmor: profile.value };
  throw new SetupFailure('apparmor', `unable to switch security profile: ${profile.error.message}`);
};

/**
 * The security process loads a profile for the others: none of their settings apply to it, but its session's root does.
 * @see spec: engine.md 5.3
 */
const settings = ({ role, definition }: SpawnAction, defaults: ProcessDefaults): Partial<ProcessSpec> => {
  if (role === 'security') return defaults.roots === undefined ? {} : { chroot: defaults.roots };
  const values = Object.entries(SETTINGS).map(([name, value]) => [name, value(definition, defaults)] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
};

/** Later entries replace earlier ones of the same name in their place. */
const overlay = (env: readonly string[], over: readonly string[]): string[] => {
  const byName = new Map(env.map((entry) => [entry.split('=', 1)[0], entry]));
  for (const entry of over) byName.set(entry.split('=', 1)[0], entry);
  return [...byName.values()];
};

/** Whether the job was started by a connection that the socket bridge has accepted for it. */
const servesConnection = (env: readonly string[]): boolean =>
  env.includes('ACCEPT=y') && env.includes('UPSTART_EVENTS=socket');

/**
 * What came with the events, from descriptor 3 on, where servers written for systemd look for it. A connection is the standard input
 * and output of the main process, too, as inetd has it.
 */
const givenFiles = ({ role, env, fds }: SpawnAction): Pick<ProcessSpec, 'listenFds' | 'stdio'> => {
  const [first] = fds;
  if (first === undefined) return {};
  const connection = servesConnection(env);
  return {
    listenFds: fds.map((fd) => ({ fd, name: connection ? 'connection' : 'socket' })),
    ...(connection && role === 'main' ? { stdio: { input: first, output: first } } : {}),
  };
};

/**
 * What the spawner is to do for a `spawn` action.
 * @throws SetupFailure if a name in it can't be expanded, Error if the definition has no process in that slot, which the engine never asks for
 */
export const processSpec = (action: SpawnAction, defaults: ProcessDefaults): ProcessSpec => {
  const { role, definition, instance, env } = action;
  const process = definition.processes[role];
  if (process === undefined) throw new Error(`${instance.job} has no ${role} process`);
  return {
    ...commandLine(process),
    env: overlay(env, defaults.env),
    console: CONSOLES[definition.console ?? defaults.console](defaults, instance, definition),
    ...settings(action, defaults),
    ...apparmorProfile(action),
    ...(definition.debug ? { pause: true } : {}),
    ...givenFiles(action),
  };
};
