import type { EnvLookup } from '@maverick/conf';
import type { Environment } from './environment.js';
import type { QueuedEvent } from './event.js';
import { type Condition, fulfilling, isFulfilled } from './event-operator.js';
import { holdByOperand, releaseFromOperand } from './event-queue.js';
import { matches } from './matching.js';
import type { World } from './world.js';

/**
 * The original's way with half a condition: an operand that has come true holds its event until the whole is true or
 * given up. By operand; 0 where it is false.
 * @see spec: engine.md 2.4
 */
export type OperandHolds = number[];

/**
 * Offer an event to the operands that are still false. One that is true keeps its event and lets others pass.
 * @returns whether the event made the condition true
 */
export const offerToOperands = (
  holds: OperandHolds,
  condition: Condition,
  event: QueuedEvent,
  variables: EnvLookup,
): boolean => {
  let matched = false;
  for (const index of condition.byName.get(event.name) ?? []) {
    const operand = condition.operands[index];
    if (holds[index] || !operand || !matches(operand.patterns, event.env, variables)) continue;
    holds[index] = event.id;
    holdByOperand(event);
    matched = true;
  }
  return matched && isFulfilled(condition, isTrue(holds));
};

const isTrue =
  (holds: OperandHolds) =>
  (operand: number): boolean =>
    Boolean(holds[operand]);

/** The events that make the condition true, left to right. */
export const heldEvents = (world: World, holds: OperandHolds, condition: Condition): readonly QueuedEvent[] =>
  fulfilling(condition, isTrue(holds)).flatMap((operand) => world.events.get(holds[operand] ?? 0) ?? []);

/** All operands are false again. */
export const letGoOfOperands = (world: World, holds: OperandHolds): void => {
  for (const event of holds.splice(0)) if (event) releaseFromOperand(world, event);
};

/** The variables that events give to what they start or stop. `list` names the variable that lists them. */
export const eventEnvironment = (
  events: readonly { readonly name: string; readonly env: Environment; readonly fds: readonly number[] }[],
  list: 'UPSTART_EVENTS' | 'UPSTART_STOP_EVENTS',
): Environment => {
  const env = events.flatMap((event) => event.env);
  const fds = events.flatMap((event) => event.fds);
  const names = `${list}=${events.map((event) => event.name).join(' ')}`;
  return list === 'UPSTART_EVENTS' && fds.length > 0
    ? [...env, names, `UPSTART_FDS=${fds.join(' ')}`]
    : [...env, names];
};
