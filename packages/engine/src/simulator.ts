import type { ExitStatus, JobDefinition, ProcessRole } from '@maverick/conf';
import { Agenda } from './agenda.js';
import type { Effect } from './effect.js';
import { Engine, type EngineOptions } from './engine.js';
import {
  callInput,
  exitStatus,
  type FakeProcess,
  type FakeProcesses,
  fakeFor,
  lifeOf,
  readinessInputs,
  spawnFailure,
} from './fake-process.js';
import { type Input, type InstanceRef, type ProcessId, type RequestId, SYSTEM } from './input.js';
import type { UntimedInput } from './simulation.js';
import type { EngineSnapshot } from './snapshot.js';

export interface SimulatorOptions extends EngineOptions {
  /** What the processes do; by default all start, services run until they are told to end, and all else ends at once with 0. */
  readonly processes?: FakeProcesses;
  /**
   * Go on from there: what lives then lives on, and what it would do by itself is counted from then. `semantics` and
   * environment tables are those of the snapshot.
   */
  readonly snapshot?: EngineSnapshot;
  /** The present time on the engine's clock. Default: that of the snapshot; 0 for a new engine. */
  readonly startsAt?: number;
}

const FIRST_PID = 1000;
const SIGKILL = 9;
/** An instance whose processes are started more often in one moment goes round without end. */
const MOST_STARTS_AT_ONCE = 100;
/** Those of processes; whoever simulates takes smaller ones. */
const FIRST_REQUEST = 2 ** 31;

interface Running {
  fake: FakeProcess;
  readonly definition: JobDefinition;
  readonly instance: InstanceRef;
  readonly role: ProcessRole;
  readonly pid: number;
  alive: boolean;
  /** So many calls are made. */
  calls: number;
}

const keyOf = ({ session, job, instance }: InstanceRef, role: ProcessRole): string =>
  JSON.stringify([session, job, instance, role]);

/**
 * A machine without processes that is led step by step: a virtual clock, and what is to happen when. Times are milliseconds
 * from its beginning.
 */
export class Simulator {
  readonly engine: Engine;
  /** All that the engine was told, with times on its own clock. */
  readonly inputs: Input[] = [];
  readonly timeline: { readonly at: number; readonly effect: Effect }[] = [];
  readonly #agenda = new Agenda<UntimedInput>();
  readonly #base: number;
  readonly #timers = new Set<number>();
  readonly #running = new Map<ProcessId, Running>();
  readonly #counts = new Map<string, number>();
  /** Whose call it is. */
  readonly #calls = new Map<RequestId, ProcessId>();
  #request = FIRST_REQUEST;
  /** How often each was started in the present moment. */
  readonly #starts = new Map<string, number>();
  #startsAt = 0;
  #loop: InstanceRef | undefined;
  #fakes: FakeProcesses;
  /** What the processes of the snapshot do by themselves comes after what is told at once. */
  readonly #unbegun: (() => void)[];
  #now = 0;
  #lastAt = 0;

  constructor({ processes = {}, snapshot, startsAt, ...options }: SimulatorOptions = {}) {
    this.#fakes = processes;
    this.engine = snapshot ? Engine.restore(snapshot, options) : new Engine(options);
    this.#base = Math.max(snapshot?.now ?? 0, startsAt ?? 0);
    for (const { timer, dueAt } of this.engine.timers()) this.#setTimer(timer, dueAt);
    this.#unbegun = snapshot ? this.#takeOver() : [];
  }

  /** Milliseconds from the beginning. */
  get now(): number {
    return this.#now;
  }

  /** When the engine was last told something: what it no longer waited for does not count. */
  get lastAt(): number {
    return this.#lastAt;
  }

  /** Whose processes are started again and again while no time passes; the simulation stops there. */
  get loop(): InstanceRef | undefined {
    return this.#loop;
  }

  /** When the next thing happens; undefined: nothing is left to happen. */
  get next(): number | undefined {
    this.#goOnWithAll();
    return this.#agenda.next;
  }

  /** Have something happen at a time that has not passed; of the same time, in the order of these calls. */
  schedule(input: UntimedInput, at: number = this.#now): void {
    this.#agenda.add(Math.max(at, this.#now), input);
  }

  /** Tell the engine now, before all that is still to happen. */
  send(input: UntimedInput): void {
    this.#take(input, this.#now);
  }

  /** Define a job of the system's session, or another definition of it. */
  define(name: string, definition: JobDefinition): void {
    this.send({ kind: 'define-job', session: SYSTEM, name, definition });
  }

  /** What the processes of a job that are started from now on do, and what those that live do when they are told to end. */
  willDo(job: string, role: ProcessRole, fake: FakeProcess): void {
    this.#fakes = { ...this.#fakes, [job]: { ...this.#fakes[job], [role]: fake } };
    for (const key of this.#counts.keys()) {
      const [, name, , known] = JSON.parse(key) as string[];
      if (name === job && known === role) this.#counts.delete(key);
    }
    for (const running of this.#running.values()) {
      if (running.instance.job === job && running.role === role) running.fake = fake;
    }
  }

  /** Have a living process end now. @returns false where there is none */
  end(instance: InstanceRef, role: ProcessRole, status: ExitStatus): boolean {
    const key = keyOf(instance, role);
    const found = [...this.#running].find(([, one]) => one.alive && keyOf(one.instance, one.role) === key);
    if (found) this.send({ kind: 'process-exited', process: found[0], status });
    return found !== undefined;
  }

  /**
   * Let everything happen that is due up to a time, and come to it.
   * @param mostInputs what has gone on so long is left as it is
   * @returns whether it was all; false where there is a {@link loop}, too
   */
  runUntil(at: number, mostInputs: number = Number.POSITIVE_INFINITY): boolean {
    this.#goOnWithAll();
    while ((this.#agenda.next ?? Number.POSITIVE_INFINITY) <= at) {
      if (this.inputs.length >= mostInputs || this.#loop !== undefined) return false;
      const next = this.#agenda.take();
      if (next) this.#take(next.what, next.at);
    }
    if (Number.isFinite(at)) this.#now = Math.max(this.#now, at);
    return true;
  }

  /** Tell the engine, unless it is news of what is no more. */
  #take(untimed: UntimedInput, at: number): void {
    if (untimed.kind === 'timer-fired' && !this.#timers.delete(untimed.timer)) return;
    if ('process' in untimed && !this.#isNews(untimed, at)) return;
    if ('request' in untimed && this.#isOfDead(untimed.request)) return;
    this.#now = at;
    this.#lastAt = at;
    const input: Input = { ...untimed, at: this.#base + at };
    this.inputs.push(input);
    for (const effect of this.engine.dispatch(input)) {
      this.timeline.push({ at, effect });
      this.#perform(effect);
    }
  }

  #isNews(input: Extract<UntimedInput, { readonly process: number }>, at: number): boolean {
    const running = this.#running.get(input.process);
    if (!running?.alive) return false;
    if (input.kind === 'process-exited' || input.kind === 'spawn-failed') running.alive = false;
    const { aliveEveryMs } = running.fake;
    if (input.kind === 'process-alive' && aliveEveryMs) this.#agenda.add(at + aliveEveryMs, input);
    return true;
  }

  /** A call of a process that has ended before it could make it. */
  #isOfDead(request: RequestId | undefined): boolean {
    const process = request === undefined ? undefined : this.#calls.get(request);
    return process !== undefined && this.#running.get(process)?.alive !== true;
  }

  #perform(effect: Effect): void {
    if (effect.kind === 'reply') this.#answered(effect.request);
    if (effect.kind === 'spawn') this.#spawn(effect);
    if (effect.kind === 'kill') this.#signal(effect.process, effect.signal, effect.group);
    if (effect.kind === 'clear-timer') this.#timers.delete(effect.timer);
    if (effect.kind === 'set-timer') this.#setTimer(effect.timer, effect.dueAt);
  }

  #setTimer(timer: number, dueAt: number): void {
    this.#timers.add(timer);
    this.#agenda.add(Math.max(this.#now, dueAt - this.#base), { kind: 'timer-fired', timer });
  }

  #countStart(instance: InstanceRef, role: ProcessRole): void {
    if (this.#startsAt !== this.#now) this.#starts.clear();
    this.#startsAt = this.#now;
    const key = keyOf(instance, role);
    const count = (this.#starts.get(key) ?? 0) + 1;
    this.#starts.set(key, count);
    if (count > MOST_STARTS_AT_ONCE) this.#loop = instance;
  }

  #spawn({ process, instance, role, definition }: Extract<Effect, { kind: 'spawn' }>): void {
    this.#countStart(instance, role);
    const running = this.#know(process, instance, role, definition, FIRST_PID + process);
    const { failsToStart } = running.fake;
    if (failsToStart === undefined) this.#begin(process, running);
    else this.#later(0, { kind: 'spawn-failed', process, failure: spawnFailure(failsToStart) });
  }

  #know(process: ProcessId, instance: InstanceRef, role: ProcessRole, definition: JobDefinition, pid: number): Running {
    const key = keyOf(instance, role);
    const count = this.#counts.get(key) ?? 0;
    this.#counts.set(key, count + 1);
    const fake = fakeFor(this.#fakes, instance.job, role, count);
    const running: Running = { fake, definition, instance, role, pid, alive: true, calls: 0 };
    this.#running.set(process, running);
    return running;
  }

  #begin(process: ProcessId, running: Running): void {
    const { fake, definition, role, pid } = running;
    const { readyAfterMs = 0, aliveEveryMs } = fake;
    this.#later(0, { kind: 'process-started', process, pid });
    const ready = role === 'main' ? readinessInputs(process, pid, definition) : [];
    for (const input of ready) this.#later(readyAfterMs, input);
    if (aliveEveryMs) this.#later(aliveEveryMs, { kind: 'process-alive', process });
    this.#goAhead(process, running);
  }

  /** What a process does next by itself: a call, or its end. */
  #goAhead(process: ProcessId, running: Running): void {
    const { fake, definition, role, instance } = running;
    const call = fake.calls?.[running.calls];
    if (call === undefined) {
      this.#later(lifeOf(fake, role, definition), { kind: 'process-exited', process, status: exitStatus(fake) });
      return;
    }
    running.calls += 1;
    const request = this.#request++;
    this.#calls.set(request, process);
    this.#later(call.afterMs ?? 0, callInput(call, { instance, process }, request));
  }

  #answered(request: RequestId): void {
    const process = this.#calls.get(request);
    const running = process === undefined ? undefined : this.#running.get(process);
    this.#calls.delete(request);
    if (process !== undefined && running?.alive === true) this.#goAhead(process, running);
  }

  /** The processes that live in the snapshot: of one that was told to end, the end is all that is to come. */
  #takeOver(): (() => void)[] {
    const jobs = this.engine.sessions().flatMap(({ session }) => this.engine.jobs(session));
    return jobs
      .flatMap(({ instances }) => instances)
      .flatMap(({ ref, state, processes }) => {
        const definition = this.engine.definitionOf(ref);
        if (!definition) return [];
        return processes.map(({ role, process, pid = FIRST_PID + process }) => {
          const running = this.#know(process, ref, role, definition, pid);
          if (state === 'spawned') return () => this.#begin(process, running);
          if (state !== 'killed' || role !== 'main') return () => this.#goOn(process, running);
          return () => this.#endSoon(process, running, definition.killSignal);
        });
      });
  }

  #goOnWithAll(): void {
    for (const begin of this.#unbegun.splice(0)) begin();
  }

  #goOn(process: ProcessId, { fake, definition, role }: Running): void {
    if (fake.aliveEveryMs) this.#later(fake.aliveEveryMs, { kind: 'process-alive', process });
    this.#later(lifeOf(fake, role, definition), { kind: 'process-exited', process, status: exitStatus(fake) });
  }

  /** @param group a signal that ends it; else it is one to reload */
  #signal(process: ProcessId, signal: number, group: boolean): void {
    const running = this.#running.get(process);
    if (running && group) this.#endSoon(process, running, signal);
  }

  #endSoon(process: ProcessId, { fake }: Running, signal: number): void {
    const after = signal === SIGKILL ? 0 : (fake.endsAfterMs ?? 0);
    this.#later(after, { kind: 'process-exited', process, status: { kind: 'signalled', signal } });
  }

  #later(ms: number, input: UntimedInput): void {
    if (Number.isFinite(ms)) this.#agenda.add(this.#now + ms, input);
  }
}
