import type { ExitStatus, JobDefinition } from '@maverick/conf';
import type { Command } from './command.js';
import type { Environment } from './environment.js';
import type { QueuedEvent } from './event.js';
import type { SessionId } from './input.js';
import type { Instance } from './instance.js';
import type { JobClass } from './job-class.js';
import type { JobState } from './job-state.js';
import type { TimerPurpose } from './timer.js';
import type { Process, World } from './world.js';

/** The timers whose meaning belongs to one semantics. */
export type OwnTimer = Extract<TimerPurpose, { kind: 'hook' | 'start-timeout' | 'backoff' | 'watchdog' }>;

/**
 * Where the two semantics differ. The machine (the queue, the transition table, processes, environments) is one; it
 * asks these rules at the named places and nowhere else.
 *
 * What they disagree on comes down to three things: whether half a condition *holds* an event or *remembers* it, who is
 * answered when, and what becomes of a run that is no longer wanted.
 */
export interface Rules {
  readonly name: 'maverick' | 'upstart';

  // Definitions.

  defineJob(world: World, session: SessionId, name: string, conf: JobDefinition): void;
  removeJob(world: World, jobClass: JobClass): void;
  /** An instance is gone: its class may now be replaced or removed. */
  instanceGone(world: World, jobClass: JobClass): void;

  // Events and states.

  /** Whether other sessions are told of the system's events by names of their own. */
  readonly tellsSessions: boolean;
  /** Whether the jobs of a session see the event. */
  reaches(event: QueuedEvent, session: SessionId): boolean;
  /** What the jobs of another session are offered of it. */
  abroad(event: QueuedEvent): QueuedEvent;
  /** Offer an event to a class: its instances may stop, it may start one. */
  offer(world: World, jobClass: JobClass, event: QueuedEvent): void;
  /** Let go on what only waited for this input or event to be dealt with, and look at states; true if something changed. */
  settle(world: World): boolean;

  // Commands, after the checks that both share. `name` names the instance, which may not exist.

  start(world: World, jobClass: JobClass, name: string, command: Command): void;
  stop(world: World, instance: Instance, command: Command): void;
  restart(world: World, instance: Instance, command: Command): void;
  /** Take a variable away, for `unset-env` (Q7). */
  unset(env: Environment, name: string): Environment;

  // A run, in the order of its life.

  /** Entering `starting`: set its environment. */
  beginRun(world: World, instance: Instance): void;
  /** `starting` or `started` is about to show this of it. */
  shown(world: World, instance: Instance, env: Environment): void;
  /** `starting` has been left for the processes. */
  leftStarting(world: World, instance: Instance): void;
  /** In `running`: tell those who waited for it. */
  cameUp(world: World, instance: Instance, from: JobState): void;
  /** Entering `stopping`. */
  goesDown(world: World, instance: Instance): void;
  /** Whether something must happen before `post-stop` is left for another run. It goes on by itself then. */
  delaysNextRun(world: World, instance: Instance): boolean;
  /** `post-stop` is about to be left for another run. */
  runOver(world: World, instance: Instance): void;
  /** In `waiting`: tell everybody who still waits. */
  cameToRest(world: World, instance: Instance): void;

  // How a run goes wrong.

  /** The run has failed: tell those who waited. The goal follows. */
  failed(world: World, instance: Instance): void;
  /** The run ends by itself: goal stop. `finished`: its main process has done what it had to. */
  giveUp(world: World, instance: Instance, finished: boolean): void;
  /** Whether the end of main is what was asked for, and so neither failure nor reason for a respawn. */
  isEndAwaited(instance: Instance): boolean;
  /** The main process died and is to be respawned; `awaitsAnother`: a post-start or pre-stop must end first. */
  respawn(world: World, instance: Instance, awaitsAnother: boolean): void;
  /** Nothing is to run any more (end of the session). */
  halt(world: World, instance: Instance): void;
  /** The longest that the kill phase at the end of a session may last, seconds. */
  haltLimit(world: World): number;

  // Processes.

  /** A process has ended before its start was confirmed. True: its end waits for the confirmation (Q1). */
  holdEarlyEnd(world: World, process: Process, status: ExitStatus): boolean;
  /** How often a failing fork is tried again (Q14). */
  readonly forkRetries: number;
  /** A job goes on when its security process can't be started (Q4). */
  readonly advancesAfterSecurity: boolean;
  /** The main process gave a sign of life. */
  alive(world: World, instance: Instance): void;
  /** When a timer of so many seconds is due, monotonic milliseconds. */
  deadline(now: number, seconds: number): number;
  timerFired(world: World, purpose: OwnTimer): void;
}
