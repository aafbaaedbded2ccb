import type { QueuedEvent } from './event.js';
import { isHeld, notifyEvent, queueEvent } from './event-queue.js';
import { SYSTEM } from './input.js';
import { ofSession } from './instance.js';
import type { JobClass } from './job-class.js';
import { listenersOf } from './listener-index.js';
import { originOfEvent } from './origin.js';
import { quiesceIfEmpty } from './quiesce.js';
import { answer } from './reply.js';
import { advance } from './transition.js';
import { causedByEvent, dropFds, log, type World } from './world.js';

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
  notifyEvent(world, 'event-handling', event);
  log(world, 'info', `Handling ${event.name} event${ofSession(event.session)}`, event.session);
  for (const jobClass of listeners(world, event)) {
    world.rules.offer(world, jobClass, jobClass.session === event.session ? event : world.rules.abroad(event));
  }
  world.rules.settle(world);
  quiesceIfEmpty(world);
};

/** What system events are called in the sessions that ask for them by this name. */
const SYSTEM_PREFIX = ':sys:';

/**
 * Tell the other sessions of an event of the system that is over, where one of their jobs asks for it: they may follow
 * it, but neither hold it up nor come before what it caused.
 */
const tellSessions = (world: World, { id, session: from, name, env, at, because }: QueuedEvent): void => {
  if (from !== SYSTEM || world.sessions.size === 1 || !world.rules.tellsSessions) return;
  const known = `${SYSTEM_PREFIX}${name}`;
  for (const session of world.sessions.values()) {
    if (session.id === SYSTEM || listenersOf(session, known, env).size === 0) continue;
    queueEvent(world, {
      session: session.id,
      name: known,
      env,
      because: originOfEvent({ id, name, env, at, because }),
    });
  }
};

/** @see spec: engine.md 2.2, step 3 */
const finish = (world: World, event: QueuedEvent): void => {
  world.events.delete(event.id);
  notifyEvent(world, 'event-finished', event);
  log(world, 'debug', `Finished ${event.name} event${ofSession(event.session)}`, event.session);
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
  tellSessions(world, event);
  if (event.failed && !event.name.endsWith('/failed')) {
    const { session, env, ofJob } = event;
    queueEvent(world, { session, name: `${event.name}/failed`, env, ofJob });
  }
};

const step = (world: World, event: QueuedEvent): void => {
  causedByEvent(world, event);
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
