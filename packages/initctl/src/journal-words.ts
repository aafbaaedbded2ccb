import { printable } from './cells.js';

/** What a line says beside its heading: nobody has checked it. */
type Unchecked<Key extends string> = { readonly [_ in Key]?: unknown };

type Details = Unchecked<
  | ('job' | 'instance' | 'number' | 'input' | 'event' | 'name' | 'env' | 'failed' | 'from' | 'to')
  | ('role' | 'pid' | 'process' | 'status' | 'lines' | 'message')
>;

/** A line of the journal, as far as it is told in words. @see docs/journal.md */
export interface JournalLine extends Details {
  readonly at: number;
  /** Wall clock, ISO 8601 in UTC. */
  readonly time: string;
  readonly what: string;
}

/** What is there as text; nothing for what is not. */
const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? printable(String(value)) : '';

const isRecord = (value: unknown): value is Unchecked<'kind' | 'code' | 'signal' | 'job'> =>
  typeof value === 'object' && value !== null;

const variables = (env: unknown): string => (Array.isArray(env) ? env.map((one) => ` ${text(one)}`).join('') : '');

const change = ({ from, to }: JournalLine): string => `${text(from)} -> ${text(to)}`;

/** How a process ended. */
const ending = (status: unknown): string => {
  if (!isRecord(status)) return 'ended';
  if (status.kind === 'exited') return `exited with status ${text(status.code)}`;
  if (status.kind === 'signalled') return `killed by signal ${text(status.signal)}`;
  return 'ended';
};

const process = ({ role, pid }: JournalLine): string =>
  `${text(role)} process${pid === undefined ? '' : ` ${text(pid)}`}`;

const event = ({ event: number, name, env }: JournalLine): string =>
  `event ${text(number)} ${text(name)}${variables(env)}`;

/** The kinds that are told in words of their own; of every other the kind itself is told. */
const WORDS: ReadonlyMap<string, (line: JournalLine) => string> = new Map([
  ['goal-changed', (line) => `goal ${change(line)}`],
  ['state-changed', (line) => `state ${change(line)}`],
  ['process-started', (line) => `${process(line)} started`],
  ['process-ended', (line) => `${process(line)} ${ending(line.status)}`],
  ['event-queued', (line) => `${event(line)} queued`],
  ['event-handling', (line) => `${event(line)} handled`],
  ['event-finished', (line) => `${event(line)} ${line.failed === true ? 'failed' : 'finished'}`],
  ['job-failed', (line) => `failed: ${text(line.process)}, status ${text(line.status)}`],
  ['input', ({ number, input }) => `input ${text(number)}: ${isRecord(input) ? text(input.kind) : ''}`],
  ['journal-dropped', ({ lines }) => `${text(lines)} lines were lost`],
  ['log', ({ message }) => text(message)],
  ['message', ({ message }) => text(message)],
]);

/** `JOB` or `JOB (INSTANCE)`, for a line that is about a job; an input is about the one that it names. */
const subject = ({ job, instance, input }: JournalLine): string => {
  const name = text(job ?? (isRecord(input) ? input.job : undefined));
  const which = text(instance);
  return which === '' ? name : `${name} (${which})`;
};

/** A line of the journal for people: when, whom it is about, what happened. */
export const journalText = (line: JournalLine): string => {
  const about = subject(line);
  const happened = WORDS.get(line.what)?.(line) ?? printable(line.what);
  return `${printable(line.time)}  ${about === '' ? '' : `${about}: `}${happened}`;
};
