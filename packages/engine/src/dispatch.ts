import { adoptJobs } from './adopt.js';
import { findClass, jobCommand } from './commands.js';
import { answerStart, confirmStarts, releaseStart } from './confirm.js';
import { drain } from './drain.js';
import type { Effect } from './effect.js';
import { isAssignment } from './environment.js';
import { environmentCommand } from './environment-commands.js';
import { queueEvent } from './event-queue.js';
import { type Input, SYSTEM } from './input.js';
import { killNow } from './process.js';
import { endUnconfirmed, forkAgain, processInput } from './process-input.js';
import { beginQuiesce, continueQuiesce } from './quiesce.js';
import { answer, failure, registerCall } from './reply.js';
import { environmentRefusal, eventRefusal } from './session-limits.js';
import type { Timer } from './timer.js';
import { unreachable } from './unreachable.js';
import { addSession, causedByInput, dropFds, dropSession, keepFds, nothingHappens, type World } from './world.js';

type InputOf<K extends Input['kind']> = Extract<Input, { readonly kind: K }>;

/** @see spec: engine.md 2.7 */
const emit = (world: World, { session, name, env, fds, request, wait = false, caller }: InputOf<'emit'>) => {
  const refuse = (message: string): void => {
    if (request !== undefined) answer(world, request, failure('InvalidArgs', message));
  };
  if (name === '') return refuse('Name may not be empty string');
  if (!env.every(isAssignment)) return refuse('Env must be KEY=VALUE pairs');
  const refusal = environmentRefusal(world, session, [name, ...env]) ?? eventRefusal(world, session);
  if (refusal) {
    // Nobody takes them over.
    keepFds(world, fds ?? []);
    dropFds(world, fds ?? []);
    if (request !== undefined) answer(world, request, refusal);
    return;
  }
  const call = wait ? request : undefined;
  const event = queueEvent(world, {
    session,
    name,
    env,
    ...(fds ? { fds } : {}),
    ...(call === undefined ? {} : { call }),
  });
  if (call !== undefined) {
    const waiting = {
      request: call,
      kind: 'emit',
      caller,
      instance: undefined,
      event: event.id,
      target: name,
    } as const;
    registerCall(world, waiting);
  } else if (request !== undefined) answer(world, request, { ok: true });
};

const removeJob = (world: World, { session, name }: InputOf<'remove-job'>): void => {
  const jobClass = findClass(world, session, name);
  if (jobClass) world.rules.removeJob(world, jobClass);
};

const openSession = (world: World, { session: id, env, limits }: InputOf<'open-session'>): void => {
  const session = world.sessions.get(id);
  if (session) session.closing = false;
  else addSession(world, id, env, limits);
};

/** What runs is stopped; with its last instance each job is gone, and with its last job the session. */
const closeSession = (world: World, { session: id }: InputOf<'close-session'>): void => {
  const session = world.sessions.get(id);
  if (!session || id === SYSTEM) return;
  session.closing = true;
  if (session.classes.size === 0) dropSession(world, id);
  for (const jobClass of [...session.classes.values()]) {
    for (const instance of [...jobClass.instances.values()]) world.rules.halt(world, instance);
    world.rules.removeJob(world, jobClass);
  }
};

const timerFired = (world: World, { id, purpose }: Timer) => {
  world.timers.delete(id);
  const process = 'process' in purpose ? world.processes.get(purpose.process) : undefined;
  const instance = process && world.instances.get(process.instance);
  switch (purpose.kind) {
    case 'kill':
      if (process && instance) killNow(world, instance, process);
      return;
    case 'fork-again':
      if (process && instance) forkAgain(world, instance, process);
      return;
    case 'spawn-result':
      if (process && instance) endUnconfirmed(world, instance, process);
      return;
    case 'quiesce':
      return continueQuiesce(world);
    case 'confirm': {
      const waiting = world.instances.get(purpose.instance);
      return waiting && releaseStart(world, waiting, 'time-over');
    }
    case 'hook':
    case 'start-timeout':
    case 'backoff':
    case 'watchdog':
      return world.rules.timerFired(world, purpose);
    default:
      return unreachable(purpose);
  }
};

const take = (world: World, input: Input) => {
  switch (input.kind) {
    case 'define-job':
      return world.rules.defineJob(world, input.session, input.name, input.definition);
    case 'adopt-jobs':
      return adoptJobs(world, input);
    case 'remove-job':
      return removeJob(world, input);
    case 'emit':
      return emit(world, input);
    case 'start':
    case 'stop':
    case 'restart':
    case 'reload':
      return jobCommand(world, input);
    case 'set-env':
    case 'unset-env':
    case 'reset-env':
      return environmentCommand(world, input);
    case 'process-started':
    case 'spawn-failed':
    case 'process-exited':
    case 'process-stopped':
    case 'process-forked':
    case 'process-execed':
    case 'process-ready':
    case 'process-alive':
      return processInput(world, input);
    case 'timer-fired': {
      const timer = world.timers.get(input.timer);
      return timer && timerFired(world, timer);
    }
    case 'open-session':
      return openSession(world, input);
    case 'close-session':
      return closeSession(world, input);
    case 'confirm':
      return confirmStarts(world, input);
    case 'answer-start':
      return answerStart(world, input);
    case 'quiesce':
      return beginQuiesce(world, input.type);
    default:
      return unreachable(input);
  }
};

/** Take one input to its end: its own consequences, then the queue until it rests. */
export const dispatch = (world: World, input: Input): Effect[] => {
  world.now = Math.max(world.now, input.at);
  world.input += 1;
  causedByInput(world, input);
  world.effects = [];
  world.starts.clear();
  take(world, input);
  drain(world);
  nothingHappens(world);
  return world.effects;
};
