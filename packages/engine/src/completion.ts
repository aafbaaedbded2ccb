import type { EnvLookup } from '@maverick/conf';
import type { Environment } from './environment.js';
import type { QueuedEvent } from './event.js';
import { type Condition, fulfilling } from './event-operator.js';
import { matches } from './matching.js';
import type { EventRecord, OperandMemory, Records } from './memory.js';

/** What gave a condition its truth. */
export interface Part {
  readonly name: string;
  readonly env: Environment;
  readonly fds: readonly number[];
  /** When it was seen, monotonic milliseconds. */
  readonly at: number;
}

/** A condition that an event has made true, together with what was remembered. */
export interface Completion {
  /** The operands that count, left to right. */
  readonly operands: readonly number[];
  /** What was seen at each of them. */
  readonly parts: readonly Part[];
  /** The hooks that they hold, left to right. */
  readonly hooks: readonly number[];
}

/** The operands that an event matches. */
export const matchedOperands = (condition: Condition, event: Part, variables: EnvLookup): readonly number[] =>
  (condition.byName.get(event.name) ?? []).filter((index) =>
    matches(condition.operands[index]?.patterns ?? [], event.env, variables),
  );

/** The record that counts at an operand: the newest of all lists. */
const newestRecord = (lists: readonly Records[], operand: number): EventRecord | undefined => {
  let newest: EventRecord | undefined;
  for (const records of lists) {
    const record = records[operand]?.record;
    if (record && (!newest || record.event > newest.event)) newest = record;
  }
  return newest;
};

const memoriesAt = (lists: readonly Records[], operand: number): OperandMemory[] =>
  lists.flatMap((records) => records[operand] ?? []);

/**
 * Whether an event completes a condition.
 * @param matched the operands that the event matches; none: it can't
 * @param lists what is remembered; the newest record of an operand counts
 */
export const complete = (
  condition: Condition,
  event: QueuedEvent,
  matched: readonly number[],
  lists: readonly Records[],
): Completion | undefined => {
  const isTrue = (operand: number) => matched.includes(operand) || newestRecord(lists, operand) !== undefined;
  const operands = fulfilling(condition, isTrue);
  if (!operands.some((operand) => matched.includes(operand))) return undefined;
  const parts = operands.flatMap((operand) =>
    matched.includes(operand) ? event : (newestRecord(lists, operand) ?? []),
  );
  const hooks = operands.flatMap((operand) => memoriesAt(lists, operand).flatMap((memory) => memory.hooks));
  return { operands, parts, hooks: [...new Set(hooks.map((hook) => hook.event))] };
};

/** Whether an event would be part of the condition's truth, together with the operands that a start has used (rule E5). */
export const takesPart = (condition: Condition, matched: readonly number[], used: readonly number[]): boolean =>
  fulfilling(condition, (operand) => matched.includes(operand) || used.includes(operand)).some((operand) =>
    matched.includes(operand),
  );
