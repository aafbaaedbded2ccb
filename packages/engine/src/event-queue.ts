import type { Environment } from './environment.js';
import type { QueuedEvent } from './event.js';
import type { RequestId, SessionId } from './input.js';
import type { Instance } from './instance.js';
import { ofSession } from './instance.js';
import { type Origin, originNow } from './origin.js';
import { emitEffect, keepFds, log, type World } from './world.js';

export interface NewEvent {
  readonly session: SessionId;
  readonly name: string;
  readonly env: Environment;
  readonly fds?: readonly number[];
  /** The job that it tells of and that waits in it. */
  readonly hookOf?: Instance;
  readonly ofJob?: boolean;
  readonly call?: RequestId;
  /** What led to it; default: what is happening. */
  readonly because?: Origin | undefined;
}

/** Tell how far an event has come. */
export const notifyEvent = (
  world: World,
  kind: 'event-queued' | 'event-handling' | 'event-finished',
  event: QueuedEvent,
): void =>
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
    at: world.now,
    because: given.because ?? originNow(world),
  };
  keepFds(world, fds);
  world.events.set(event.id, event);
  world.ready.push(event.id);
  notifyEvent(world, 'event-queued', event);
  log(world, 'debug', `Pending ${event.name} event${ofSession(event.session)}`, event.session);
  return event;
};

export const isHeld = (event: QueuedEvent): boolean => event.operands > 0 || event.heldBy.length > 0;

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
