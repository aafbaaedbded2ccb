import { suggest } from '@maverick/conf';
import type { UpstartClient } from '@maverick/dbus/client';
import type { Command } from './command.js';
import { COMMANDS } from './command-table.js';
import { InitctlError } from './errors.js';
import { ADDED_GLOBAL_OPTIONS, GLOBAL_OPTIONS } from './global-options.js';

/** The names of D-Bus errors without what they begin with. */
const NAME = /^(?:com\.ubuntu\.Upstart0_6|org\.freedesktop\.DBus)\.Error\.(\w+)$/;

const alike = (word: string, known: readonly string[]): string[] => {
  const nearest = suggest(word, known);
  return nearest === undefined ? [] : [`Did you mean \`${nearest}'?`];
};

const jobNames = async (upstart: UpstartClient | undefined): Promise<string[]> =>
  upstart === undefined ? [] : (await upstart.list()).map(({ name }) => name);

/** Lists show the system's jobs beside one's own: such a one is there, but not in the session that was asked. */
const ofUnknownJob = (job: string, names: readonly string[]): string[] =>
  names.includes(job) ? [`It is a job of the system: \`initctl --global ...' is about those.`] : alike(job, names);

const variableNames = async (upstart: UpstartClient | undefined): Promise<string[]> =>
  upstart === undefined ? [] : (await upstart.listEnv()).map((entry) => entry.slice(0, entry.indexOf('=')));

const longOptions = (): string[] => {
  const rows: readonly Command[] = Object.values(COMMANDS);
  const options = rows.flatMap(({ options, additions = [] }) => [...options, ...additions]);
  return [...options, ...GLOBAL_OPTIONS, ...ADDED_GLOBAL_OPTIONS].flatMap(({ long }) => (long ? [`--${long}`] : []));
};

const alikeOption = (option: string): string[] =>
  longOptions().includes(option) ? [`\`${option}' is an option of other commands.`] : alike(option, longOptions());

const FOR_ROOT = ["Everybody may look, but only some may change anything: root may (`sudo initctl ...')."];

/** What a person may want to do next, by the error. Sentences, the most likely first. */
const STEPS: Readonly<Record<string, (job: string) => string[]>> = {
  AlreadyStarted: (job) => [`\`initctl restart ${job}' starts it anew.`],
  UnknownInstance: (job) => [
    `It does not run: \`initctl start ${job}' starts it, \`initctl explain ${job}' tells why.`,
  ],
  AlreadyStopped: (job) => [`It is on its way: \`initctl wait ${job} --for=stopped' ends with it.`],
  EventFailed: (event) => [
    `A job failed that it started or stopped: \`initctl list --tree' shows below \`${event}' what it starts.`,
  ],
  PermissionDenied: () => FOR_ROOT,
  AccessDenied: () => FOR_ROOT,
  JobFailed: (job) => [`\`initctl log ${job}' shows what it printed, \`initctl status --long ${job}' how it ended.`],
};

const ofInitctl = async (
  { code, context }: InitctlError,
  job: string | undefined,
  upstart: UpstartClient | undefined,
): Promise<string[]> => {
  switch (code) {
    case 'invalid-command':
      return alike((context as { command: string }).command, Object.keys(COMMANDS));
    case 'invalid-option':
      return alikeOption((context as { option: string }).option);
    case 'cannot-connect':
      return ["Is it running, and for you? `initctl list-sessions' shows sessions of yours."];
    case 'invalid-job-class':
    case 'unknown-job-file':
      return job === undefined ? [] : alike(job, await jobNames(upstart));
    case 'timed-out':
      return [`\`initctl explain ${job}' tells what it waits for.`];
    default:
      return [];
  }
};

/**
 * What to do about an error, for a person who reads it on a terminal.
 * @param job the job, event or variable that the command was about
 * @param upstart the daemon that was asked, if any
 */
export const nextSteps = async (
  error: unknown,
  job: string | undefined,
  upstart: UpstartClient | undefined,
): Promise<string[]> => {
  if (error instanceof InitctlError) return ofInitctl(error, job, upstart);
  if (!(error instanceof Error) || job === undefined) return [];
  const [, name = ''] = NAME.exec(error.name) ?? [];
  if (name === 'UnknownJob') return ofUnknownJob(job, await jobNames(upstart));
  if (name === 'InvalidArgs' && error.message.startsWith('No such variable: '))
    return alike(job, await variableNames(upstart));
  return STEPS[name]?.(job) ?? [];
};
