/**
 * Which events and jobs there are, as far as a set of jobs tells: what `initctl check-config` asks of them.
 *
 * @see initctl(8), "check-config"
 */

import { parseEventArgument } from './event-argument.js';
import type { LeafOf } from './expression-tree.js';
import { matchGlob } from './glob.js';
import type { EventOperator, JobDefinition } from './job-conf.js';

/** The events of a job, by which others follow it. */
export const JOB_EVENTS = ['starting', 'started', 'stopping', 'stopped'] as const;

/** The events that init itself emits, beside those of jobs. */
export const INIT_EVENTS = [
  'startup',
  'debug',
  'control-alt-delete',
  'keyboard-request',
  'power-status-changed',
  'dbus-activation',
] as const;

/** The event that ends a user's session. */
const SESSION_END = 'session-end';

export type EventMatch = LeafOf<EventOperator>;

/** A job as the checks here see it; a `ResolvedJob` is one. */
export interface CheckedJob {
  readonly name: string;
  readonly definition: Pick<JobDefinition, 'startOn' | 'stopOn' | 'while' | 'whileIsGuard' | 'emits'>;
}

export interface KnownEventsOptions {
  /** Events that somebody else emits: `--ignore-events`. */
  readonly events?: readonly string[];
  /** Patterns of events that somebody else emits, as `emits` has them: a bridge inside the daemon. */
  readonly emitted?: readonly string[];
  /** The jobs are those of a user's session, which has an end. */
  readonly userSession?: boolean;
}

/** What one match of an expression waits for. */
export type EventSource =
  /** An event of any job whose name matches the pattern; of any job at all without one. */
  { readonly kind: 'job'; readonly pattern?: string } | { readonly kind: 'event'; readonly name: string };

/** What a match waits for: an event of a job by its first argument or `JOB=`, or else any event. */
export const eventSourceOf = ({ name, args }: EventMatch): EventSource => {
  if (!(JOB_EVENTS as readonly string[]).includes(name)) return { kind: 'event', name };
  const parsed = args.map(parseEventArgument);
  const job = parsed.find((argument, index) =>
    argument.kind === 'named' ? argument.key === 'JOB' && !argument.negated : index === 0,
  );
  return job === undefined ? { kind: 'job' } : { kind: 'job', pattern: job.pattern };
};

/** Names that only the running system can tell: `$VAR`, and what another session emits (`:sys:NAME`). */
export const isOutside = (name: string): boolean => name.startsWith('$') || name.startsWith(':');

/** Tells known events and jobs from unknown ones. */
export interface KnownEvents {
  readonly isKnownEvent: (name: string) => boolean;
  /** @param pattern a job's name, or a pattern that one has to match */
  readonly isKnownJob: (pattern: string) => boolean;
  /** Whether an event happens without any of the jobs. */
  readonly isGiven: (name: string) => boolean;
}

const SPECIAL = /[*?[\\]/;

/** What a set of jobs makes known: their names, and what they say that they emit. */
export const knownEvents = (jobs: readonly CheckedJob[], options: KnownEventsOptions = {}): KnownEvents => {
  const names = new Set(jobs.map(({ name }) => name));
  const { emitted: outside = [] } = options;
  const emitted = [...new Set([...outside, ...jobs.flatMap(({ definition }) => definition.emits)])];
  const plain = new Set(emitted.filter((glob) => !SPECIAL.test(glob)));
  const globs = emitted.filter((glob) => SPECIAL.test(glob));
  const given = new Set([...INIT_EVENTS, ...(options.userSession ? [SESSION_END] : []), ...(options.events ?? [])]);
  const isGiven = (name: string): boolean =>
    given.has(name) || isOutside(name) || outside.some((glob) => matchGlob(glob, name));
  return {
    isGiven,
    isKnownEvent: (name) => isGiven(name) || plain.has(name) || globs.some((glob) => matchGlob(glob, name)),
    isKnownJob: (pattern) =>
      isOutside(pattern) ||
      names.has(pattern) ||
      (SPECIAL.test(pattern) && [...names].some((name) => matchGlob(pattern, name))),
  };
};
