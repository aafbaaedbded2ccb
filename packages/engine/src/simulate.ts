import type { JobDefinition } from '@maverick/conf';
import { Agenda } from './agenda.js';
import type { Effect } from './effect.js';
import { Engine, type EngineOptions } from './engine.js';
import {
  exitStatus,
  type FakeProcess,
  type FakeProcesses,
  fakeFor,
  lifeOf,
  readinessInputs,
  spawnFailure,
} from './fake-process.js';
import { type Input, type ProcessId, SYSTEM } from './input.js';
import type { SimulatedEvent, SimulatedInput, Simulation, UntimedInput } from './simulation.js';

export interface SimulateOptions extends EngineOptions {
  /** When to end, milliseconds from the beginning. Default an hour. */
  readonly untilMs?: number;
  /** How many inputs to take at most, lest jobs go on for ever. Default 100 000. */
  readonly mostInputs?: number;
}

const HOUR_MS = 3_600_000;
const MOST_INPUTS = 100_000;
const FIRST_PID = 1000;
const SIGKILL = 9;

interface Running {
  readonly fake: FakeProcess;
  readonly definition: JobDefinition;
  readonly pid: number;
  alive: boolean;
}

/** A machine without processes: a virtual clock, and what is to happen when. */
class SimulatedMachine {
  readonly engine: Engine;
  readonly inputs: Input[] = [];
  readonly timeline: { at: number; effect: Effect }[] = [];
  readonly agenda = new Agenda<UntimedInput>();
  readonly #fakes: FakeProcesses;
  readonly #timers = new Set<number>();
  readonly #running = new Map<ProcessId, Running>();
  readonly #counts = new Map<string, number>();
  now = 0;

  constructor(fakes: FakeProcesses, options: EngineOptions) {
    this.#fakes = fakes;
    this.engine = new Engine(options);
  }

  /** Tell the engine, unless it is news of what is no more. */
  take(untimed: UntimedInput, at = 0): void {
    if (untimed.kind === 'timer-fired' && !this.#timers.delete(untimed.timer)) return;
    if ('process' in untimed && !this.#isNews(untimed, at)) return;
    this.now = at;
    const input: Input = { ...untimed, at };
    this.inputs.push(input);
    for (const effect of this.engine.dispatch(input)) {
      this.timeline.push({ at: this.now, effect });
      this.#perform(effect);
    }
  }

  #isNews(input: Extract<UntimedInput, { readonly process: number }>, at: number): boolean {
    const running = this.#running.get(input.process);
    if (!running?.alive) return false;
    if (input.kind === 'process-exited' || input.kind === 'spawn-failed') running.alive = false;
    const { aliveEveryMs } = running.fake;
    if (input.kind === 'process-alive' && aliveEveryMs) this.agenda.add(at + aliveEveryMs, input);
    return true;
  }

  #perform(effect: Effect): void {
    if (effect.kind === 'spawn') this.#spawn(effect);
    if (effect.kind === 'kill') this.#signal(effect.process, effect.signal, effect.group);
    if (effect.kind === 'clear-timer') this.#timers.delete(effect.timer);
    if (effect.kind !== 'set-timer') return;
    this.#timers.add(effect.timer);
    this.agenda.add(effect.dueAt, { kind: 'timer-fired', timer: effect.timer });
  }

  #spawn({ process, instance, role, definition }: Extract<Effect, { kind: 'spawn' }>): void {
    const kind = JSON.stringify([instance.session, instance.job, instance.instance, role]);
    const count = this.#counts.get(kind) ?? 0;
    this.#counts.set(kind, count + 1);
    const fake = fakeFor(this.#fakes, instance.job, role, count);
    const pid = FIRST_PID + process;
    this.#running.set(process, { fake, definition, pid, alive: true });
    const { failsToStart, readyAfterMs = 0, aliveEveryMs } = fake;
    if (failsToStart !== undefined) {
      this.agenda.add(this.now, { kind: 'spawn-failed', process, failure: spawnFailure(failsToStart) });
      return;
    }
    this.agenda.add(this.now, { kind: 'process-started', process, pid });
    const ready = role === 'main' ? readinessInputs(process, pid, definition) : [];
    for (const input of ready) this.#later(readyAfterMs, input);
    if (aliveEveryMs) this.#later(aliveEveryMs, { kind: 'process-alive', process });
    this.#later(lifeOf(fake, role, definition), { kind: 'process-exited', process, status: exitStatus(fake) });
  }

  /** @param group a signal that ends it; else it is one to reload */
  #signal(process: ProcessId, signal: number, group: boolean): void {
    const { fake } = this.#running.get(process) ?? {};
    if (!fake || !group) return;
    const after = signal === SIGKILL ? 0 : (fake.endsAfterMs ?? 0);
    this.#later(after, { kind: 'process-exited', process, status: { kind: 'signalled', signal } });
  }

  #later(ms: number, input: UntimedInput): void {
    if (Number.isFinite(ms)) this.agenda.add(this.now + ms, input);
  }
}

/** @returns whether nothing was left to happen */
const run = (machine: SimulatedMachine, untilMs: number, mostInputs: number): boolean => {
  const { agenda } = machine;
  while (machine.inputs.length < mostInputs && (agenda.next ?? untilMs) <= untilMs) {
    const next = agenda.take();
    if (!next) return true;
    machine.take(next.what, next.at);
  }
  return agenda.next === undefined;
};

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

/**
 * Play what would happen, without a process and in no time: jobs, what happens to the machine, and what its processes
 * would do. Given these events, expect these jobs: a unit test for job files.
 * @param jobs of the system's session, by name; they are defined first
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
  const machine = new SimulatedMachine(processes, options);
  for (const [name, definition] of Object.entries(jobs)) {
    machine.take({ kind: 'define-job', session: SYSTEM, name, definition });
  }
  for (const { at = 0, ...input } of inputs) machine.agenda.add(at, input);
  const cameToRest = run(machine, untilMs, mostInputs);
  const { timeline, engine, now: endedAt } = machine;
  return {
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
    cameToRest,
    engine,
    recording: { options, inputs: machine.inputs },
  };
};
