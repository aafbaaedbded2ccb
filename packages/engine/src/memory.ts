import type { Environment } from './environment.js';
import type { QueuedEvent } from './event.js';
import { holdByOperand, releaseFromOperand } from './event-queue.js';
import type { TimerId } from './input.js';
import { clearTimer, dropFds, keepFds, type World } from './world.js';

/** What an operand remembers of an event that has long been let go (rule E1). */
export interface EventRecord {
  readonly event: number;
  readonly name: string;
  readonly env: Environment;
  readonly fds: readonly number[];
  /** Monotonic milliseconds. */
  readonly at: number;
}

/** A hook that an operand holds (rule E2), and the timer that ends it (E7). */
export interface HeldHook {
  readonly event: number;
  readonly timer: TimerId | undefined;
}

export interface OperandMemory {
  record: EventRecord | undefined;
  hooks: HeldHook[];
}

/** What the operands of one condition remember, by operand. */
export type Records = OperandMemory[];

/** What a class remembers for `start on` (rule E9). */
export interface StartMemory {
  /** By instance name; for a job that has only one instance, all is here. */
  readonly named: Map<string, Records>;
  /** From events that name no instance. */
  readonly common: Records;
}

/** The memory of one operand; lists grow as they are used. */
export const operandAt = (records: Records, operand: number): OperandMemory => {
  while (records.length <= operand) records.push({ record: undefined, hooks: [] });
  return records[operand] ?? { record: undefined, hooks: [] };
};

/** Keep an event at an operand; the newest counts (rule E3). */
export const remember = (world: World, memory: OperandMemory, event: QueuedEvent): void =>
  keepRecord(world, memory, { event: event.id, name: event.name, env: event.env, fds: event.fds, at: world.now });

export const keepRecord = (world: World, memory: OperandMemory, record: EventRecord): void => {
  const before = memory.record;
  if (before && before.event > record.event) return;
  keepFds(world, record.fds);
  memory.record = record;
  if (before) dropFds(world, before.fds);
};

/** Hold a hook at an operand, besides those that it holds already. */
export const holdHook = (memory: OperandMemory, event: QueuedEvent, timer: TimerId | undefined): void => {
  if (memory.hooks.some((hook) => hook.event === event.id)) return;
  holdByOperand(event);
  memory.hooks.push({ event: event.id, timer });
};

/** Let go of the hooks that one operand holds; all, or those of one event. */
export const releaseHooks = (world: World, memory: OperandMemory, event?: number): void => {
  const going = memory.hooks.filter((hook) => event === undefined || hook.event === event);
  if (going.length === 0) return;
  memory.hooks = memory.hooks.filter((hook) => !going.includes(hook));
  for (const { event: id, timer } of going) {
    clearTimer(world, timer);
    releaseFromOperand(world, id);
  }
};

export const forgetOperand = (world: World, memory: OperandMemory): void => {
  if (memory.record) dropFds(world, memory.record.fds);
  memory.record = undefined;
  releaseHooks(world, memory);
};

export const forgetAll = (world: World, records: Records): void => {
  for (const memory of records) forgetOperand(world, memory);
};

/** Every list of records that a class keeps for `start on`. */
export const allRecords = ({ named, common }: StartMemory): Records[] => [...named.values(), common];
