import { isFinishingTask } from './definition.js';
import type { WaitNode } from './effect.js';
import type { QueuedEvent } from './event.js';
import type { InstanceRef } from './input.js';
import { displayName, type Instance } from './instance.js';
import { processOf } from './process.js';
import { answer, failure } from './reply.js';
import { type Call, emitEffect, log, type Process, type World } from './world.js';

/**
 * Who waits for whom: calls for instances or events, events for the instances that have them as waiters, instances for
 * the hook that they are in and for the calls of processes whose end they need. It never has a cycle between two inputs.
 * @see spec: semantics.md section 4
 */
type Node =
  | { readonly kind: 'call'; readonly call: Call }
  | { readonly kind: 'job'; readonly instance: Instance }
  | { readonly kind: 'event'; readonly event: QueuedEvent };

export type Cycle = readonly WaitNode[];

const keyOf = (node: Node): string => {
  switch (node.kind) {
    case 'call':
      return `call ${node.call.request}`;
    case 'job':
      return `job ${node.instance.id}`;
    case 'event':
      return `event ${node.event.id}`;
  }
};

const AWAITED_ROLES = ['pre-start', 'post-start', 'pre-stop', 'post-stop'] as const;

/** Whether the instance can't go on before its main process does: it is to become ready, or to finish. */
const needsMain = (instance: Instance): boolean => {
  const { definition, state, goal, ending } = instance;
  if (state === 'spawned' && definition.conf.expect !== 'none') return true;
  return isFinishingTask(definition) && goal === 'start' && !ending;
};

const neededProcesses = (world: World, instance: Instance): Process[] => {
  const roles = needsMain(instance) ? [...AWAITED_ROLES, 'main' as const] : AWAITED_ROLES;
  return roles.flatMap((role) => {
    const process = processOf(world, instance, role);
    return process && !process.signalled ? process : [];
  });
};

const eventNode = (world: World, id: number | undefined): Node[] => {
  const event = id === undefined ? undefined : world.events.get(id);
  return event ? [{ kind: 'event', event }] : [];
};

const jobNode = (world: World, id: number | undefined): Node[] => {
  const instance = id === undefined ? undefined : world.instances.get(id);
  return instance ? [{ kind: 'job', instance }] : [];
};

const inDefinitionOrder = (a: Node, b: Node): number =>
  a.kind === 'job' && b.kind === 'job'
    ? a.instance.jobClass.order - b.instance.jobClass.order || a.instance.id - b.instance.id
    : 0;

const callsOf = (world: World, process: Process): Node[] =>
  [...(world.callsOf.get(process.id) ?? [])].flatMap((request) => {
    const call = world.calls.get(request);
    return call ? [{ kind: 'call', call } as const] : [];
  });

/** What a node waits for. */
const waitsFor = (world: World, node: Node): Node[] => {
  switch (node.kind) {
    case 'call':
      return [...jobNode(world, node.call.instance), ...eventNode(world, node.call.event)];
    case 'event':
      return node.event.heldBy.flatMap((id) => jobNode(world, id)).sort(inDefinitionOrder);
    case 'job': {
      const { instance } = node;
      const calls = world.callsOf.size === 0 ? [] : neededProcesses(world, instance);
      return [...eventNode(world, instance.blocker), ...calls.flatMap((process) => callsOf(world, process))];
    }
  }
};

const refOf = (world: World, id: number | undefined): { instance?: InstanceRef } => {
  const ref = id === undefined ? undefined : world.instances.get(id)?.ref;
  return ref ? { instance: ref } : {};
};

const describe = (world: World, node: Node): WaitNode => {
  switch (node.kind) {
    case 'call': {
      const { request, kind, target, instance } = node.call;
      return { kind: 'call', call: kind, request, target, ...refOf(world, instance) };
    }
    case 'job':
      return { kind: 'job', instance: node.instance.ref };
    case 'event': {
      const { id, name, hookOf } = node.event;
      const { instance: hook } = refOf(world, hookOf);
      return { kind: 'event', event: id, name, ...(hook ? { hook } : {}) };
    }
  }
};

/** The shortest way from a node to a goal, both included. */
const findWay = (world: World, from: Node, goal: Node): Node[] | undefined => {
  const goalKey = keyOf(goal);
  const before = new Map<string, Node | undefined>([[keyOf(from), undefined]]);
  const queue = [from];
  for (let at = 0; at < queue.length; at += 1) {
    const node = queue[at] ?? from;
    if (keyOf(node) === goalKey) {
      const way: Node[] = [];
      for (let step: Node | undefined = node; step; step = before.get(keyOf(step))) way.unshift(step);
      return way;
    }
    for (const next of waitsFor(world, node)) {
      const key = keyOf(next);
      if (before.has(key)) continue;
      before.set(key, node);
      queue.push(next);
    }
  }
  return undefined;
};

const cycleThrough = (world: World, start: Node, first: Node): Cycle | undefined => {
  const way = findWay(world, first, start);
  return way && [start, ...way].map((node) => describe(world, node));
};

/** The cycle that the wait of a call closes. */
export const callCycle = (world: World, call: Call): Cycle | undefined => {
  const [first] = waitsFor(world, { kind: 'call', call });
  return first && cycleThrough(world, { kind: 'call', call }, first);
};

/** The cycle that an event closes by waiting for an instance. */
export const eventCycle = (world: World, instance: Instance, event: QueuedEvent): Cycle | undefined =>
  cycleThrough(world, { kind: 'event', event }, { kind: 'job', instance });

/** The instances that hold an event. */
export const holdersOf = (world: World, event: QueuedEvent): WaitNode[] =>
  waitsFor(world, { kind: 'event', event }).map((node) => describe(world, node));

/** Who waits for an instance, in the order in which they came. */
export const waitersOf = (world: World, { waiters }: Instance): WaitNode[] =>
  waiters.flatMap(({ party }) => {
    if (party.kind === 'event') return eventNode(world, party.event).map((node) => describe(world, node));
    const call = world.calls.get(party.request);
    return call ? describe(world, { kind: 'call', call }) : [];
  });

/** Whose `starting` or `stopping` an event is, or who waits for its end. */
export const waitersOfEvent = (world: World, { hookOf, call: request }: QueuedEvent): WaitNode[] => {
  const call = request === undefined ? undefined : world.calls.get(request);
  const nodes: Node[] = [...jobNode(world, hookOf), ...(call ? [{ kind: 'call', call } as const] : [])];
  return nodes.map((node) => describe(world, node));
};

/** From an instance on to what it all waits for in the end; where a thing waits for several, the first. */
export const chainOfWaits = (world: World, instance: Instance): WaitNode[] => {
  const seen = new Set<string>();
  const chain: WaitNode[] = [];
  let node: Node | undefined = { kind: 'job', instance };
  while (node && !seen.has(keyOf(node))) {
    seen.add(keyOf(node));
    chain.push(describe(world, node));
    [node] = waitsFor(world, node);
  }
  return chain;
};

/** A node as a person would say it: `event starting web`. */
export const nodeInWords = (node: WaitNode): string => {
  switch (node.kind) {
    case 'job':
      return `job ${displayName(node.instance)}`;
    case 'event':
      return `event ${node.name}${node.hook ? ` ${displayName(node.hook)}` : ''}`;
    case 'call':
      return `${node.call} of ${node.instance ? displayName(node.instance) : node.target}`;
  }
};

/** `start of db waits for event starting web, which waits for …`. */
export const chainInWords = ([first, ...rest]: Cycle): string =>
  first ? `${nodeInWords(first)} waits for ${rest.map(nodeInWords).join(', which waits for ')}` : '';

export const reportDeadlock = (world: World, chain: Cycle): void => {
  emitEffect(world, { kind: 'deadlock', chain });
  const job = chain.find((node) => node.kind === 'job');
  log(world, 'warn', `Deadlock: ${chainInWords(chain)}`, job?.instance.session);
};

/** Only the wait fails; what the call asked for stands. */
export const refuseCall = (world: World, request: number, chain: Cycle): void =>
  answer(world, request, failure('Deadlock', chainInWords(chain)));
