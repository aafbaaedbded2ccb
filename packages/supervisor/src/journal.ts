import type { Cause, Effect, Input, InstanceRef, SessionId } from '@maverick/engine';
import type { Moment, SupervisorNotice } from './event.js';

/** One line of the journal: what every line has, and below that what belongs to its `what`. */
export interface JournalLine {
  /** Monotonic time in milliseconds. */
  readonly at: number;
  /** Wall clock, ISO 8601 in UTC. */
  readonly time: string;
  /** `input` for what the engine was told, else the kind of what followed. */
  readonly what: string;
  readonly session?: SessionId | undefined;
  readonly job?: string;
  readonly instance?: string;
  readonly cause?: Cause;
  readonly [detail: string]: unknown;
}

/** Where journal lines go. Neither call may throw or wait. */
export interface JournalSink {
  write(line: JournalLine): void;
  /** False: what is written now goes nowhere, so lines need not be made. Absent: true. */
  readonly wanted?: boolean;
  /** Write elsewhere from now on, or nowhere. A sink that holds no file open need not have it. */
  moveTo?(dir: string | undefined): Promise<void>;
  /** Resolves when everything written is safe, or can't be made so. */
  close(): Promise<void>;
}

const heading = (what: string, { at, wall }: Moment): Pick<JournalLine, 'at' | 'time' | 'what'> => ({
  at,
  time: new Date(wall).toISOString(),
  what,
});

/** The line for what the engine is told: the `number` that causes refer to, and the input whole, so that it can be replayed. */
export const inputLine = (input: Input, number: number, moment: Moment): JournalLine => ({
  ...heading('input', moment),
  session: 'session' in input ? input.session : undefined,
  number,
  input,
});

/** The engine's reference to an instance is spread over three keys: readers filter by `job` without looking deeper. */
const place = (ref: InstanceRef | undefined): Partial<InstanceRef> => ref ?? {};

/** A process's definition and environment are long, and follow from the inputs; an exception is told by its text. */
const details = (fact: Effect | SupervisorNotice): object => {
  if (fact.kind === 'fault') return { ...fact, error: String(fact.error) };
  if (fact.kind !== 'spawn') return fact;
  const { definition, env, ...rest } = fact;
  return rest;
};

/** The line for an effect of the engine or for the supervisor's own news. */
export const factLine = (fact: Effect | SupervisorNotice, moment: Moment): JournalLine => {
  const { kind, instance, ...rest } = details(fact) as { kind: string; instance?: InstanceRef };
  return { ...heading(kind, moment), ...place(instance), ...rest };
};
