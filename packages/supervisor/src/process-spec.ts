import type { Console, JobDefinition } from '@maverick/conf';
import type { Action, InstanceRef } from '@maverick/engine';
import type { ConsoleSpec, ProcessSpec } from '@maverick/spawner';
import { commandLine } from './command-line.js';
import { logPath } from './log-path.js';

/** What a supervisor adds to what a job's file says. */
export interface ProcessDefaults {
  /** Absent: the output of `console log` goes to `/dev/null`. */
  readonly logDir?: string;
  readonly console: Console;
  /** Jobs inherit the supervisor's working directory and file creation mask. */
  readonly sessionMode: boolean;
  /** Appended to every environment, overriding: `KEY=VALUE`. */
  readonly env: readonly string[];
}

type SpawnAction = Extract<Action, { kind: 'spawn' }>;

/** @see spec: engine.md 1.1, `umask` */
const SYSTEM_UMASK = 0o022;

const CONSOLES = {
  none: () => ({ kind: 'none' }),
  output: () => ({ kind: 'output' }),
  owner: () => ({ kind: 'owner' }),
  log: (instance, logDir) =>
    logDir === undefined ? { kind: 'none' } : { kind: 'log', path: logPath(logDir, instance) },
} as const satisfies Record<Console, (instance: InstanceRef, logDir: string | undefined) => ConsoleSpec>;

/** Which setting of a job becomes which setting of its processes. An absent one is left as the supervisor has it. */
const SETTINGS = {
  limits: ({ limits }) => {
    const entries = Object.entries(limits);
    return entries.length === 0 ? undefined : entries.map(([resource, limit]) => ({ resource, ...limit }));
  },
  umask: ({ umask }, { sessionMode }) => umask ?? (sessionMode ? undefined : SYSTEM_UMASK),
  nice: ({ nice }) => nice,
  // A score of 0 is what every process has, and writing it can be refused.
  oomScore: ({ oomScore }) => (oomScore === 0 ? undefined : oomScore),
  chroot: ({ chroot }) => (chroot === undefined ? undefined : [chroot]),
  cwd: ({ chdir }, { sessionMode }) => chdir ?? (sessionMode ? undefined : '/'),
  user: ({ setuid }) => setuid,
  group: ({ setgid }) => setgid,
} as const satisfies {
  [setting in keyof ProcessSpec]?: (definition: JobDefinition, defaults: ProcessDefaults) => ProcessSpec[setting];
};

/** The security process loads a profile for the others: none of their settings apply to it. @see spec: engine.md 5.3 */
const settings = ({ role, definition }: SpawnAction, defaults: ProcessDefaults): Partial<ProcessSpec> => {
  if (role === 'security') return {};
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
 * @throws Error if the definition has no process in that slot, which the engine never asks for
 */
export const processSpec = (action: SpawnAction, defaults: ProcessDefaults): ProcessSpec => {
  const { role, definition, instance, env, fds } = action;
  const process = definition.processes[role];
  if (process === undefined) throw new Error(`${instance.job} has no ${role} process`);
  return {
    ...commandLine(process),
    env: overlay(env, defaults.env),
    console: CONSOLES[definition.console ?? defaults.console](instance, defaults.logDir),
    ...settings(action, defaults),
    ...(fds.length === 0 ? {} : { inheritFds: fds }),
  };
};
