import type { Environment } from './environment.js';
import type { QueuedEvent } from './event.js';
import type { RequestId, SessionId } from './input.js';
import type { Instance } from './instance.js';
import type { JobClass } from './job-class.js';
import { listenersOf } from './listener-index.js';
import { quiesceIfEmpty } from './quiesce.js';
import { answer } from './reply.js';
import { advance } from './transition.js';
import { causedByEvent, dropFds, emitEffect, keepFds, log, type World } from './world.js';

export interface NewEvent {
  readonly session: SessionId;
  readonly name: string;
  readonly env: Environment;
  readonly fds?: readonly number[];
  /** The job that it tells of and that waits in it. */
  readonly hookOf?: Instance;
  readonly ofJob?: boolean;
  readonly call?: RequestId;
}

const notify = (world: World, kind: 'event-queued' | 'event-handling' | 'event-finished', event: QueuedEvent): void =>
  emitEffect(world, {
    kind,
    event: event.id,
    session: event.session,
    name: event.name,
    env: event.env,
    failed: event.failed,
  });

const NO_FDS: readonly number[] = [];

/** Append an event to the queue. */
export const queueEvent = (world: World, given: NewEvent): QueuedEvent => {
  const { hookOf, fds = NO_FDS } = given;
  const event: QueuedEvent = {
    id: world.next.event++,
    session: given.session,
    name: given.name,
    env: given.env,
    fds,
    ofJob: given.ofJob === true || hookOf !== undefined,
    progress: 'pending',
    failed: false,
    operands: 0,
    heldBy: [],
    hookOf: hookOf?.id,
    call: given.call,
    letThrough: [],
  };
  keepFds(world, fds);
  world.events.set(event.id, event);
  world.ready.push(event.id);
  notify(world, 'event-queued', event);
  log(world, 'debug', `Pending ${event.name} event`);
  return event;
};

const isHeld = (event: QueuedEvent): boolean => event.operands > 0 || event.heldBy.length > 0;

const letGo = (world: World, event: QueuedEvent): void => {
  if (!isHeld(event) && event.progress === 'handling') world.ready.push(event.id);
};

export const holdByOperand = (event: QueuedEvent): void => {
  event.operands += 1;
};

export const releaseFromOperand = (world: World, id: number): void => {
  const event = world.events.get(id);
  if (!event) return;
  event.operands -= 1;
  letGo(world, event);
};

export const holdByInstance = (event: QueuedEvent, instance: Instance): void => {
  event.heldBy.push(instance.id);
};

export const releaseFromInstance = (world: World, id: number, instance: Instance, failed: boolean): void => {
  const event = world.events.get(id);
  const place = event?.heldBy.indexOf(instance.id) ?? -1;
  if (!event || place < 0) return;
  event.heldBy.splice(place, 1);
  if (failed) event.failed = true;
  letGo(world, event);
};

/** The classes that may want an event, in the order of definition. Events without a session of their own reach all. */
const listeners = (world: World, event: QueuedEvent): readonly JobClass[] => {
  const found: JobClass[] = [];
  for (const session of world.sessions.values()) {
    if (!world.rules.reaches(event, session.id)) continue;
    for (const jobClass of listenersOf(session, event.name, event.env)) found.push(jobClass);
  }
  return found.length > 1 ? found.sort((a, b) => a.order - b.order) : found;
};

const handle = (world: World, event: QueuedEvent): void => {
  event.progress = 'handling';
  notify(world, 'event-handling', event);
  log(world, 'info', `Handling ${event.name} event`);
  for (const jobClass of listeners(world, event)) world.rules.offer(world, jobClass, event);
  world.rules.settle(world);
  quiesceIfEmpty(world);
};

/** @see spec: engine.md 2.2, step 3 */
const finish = (world: World, event: QueuedEvent): void => {
  world.events.delete(event.id);
  notify(world, 'event-finished', event);
  log(world, 'debug', `Finished ${event.name} event`);
  const held = event.hookOf === undefined ? undefined : world.instances.get(event.hookOf);
  if (held) {
    held.blocker = undefined;
    advance(world, held);
  }
  if (event.call !== undefined) {
    answer(
      world,
      event.call,
      event.failed ? { ok: false, code: 'EventFailed', message: 'Event failed' } : { ok: true },
    );
  }
  dropFds(world, event.fds);
  if (event.failed && !event.name.endsWith('/failed')) {
    const { session, env, ofJob } = event;
    queueEvent(world, { session, name: `${event.name}/failed`, env, ofJob });
  }
};

const step = (world: World, event: QueuedEvent): void => {
  causedByEvent(world, event.id);
  if (event.progress === 'pending') handle(world, event);
  if (!isHeld(event)) finish(world, event);
};

/** Handle and finish events until none can make progress. @see spec: engine.md 2.2 */
export const drain = (world: World): void => {
  world.rules.settle(world);
  do {
    for (let id = world.ready.pop(); id !== undefined; id = world.ready.pop()) {
      const event = world.events.get(id);
      if (event) step(world, event);
    }
  } while (world.rules.settle(world));
};
