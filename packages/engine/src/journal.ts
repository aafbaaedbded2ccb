import type { Cause, Effect } from './effect.js';
import type { SessionId } from './input.js';

/** What the embedder's own lines tell of: beginnings, losses, and what it saw and did beside the engine. */
type EmbedderKind =
  | 'began'
  | 'snapshot'
  | 'journal-dropped'
  | 'diagnostic'
  | 'job-stale'
  | 'job-fresh'
  | 'job-redefined'
  | 'process-started'
  | 'process-paused'
  | 'process-resumed'
  | 'process-status'
  | 'process-ended'
  | 'spawn-failed'
  | 'taken-over'
  | 'session-gone'
  | 'message'
  | 'fault';

/** Every kind of line that is written: `input` for what the engine was told, else the kind of what followed. */
export type JournalKind = 'input' | EmbedderKind | Effect['kind'];

/**
 * One line of the journal: what every line has, and beside that what belongs to its `what`. Nobody has checked the details of
 * a line that was read.
 * @see docs/journal.md
 */
export interface JournalLine {
  /** Monotonic time in milliseconds. */
  readonly at: number;
  /** Wall clock, ISO 8601 in UTC: as text it sorts as time. */
  readonly time: string;
  /** A {@link JournalKind}, or one of a later version. */
  readonly what: string;
  readonly session?: SessionId | undefined;
  readonly job?: string;
  readonly instance?: string;
  readonly cause?: Cause;
  readonly [detail: string]: unknown;
}

/** Which lines of a journal: those that fit all that is given. */
export interface JournalFilter {
  /** A line of this job, or an input for it. */
  readonly job?: string;
  readonly instance?: string;
  readonly what?: string;
  /** A line of this session; the system's is `''`. */
  readonly session?: SessionId;
  /** By name: what is told of events of this name. By number: that, and what this one event led to at once. */
  readonly event?: string;
  /** Not before this: as {@link JournalLine.time} is written, or a beginning of that. */
  readonly since?: string;
  /** Before this. */
  readonly until?: string;
}

type InputDetails = Readonly<Partial<Record<'kind' | 'job' | 'name' | 'session', unknown>>>;

/** What a line of kind `input` says that the engine was told; undefined for every other. */
export const inputOf = ({ input }: JournalLine): InputDetails | undefined =>
  typeof input === 'object' && input !== null ? input : undefined;

/** The job of a line: its own, or that of the input that it tells of. */
export const jobOf = (line: JournalLine): unknown => {
  if (line.job !== undefined) return line.job;
  const input = inputOf(line);
  if (input === undefined) return undefined;
  return input.kind === 'define-job' || input.kind === 'remove-job' ? input.name : input.job;
};

const isEventLine = (what: string): boolean => what.startsWith('event-');

/** The number of events counts from 1, and no event has such a name. */
const isNumber = (event: string): boolean => /^[1-9]\d*$/.test(event);

const isOfEvent = (line: JournalLine, event: string): boolean => {
  if (isNumber(event))
    return String(line.cause?.event) === event || (isEventLine(line.what) && String(line['event']) === event);
  const input = inputOf(line);
  const name = input?.kind === 'emit' ? input.name : isEventLine(line.what) ? line['name'] : undefined;
  return name === event;
};

/** Whether a line is one of those that are asked for. */
export const fitsFilter = (
  line: JournalLine,
  { job, instance, what, session, event, since, until }: JournalFilter,
): boolean =>
  (what === undefined || line.what === what) &&
  (job === undefined || jobOf(line) === job) &&
  (instance === undefined || line.instance === instance) &&
  (session === undefined || line.session === session) &&
  (event === undefined || isOfEvent(line, event)) &&
  (since === undefined || line.time >= since) &&
  (until === undefined || line.time < until);

/** The name of a journal's file by its age, 0 being the present one: `journal.jsonl`, `journal.1.jsonl` … */
export const journalFileName = (age: number): string => (age === 0 ? 'journal.jsonl' : `journal.${age}.jsonl`);
