import { type ExitStatus, PROCESS_ROLES, type ProcessRole, signalNumber } from '@maverick/conf';
import type { FakeProcess, FakeProcesses } from '@maverick/engine';
import type { CommandContext } from './command.js';
import { InitctlError } from './errors.js';
import { readProcessesFile } from './processes-file.js';
import { spanOption } from './time-span.js';

/** What the processes of a simulation are said to do, on the command line and in scenario files. */

/** Which process is meant. */
export interface ProcessName {
  readonly job: string;
  readonly role: ProcessRole;
}

export const isRole = (word: string): word is ProcessRole => (PROCESS_ROLES as readonly string[]).includes(word);

/** `JOB`, which is its main process, or `JOB:ROLE`. */
export const readProcessName = (text: string): ProcessName => {
  const colon = text.lastIndexOf(':');
  const role = text.slice(colon + 1);
  return colon > 0 && isRole(role) ? { job: text.slice(0, colon), role } : { job: text, role: 'main' };
};

/** An exit code, or the name of a signal. */
export const readStatus = (text: string): ExitStatus | undefined => {
  if (/^\d{1,3}$/.test(text)) return Number(text) < 256 ? { kind: 'exited', code: Number(text) } : undefined;
  const signal = signalNumber(text);
  return signal === undefined ? undefined : { kind: 'signalled', signal };
};

/** A process that ends otherwise than its kind does is one that ends: at once, unless a time is given. */
export const endingWith = (fake: FakeProcess, exit: ExitStatus): FakeProcess => ({ runsForMs: 0, ...fake, exit });

/** Lay what is said of one process over what is known of it. */
const withFake = (
  fakes: FakeProcesses,
  { job, role }: ProcessName,
  change: (fake: FakeProcess) => FakeProcess,
): FakeProcesses => {
  const before = fakes[job]?.[role] ?? {};
  const first: FakeProcess = Array.isArray(before) ? (before.at(-1) ?? {}) : (before as FakeProcess);
  return { ...fakes, [job]: { ...fakes[job], [role]: change(first) } };
};

type Change = (text: string) => (fake: FakeProcess) => FakeProcess;

const statusOption = (text: string): ExitStatus => {
  const status = readStatus(text);
  if (status) return status;
  throw new InitctlError('illegal-choice', {
    option: '--exit',
    value: text,
    choices: 'JOB=STATUS, STATUS being 0 to 255 or the name of a signal',
  });
};

/** Options of the form `JOB[:ROLE]=VALUE`, in the order in which they are applied. */
const CHANGES = {
  after: (text) => {
    const runsForMs = spanOption('after', text);
    return (fake) => ({ ...fake, runsForMs });
  },
  exit: (text) => {
    const status = statusOption(text);
    return (fake) => endingWith(fake, status);
  },
  ready: (text) => {
    const readyAfterMs = spanOption('ready', text);
    return (fake) => ({ ...fake, readyAfterMs });
  },
} as const satisfies Readonly<Record<string, Change>>;

/**
 * What `--processes`, `--after`, `--exit` and `--ready` say, over what is known already.
 * @returns the jobs that they name, too
 * @throws InitctlError for what can not be read
 */
export const fakesFromOptions = (
  { options, occurrences }: CommandContext,
  known: FakeProcesses,
): { readonly fakes: FakeProcesses; readonly named: readonly string[] } => {
  const path = options.get('processes');
  const file = path === undefined ? {} : readProcessesFile(path);
  const named = Object.keys(file);
  let fakes: FakeProcesses = { ...known, ...file };
  for (const [key, change] of Object.entries(CHANGES)) {
    for (const text of occurrences.get(key as keyof typeof CHANGES) ?? []) {
      const equals = text.lastIndexOf('=');
      if (equals < 1) {
        throw new InitctlError('illegal-choice', {
          option: `--${key}`,
          value: text,
          choices: 'JOB=VALUE or JOB:PROCESS=VALUE',
        });
      }
      const name = readProcessName(text.slice(0, equals));
      named.push(name.job);
      fakes = withFake(fakes, name, change(text.slice(equals + 1)));
    }
  }
  return { fakes, named };
};
