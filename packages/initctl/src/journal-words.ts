import { inputOf, type JournalKind, type JournalLine, jobOf } from '@maverick/engine';
import { printable } from './cells.js';

/** What is there as text; nothing for what is not. */
const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? printable(String(value)) : '';

type Details = Readonly<Record<string, unknown>>;

/** What a line says beside its heading; empty where that is none. */
const record = (value: unknown): Details => (typeof value === 'object' && value !== null ? (value as Details) : {});

const variables = (env: unknown): string => (Array.isArray(env) ? env.map((one) => ` ${text(one)}`).join('') : '');

const change = ({ from, to }: Details): string => `${text(from)} -> ${text(to)}`;

/** How a process ended. */
const ending = (status: unknown): string => {
  const { kind, code, signal } = record(status);
  if (kind === 'exited') return `exited with status ${text(code)}`;
  if (kind === 'signalled') return `killed by signal ${text(signal)}`;
  return 'ended';
};

const process = ({ role, pid }: Details): string => `${text(role)} process${pid === undefined ? '' : ` ${text(pid)}`}`;

const event = ({ event: number, name, env }: Details): string => `event ${text(number)} ${text(name)}${variables(env)}`;

const began = ({ pid, continued }: Details): string =>
  `init began as process ${text(pid)}${continued === true ? ', with the jobs of the one before' : ''}`;

const diagnostic = (line: Details): string => {
  const { path, line: row, message } = record(line['diagnostic']);
  return `${[path, row].map(text).filter(Boolean).join(':')}: ${text(message)}`;
};

const failure = ({ failure: why }: Details): string => text(record(why)['message']);

const reply = ({ request, reply: answer }: Details): string => {
  const { ok, message } = record(answer);
  return `request ${text(request)} answered${ok === true ? '' : `: ${text(message)}`}`;
};

type Words = (line: Details) => string;

const said: Words = ({ message }) => text(message);

/** How each kind is told. A kind that is missing here does not compile. */
const WORDS = {
  input: (line) => `input ${text(line['number'])}: ${text(record(line['input'])['kind'])}`,
  began,
  snapshot: () => 'the state of everything, for whoever reads on from here',
  'journal-dropped': ({ lines }) => `${text(lines)} lines were lost`,
  'goal-changed': (line) => `goal ${change(line)}`,
  'state-changed': (line) => `state ${change(line)}`,
  'process-started': (line) => `${process(line)} started`,
  'process-ended': (line) => `${process(line)} ${ending(line['status'])}`,
  'process-paused': (line) => `${process(line)} paused before its program`,
  'process-resumed': (line) => `${process(line)} goes on`,
  'process-moved': (line) => `${process(line)} is the ${text(line['role'])} process now`,
  'process-status': (line) => `${process(line)} says: ${text(line['text'])}`,
  'spawn-failed': (line) => `${process(line)} could not be started: ${failure(line)}`,
  'event-queued': (line) => `${event(line)} queued`,
  'event-handling': (line) => `${event(line)} handled`,
  'event-finished': (line) => `${event(line)} ${line['failed'] === true ? 'failed' : 'finished'}`,
  'job-failed': (line) => `failed: ${text(line['process'])}, status ${text(line['status'])}`,
  'job-respawning': () => 'respawns',
  'job-respawn-limit': () => 'respawns too fast: stopped',
  'job-added': () => 'defined',
  'job-removed': () => 'removed',
  'job-redefined': () => 'defined anew',
  'job-stale': ({ path }) => `keeps its older definition: ${text(path)} is broken`,
  'job-fresh': ({ path }) => `has the definition of ${text(path)} again`,
  'instance-added': () => 'instance made',
  'instance-removed': () => 'instance gone',
  'instance-unnamed': said,
  'instance-refused': () => 'not started: its session has as many instances as it may have',
  'start-loop': () => 'not started: started too often by one input',
  'start-refused': () => 'not started: its while does not hold',
  'start-timed-out': () => 'took too long to start',
  'respawn-delayed': () => 'waits before it respawns',
  'watchdog-expired': () => 'gave no sign of life',
  'hook-timed-out': (line) => `lets go of ${event(line)}`,
  'start-held': () => 'waits for its start to be confirmed',
  'start-answered': (line) => `its start was answered: ${text(line['answer'])}`,
  'while-cycle': () => 'its while never holds: it depends on itself',
  deadlock: () => 'a wait was refused: it would have been for ever',
  'session-opened': () => 'session opened',
  'session-closed': () => 'session closed',
  'session-gone': () => 'what the session is of is not there any more',
  'taken-over': ({ adopted, ended }) => `${text(adopted)} processes taken over, ${text(ended)} had ended`,
  spawn: ({ role }) => `${text(role)} process is to be started`,
  kill: ({ role, signal }) => `signal ${text(signal)} to its ${text(role)} process`,
  continue: ({ role }) => `its ${text(role)} process is to go on`,
  'set-timer': ({ timer }) => `timer ${text(timer)} set`,
  'clear-timer': ({ timer }) => `timer ${text(timer)} cleared`,
  reply,
  'close-fd': ({ fd }) => `descriptor ${text(fd)} closed`,
  exit: () => 'nothing is left to do',
  diagnostic,
  log: said,
  message: said,
  fault: ({ during, error }) => `fault in ${text(during)}: ${text(error)}`,
} as const satisfies Record<JournalKind, Words>;

/** Every kind of line, as `--what` takes it. */
export const JOURNAL_KINDS: readonly string[] = Object.keys(WORDS);

const isKind = (what: string): what is JournalKind => Object.hasOwn(WORDS, what);

/** What has happened, in words; of a kind that a later version writes the kind itself. */
const happened = (line: JournalLine): string => {
  const { what } = line;
  return isKind(what) ? WORDS[what](line) : printable(what);
};

/**
 * `JOB` or `JOB (INSTANCE)`, for a line that is about a job; an input is about the one that it names. What is of another
 * session than the system's has ` [SESSION]` after it.
 */
const subject = (line: JournalLine): string => {
  const name = text(jobOf(line));
  const which = text(line.instance ?? record(inputOf(line))['instance']);
  const session = text(line.session);
  return [name, which === '' ? '' : `(${which})`, session === '' ? '' : `[${session}]`].filter(Boolean).join(' ');
};

/** A line of the journal for people: when, whom it is about, what happened. */
export const journalText = (line: JournalLine): string => {
  const about = subject(line);
  return `${printable(line.time)}  ${about === '' ? '' : `${about}: `}${happened(line)}`;
};
