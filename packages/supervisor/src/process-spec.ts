import { type Console, expand, type JobDefinition, lookupIn } from '@maverick/conf';
import type { Action, InstanceRef } from '@maverick/engine';
import type { ConsoleSpec, LogConsole, ProcessSpec } from '@maverick/spawner';
import { commandLine } from './command-line.js';
import { displayName } from './display-name.js';
import { logPath } from './log-path.js';
import { SetupFailure } from './setup-failure.js';

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
  /** For the processes of jobs with `setuid`. */
  readonly pamService?: string;
  /** Appended to every environment, overriding: `KEY=VALUE`. */
  readonly env: readonly string[];
}

type SpawnAction = Extract<Action, { kind: 'spawn' }>;

/** @see spec: engine.md 1.1, `umask` */
const SYSTEM_UMASK = 0o022;

/** The log of an instance, the same for all of its processes. */
const logConsole = (
  instance: InstanceRef,
  definition: JobDefinition,
  logDir: string,
  { logRoot }: ProcessDefaults,
): LogConsole => {
  const { logTransport, logFormat, logRotate } = definition;
  return {
    kind: 'log',
    path: logPath(logDir, instance),
    ...(logRoot === undefined ? {} : { root: logRoot }),
    ...(logTransport === undefined ? {} : { transport: logTransport }),
    ...(logFormat === 'json' ? { format: logFormat, job: displayName(instance) } : {}),
    ...(logRotate === undefined ? {} : { rotate: { bytes: logRotate.bytes, keep: logRotate.count } }),
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
  { logDir, logRoot = '', console }: ProcessDefaults,
): string | undefined =>
  logDir === undefined || (definition.console ?? console) !== 'log'
    ? undefined
    : `${logRoot}${logPath(logDir, instance)}`;

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
  cwd: ({ chdir }, { sessionMode }) => chdir ?? (sessionMode ? undefined : '/'),
  user: ({ setuid }) => setuid,
  group: ({ setgid }) => setgid,
  pamService: ({ setuid }, { pamService }) => (setuid === undefined ? undefined : pamService),
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

/**
 * What the spawner is to do for a `spawn` action.
 * @throws SetupFailure if a name in it can't be expanded, Error if the definition has no process in that slot, which the engine never asks for
 */
export const processSpec = (action: SpawnAction, defaults: ProcessDefaults): ProcessSpec => {
  const { role, definition, instance, env, fds } = action;
  const process = definition.processes[role];
  if (process === undefined) throw new Error(`${instance.job} has no ${role} process`);
  return {
    ...commandLine(process),
    env: overlay(env, defaults.env),
    console: CONSOLES[definition.console ?? defaults.console](defaults, instance, definition),
    ...settings(action, defaults),
    ...apparmorProfile(action),
    ...(definition.debug ? { pause: true } : {}),
    ...(fds.length === 0 ? {} : { inheritFds: fds }),
  };
};
