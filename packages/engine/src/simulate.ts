import type { JobDefinition } from '@maverick/conf';
import type { FakeProcesses } from './fake-process.js';
import type { SimulatedEvent, SimulatedInput, Simulation } from './simulation.js';
import { Simulator, type SimulatorOptions } from './simulator.js';

export interface SimulateOptions extends Omit<SimulatorOptions, 'processes'> {
  /** When to end, milliseconds from the beginning. Default an hour. */
  readonly untilMs?: number;
  /** How many inputs to take at most, lest jobs go on for ever. Default 100 000. */
  readonly mostInputs?: number;
}

const HOUR_MS = 3_600_000;
const MOST_INPUTS = 100_000;

const eventsOf = (timeline: Simulation['timeline']): SimulatedEvent[] => {
  const events = new Map<number, SimulatedEvent>();
  for (const { at, effect } of timeline) {
    if (effect.kind === 'event-queued') {
      const { event, session, name, env, failed } = effect;
      events.set(event, { event, session, name, env, at, failed });
    } else if (effect.kind === 'event-finished') {
      const event = events.get(effect.event);
      if (event) events.set(effect.event, { ...event, finishedAt: at, failed: effect.failed });
    }
  }
  return [...events.values()];
};

/** What has come of it so far. */
export const simulationOf = (simulator: Simulator): Omit<Simulation, 'cameToRest' | 'recording'> => {
  const { timeline, engine, loop, lastAt: endedAt } = simulator;
  return {
    ...(loop ? { loop } : {}),
    timeline,
    states: timeline.flatMap(({ at, effect }) =>
      effect.kind === 'state-changed' ? { at, instance: effect.instance, state: effect.to } : [],
    ),
    events: eventsOf(timeline),
    replies: new Map(
      timeline.flatMap(({ at, effect }) =>
        effect.kind === 'reply' ? [[effect.request, { at, reply: effect.reply }] as const] : [],
      ),
    ),
    endedAt,
    engine,
  };
};

/**
 * Play what would happen, without a process and in no time: jobs, what happens to the machine, and what its processes
 * would do. Given these events, expect these jobs: a unit test for job files.
 * @param jobs of the system's session, by name; they are defined first, beside those of a `snapshot`
 * @param inputs what happens, each at its time; of the same time, in this order. What processes and timers would report is
 * not among them
 * @param processes what the processes do; by default all start, services run until they are told to end, and all else ends
 * at once with 0
 */
export const simulate = (
  jobs: Readonly<Record<string, JobDefinition>>,
  inputs: readonly SimulatedInput[],
  processes: FakeProcesses = {},
  { untilMs = HOUR_MS, mostInputs = MOST_INPUTS, ...options }: SimulateOptions = {},
): Simulation => {
  const simulator = new Simulator({ ...options, processes });
  for (const [name, definition] of Object.entries(jobs)) simulator.define(name, definition);
  for (const { at = 0, ...input } of inputs) simulator.schedule(input, at);
  while (simulator.next !== undefined && simulator.next <= untilMs) {
    if (!simulator.runUntil(simulator.next, mostInputs)) break;
  }
  const { snapshot, startsAt: _startsAt, ...engineOptions } = options;
  return {
    ...simulationOf(simulator),
    cameToRest: simulator.next === undefined,
    recording: { options: engineOptions, ...(snapshot ? { snapshot } : {}), inputs: simulator.inputs },
  };
};
