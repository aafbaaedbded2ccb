import { suggest } from '@maverick/conf';
import type { UpstartClient } from '@maverick/dbus/client';
import { COMMANDS } from './command-table.js';
import { InitctlError } from './errors.js';

const ERROR = 'com.ubuntu.Upstart0_6.Error';

const alike = (word: string, known: readonly string[]): string[] => {
  const nearest = suggest(word, known);
  return nearest === undefined ? [] : [`Did you mean \`${nearest}'?`];
};

const jobNames = async (upstart: UpstartClient | undefined): Promise<string[]> =>
  upstart === undefined ? [] : (await upstart.list()).map(({ name }) => name);

/** What a person may want to do next, by the error. Sentences, the most likely first. */
const STEPS: Readonly<Record<string, (job: string) => string[]>> = {
  AlreadyStarted: (job) => [`\`initctl restart ${job}' starts it anew.`],
  UnknownInstance: (job) => [
    `It does not run: \`initctl start ${job}' starts it, \`initctl explain ${job}' tells why.`,
  ],
  JobFailed: (job) => [`\`initctl log ${job}' shows what it printed, \`initctl status --long ${job}' how it ended.`],
};

const ofInitctl = ({ code, context }: InitctlError): string[] => {
  if (code === 'invalid-command') return alike((context as { command: string }).command, Object.keys(COMMANDS));
  if (code === 'cannot-connect')
    return ["Is it running, and for you? `initctl list-sessions' shows sessions of yours."];
  return [];
};

/**
 * What to do about an error, for a person who reads it on a terminal.
 * @param job the job that the command was about
 * @param upstart the daemon that was asked, if any
 */
export const nextSteps = async (
  error: unknown,
  job: string | undefined,
  upstart: UpstartClient | undefined,
): Promise<string[]> => {
  if (error instanceof InitctlError) {
    return error.code === 'invalid-job-class' && job !== undefined
      ? alike(job, await jobNames(upstart))
      : ofInitctl(error);
  }
  if (!(error instanceof Error) || job === undefined || !error.name.startsWith(`${ERROR}.`)) return [];
  const name = error.name.slice(ERROR.length + 1);
  if (name === 'UnknownJob') return alike(job, await jobNames(upstart));
  return STEPS[name]?.(job) ?? [];
};
