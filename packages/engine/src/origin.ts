import type { ExitStatus, ProcessRole } from '@maverick/conf';
import type { Environment } from './environment.js';
import type { Input, InstanceRef } from './input.js';
import type { Goal } from './job-state.js';
import type { TimerPurpose } from './timer.js';
import type { World } from './world.js';

/**
 * What led to the present state of a thing, back to the first cause. A `Cause` says it of an effect, by numbers; this says
 * it of what lives on when the events are long over.
 *
 * Origins are linked and shared: what one event starts has one origin. They are made only for what is kept, and a chain that
 * grows without end, because jobs go on starting each other, loses its middle.
 */

/** Something outside: a call, the end of a process, a timer. */
interface InputLink {
  readonly kind: 'input';
  /** The number of the dispatch. */
  readonly input: number;
  readonly what: Input['kind'];
  /** Monotonic milliseconds. */
  readonly at: number;
  /** The job that made the call, or whose process or timer it is. */
  readonly by?: InstanceRef;
  readonly role?: ProcessRole;
  readonly status?: ExitStatus;
  readonly timer?: TimerPurpose['kind'];
}

interface EventLink {
  readonly kind: 'event';
  readonly event: number;
  readonly name: string;
  readonly env: Environment;
  /** When it was emitted. */
  readonly at: number;
  /** Earlier events that a condition remembered, and that it made complete. */
  readonly remembered?: readonly { readonly name: string; readonly env: Environment; readonly at: number }[];
}

/** A job was given a goal. */
interface JobLink {
  readonly kind: 'job';
  readonly instance: InstanceRef;
  readonly goal: Goal;
  readonly at: number;
}

/** Links that were left out of a long chain. */
interface OmittedLink {
  readonly kind: 'omitted';
  readonly links: number;
}

/** One step of the way back to the first cause. */
export type Reason = InputLink | EventLink | JobLink | OmittedLink;

export type Origin = Reason & {
  readonly because: Origin | undefined;
  /** Links from here to the first cause. */
  readonly depth: number;
};

const MOST_LINKS = 32;
const KEPT_LINKS = 16;

/** The links of a chain, newest first. */
export const chainOf = (newest: Origin | undefined): Origin[] => {
  const chain: Origin[] = [];
  for (let link = newest; link; link = link.because) chain.push(link);
  return chain;
};

/** A link as it is, without a look at the length of the chain. */
export const link = (reason: Reason, because: Origin | undefined): Origin => ({
  ...reason,
  because,
  depth: (because?.depth ?? 0) + 1,
});

/** Leave out the middle: the newest links and the first cause say most. */
const shorten = (newest: Origin): Origin => {
  const chain = chainOf(newest);
  const omitted = chain.slice(KEPT_LINKS, -1);
  const links = omitted.reduce((sum, reason) => sum + (reason.kind === 'omitted' ? reason.links : 1), 0);
  const rest = link({ kind: 'omitted', links }, chain.at(-1));
  return chain.slice(0, KEPT_LINKS).reduceRight((because, reason) => link(reason, because), rest);
};

const linkTo = (reason: Reason, because: Origin | undefined): Origin =>
  link(reason, because && because.depth >= MOST_LINKS ? shorten(because) : because);

/** What an origin says without what lies behind it. */
export const reasonOf = ({ because: _because, depth: _depth, ...reason }: Origin): Reason => reason;

interface EventFacts {
  readonly id: number;
  readonly name: string;
  readonly env: Environment;
  readonly at: number;
  readonly because: Origin;
}

/** @param remembered what a condition had of earlier events when this one made it complete */
export const originOfEvent = (
  { id, name, env, at, because }: EventFacts,
  remembered: Extract<Reason, { kind: 'event' }>['remembered'] = [],
): Origin => {
  const more = remembered.length === 0 ? {} : { remembered };
  return linkTo({ kind: 'event', event: id, name, env, at, ...more }, because);
};

export const originOfGoal = (instance: InstanceRef, goal: Goal, at: number, because: Origin): Origin =>
  linkTo({ kind: 'job', instance, goal, at }, because);

const callerOf = (input: Input): InstanceRef | undefined => ('caller' in input ? input.caller?.instance : undefined);

const instanceAt = (world: World, ref: InstanceRef | undefined) =>
  ref && world.sessions.get(ref.session)?.classes.get(ref.job)?.instances.get(ref.instance);

const originOfInput = (world: World): Origin => {
  const { input, now, taking, process, timer } = world;
  const caller = taking && callerOf(taking);
  const subject = process?.instance ?? (timer && 'instance' in timer.purpose ? timer.purpose.instance : undefined);
  const by = caller ?? (subject === undefined ? undefined : world.instances.get(subject)?.ref);
  const reason: Reason = {
    kind: 'input',
    input,
    what: taking?.kind ?? 'emit',
    at: now,
    ...(by ? { by } : {}),
    ...(process ? { role: process.role } : {}),
    ...(taking?.kind === 'process-exited' ? { status: taking.status } : {}),
    ...(timer ? { timer: timer.purpose.kind } : {}),
  };
  // What its process or timer brings about goes back to why that job runs.
  return linkTo(reason, instanceAt(world, by)?.because);
};

/** The origin of what happens now; one for everything that has it. */
export const originNow = (world: World): Origin => {
  world.origin ??= world.handling ? originOfEvent(world.handling) : originOfInput(world);
  return world.origin;
};

/** Give what happens in `act` another origin than what is being handled. */
export const withOrigin = <T>(world: World, origin: Origin | undefined, act: () => T): T => {
  const before = world.origin;
  world.origin = origin ?? before;
  try {
    return act();
  } finally {
    world.origin = before;
  }
};
