import type { ExitStatus, ProcessRole } from '@maverick/conf';
import type { Action, Cause, Effect, LogPriority, Notification } from './effect.js';
import type { Environment } from './environment.js';
import type { QueuedEvent } from './event.js';
import {
  type Caller,
  type Input,
  type InstanceRef,
  type ProcessId,
  type RequestId,
  type SessionId,
  SYSTEM,
  type TimerId,
} from './input.js';
import type { Instance } from './instance.js';
import type { JobClass, Session } from './job-class.js';
import type { Origin } from './origin.js';
import type { Quiesce } from './quiesce.js';
import { ReadyQueue } from './ready-queue.js';
import type { Rules } from './rules.js';
import type { SessionLimits } from './session-limits.js';
import type { Timer, TimerPurpose } from './timer.js';

/** A process that was asked for and has not ended. */
export interface Process {
  readonly id: ProcessId;
  readonly instance: number;
  readonly role: ProcessRole;
  /** When it was asked for, monotonic milliseconds; absent for one that was found running. */
  readonly askedAt?: number;
  pid: number | undefined;
  /** It was told to end because of a stop: however it ends, that is no failure. */
  signalled: boolean;
  /** Times that forking it has failed. */
  attempts: number;
  /** It gave no sign of life in time and was told to end: however it ends, that is a failure. */
  hung: boolean;
  /** It has ended before its start was confirmed. */
  earlyEnd: ExitStatus | undefined;
}

/** A waiting call: one that a `reply` effect has still to answer. */
export interface Call {
  readonly request: RequestId;
  readonly kind: 'start' | 'stop' | 'restart' | 'emit';
  readonly caller: Caller | undefined;
  /** What it waits for: an instance, or an event. */
  readonly instance: number | undefined;
  readonly event: number | undefined;
  /** For people: the job or the event by name. */
  readonly target: string;
}

/** The state of an engine, and the effects of the present dispatch. */
export interface World {
  readonly rules: Rules;
  readonly initEnv: Environment;
  readonly hookTimeoutMs: number;
  now: number;
  input: number;
  readonly next: { event: number; process: number; timer: number; instance: number; order: number };
  readonly sessions: Map<SessionId, Session>;
  readonly events: Map<number, QueuedEvent>;
  readonly ready: ReadyQueue;
  readonly instances: Map<number, Instance>;
  readonly processes: Map<ProcessId, Process>;
  readonly timers: Map<TimerId, Timer>;
  readonly calls: Map<RequestId, Call>;
  /** The waiting calls that a job's process has made. */
  readonly callsOf: Map<ProcessId, Set<RequestId>>;
  /** How many owners each descriptor has. */
  readonly fds: Map<number, number>;
  quiesce: Quiesce | undefined;
  /** Every class, by its `order`. */
  readonly classes: Map<number, JobClass>;
  /** Classes whose `while` must be looked at again, by their `order`. */
  readonly unsettled: ReadyQueue;
  /** Instances whose wait before a respawn was cut off, and that are to go on. */
  readonly cutWaits: number[];
  /** Starts by events and states since the last input (rule E10). */
  readonly starts: Map<string, number>;
  effects: Effect[];
  cause: Cause;
  /** What is being taken in, with the process or timer that it is about, and the event that is being handled. */
  taking: Input | undefined;
  process: Process | undefined;
  timer: Timer | undefined;
  handling: QueuedEvent | undefined;
  /** What all this says of whatever comes of it now: see `originNow`. */
  origin: Origin | undefined;
}

type WithoutCause<T> = T extends unknown ? Omit<T, 'cause'> : never;

type Mutable<T> = { -readonly [key in keyof T]: T[key] };

/** @param effect made for this call: it is completed in place, because effects are what an engine makes most of */
export const emitEffect = (world: World, effect: WithoutCause<Action> | WithoutCause<Notification>): void => {
  // Each member of the union gets the one property that it lacks.
  const caused = effect as Mutable<Effect>;
  caused.cause = world.cause;
  world.effects.push(caused);
};

/** @param about the instance, or the session, that it tells of. Default: the system's, or all */
export const log = (
  world: World,
  priority: LogPriority,
  message: string,
  about: InstanceRef | SessionId = SYSTEM,
): void => {
  if (typeof about === 'object') emitEffect(world, { kind: 'log', priority, message, instance: about });
  else emitEffect(world, { kind: 'log', priority, message, ...(about === SYSTEM ? {} : { session: about }) });
};

/** Whatever happens from here on is caused by the input. */
export const causedByInput = (world: World, input: Input): void => {
  world.cause = { input: world.input };
  world.taking = input;
  world.process = 'process' in input ? world.processes.get(input.process) : undefined;
  world.timer = 'timer' in input ? world.timers.get(input.timer) : undefined;
  world.handling = undefined;
  world.origin = undefined;
};

/** Whatever happens from here on is caused by the event. */
export const causedByEvent = (world: World, event: QueuedEvent): void => {
  world.cause = { input: world.input, event: event.id };
  world.handling = event;
  world.origin = undefined;
};

/** The input has been taken to its end. */
export const nothingHappens = (world: World): void => {
  world.taking = undefined;
  world.process = undefined;
  world.timer = undefined;
  world.handling = undefined;
  world.origin = undefined;
};

/** Whatever happens in `act` is caused by the instance, too. */
export const causedByInstance = <T>(world: World, instance: InstanceRef, act: () => T): T => {
  const before = world.cause;
  world.cause = { ...before, instance };
  try {
    return act();
  } finally {
    world.cause = before;
  }
};

export const setTimer = (world: World, dueAt: number, purpose: TimerPurpose): TimerId => {
  const timer: Timer = { id: world.next.timer++, dueAt, purpose };
  world.timers.set(timer.id, timer);
  emitEffect(world, { kind: 'set-timer', timer: timer.id, dueAt });
  return timer.id;
};

export const clearTimer = (world: World, timer: TimerId | undefined): void => {
  if (timer === undefined || !world.timers.delete(timer)) return;
  emitEffect(world, { kind: 'clear-timer', timer });
};

/** One more owner for each descriptor. */
export const keepFds = (world: World, fds: readonly number[]): void => {
  for (const fd of fds) world.fds.set(fd, (world.fds.get(fd) ?? 0) + 1);
};

/** One owner fewer; a descriptor without one is closed. */
export const dropFds = (world: World, fds: readonly number[]): void => {
  for (const fd of fds) {
    const owners = (world.fds.get(fd) ?? 0) - 1;
    if (owners > 0) world.fds.set(fd, owners);
    else {
      world.fds.delete(fd);
      emitEffect(world, { kind: 'close-fd', fd });
    }
  }
};

export const newSession = (id: SessionId, env: Environment, limits?: SessionLimits): Session => ({
  ...(limits === undefined ? {} : { limits }),
  id,
  env,
  initialEnv: env,
  classes: new Map(),
  listeners: new Map(),
  dependants: new Map(),
  respawnsAt: Number.NEGATIVE_INFINITY,
  closing: false,
});

/** Make a session known. */
export const addSession = (world: World, id: SessionId, env: Environment, limits?: SessionLimits): Session => {
  const session = newSession(id, env, limits);
  world.sessions.set(id, session);
  emitEffect(world, { kind: 'session-opened', session: id });
  return session;
};

/** Nothing is left of a session that was closed. */
export const dropSession = (world: World, id: SessionId): void => {
  world.sessions.delete(id);
  emitEffect(world, { kind: 'session-closed', session: id });
};

const initialEnvironment = (world: World): Environment => world.sessions.get(SYSTEM)?.initialEnv ?? [];

/** A session to look at. One that is not known, or not any more, is empty, and does not come to be by being looked at. */
export const sessionOf = (world: World, id: SessionId): Session =>
  world.sessions.get(id) ?? newSession(id, initialEnvironment(world));

/** A session that is to have a job. One that nobody has opened comes to be, with the system's environment. */
export const openedSession = (world: World, id: SessionId): Session =>
  world.sessions.get(id) ?? addSession(world, id, initialEnvironment(world));

export const newWorld = (rules: Rules, env: Environment, initEnv: Environment, hookTimeoutMs: number): World => ({
  rules,
  initEnv,
  hookTimeoutMs,
  now: 0,
  input: 0,
  next: { event: 1, process: 1, timer: 1, instance: 1, order: 1 },
  sessions: new Map([[SYSTEM, newSession(SYSTEM, env)]]),
  events: new Map(),
  ready: new ReadyQueue(),
  instances: new Map(),
  processes: new Map(),
  timers: new Map(),
  calls: new Map(),
  callsOf: new Map(),
  fds: new Map(),
  quiesce: undefined,
  classes: new Map(),
  unsettled: new ReadyQueue(),
  cutWaits: [],
  starts: new Map(),
  effects: [],
  cause: { input: 0 },
  taking: undefined,
  process: undefined,
  timer: undefined,
  handling: undefined,
  origin: undefined,
});
