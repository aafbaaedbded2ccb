import { defineJob, type ExitStatus, type JobDefinition, type ProcessRole, parseConf } from '@maverick/conf';
import { type Caller, type Effect, Engine, type EngineOptions, type Input, SYSTEM } from '../../src/index.js';

type WithoutTime<T> = T extends unknown ? Omit<T, 'at'> : never;
export type Untimed = WithoutTime<Input>;

/** A process that the fake spawner runs. */
export interface FakeProcess {
  readonly process: number;
  readonly session: string;
  readonly job: string;
  readonly instance: string;
  readonly role: ProcessRole;
  readonly env: readonly string[];
  readonly command: string;
}

/** Read a job's text, which a test has written right. */
export const jobOf = (text: string): JobDefinition => {
  const { conf, diagnostics } = parseConf(text);
  if (!conf) throw new Error(`${text}: ${diagnostics.map(({ message }) => message).join('; ')}`);
  return defineJob(conf);
};

const MOST_STARTS = 500;

/** Jobs whose processes fail to start, started by their own end: what was written there. */
export class EndlessError extends Error {}

/**
 * An engine with a fake spawner and a fake clock around it. Every command runs, but one that begins with `/no/`; a
 * process lives until it is told to exit. Each input is followed by the confirmation of what it started.
 */
export class Machine {
  engine: Engine;
  readonly processes = new Map<number, FakeProcess>();
  readonly timers = new Map<number, number>();
  readonly effects: Effect[] = [];
  /** Processes that were sent a signal. */
  readonly signalled = new Set<number>();
  /** Called before each input; may replace the engine. */
  beforeInput: (machine: Machine) => void = () => {};
  /** Called with each input as it is dispatched. */
  onInput: (input: Input) => void = () => {};
  onEffect: (effect: Effect) => void = () => {};
  now = 1_000_000;
  #unconfirmed: number[] = [];
  #pid = 100;
  #request = 0;

  constructor(options: EngineOptions = {}) {
    this.engine = new Engine({ env: ['PATH=/bin'], ...options });
  }

  define(job: string, text: string): void {
    this.send({ kind: 'define-job', session: SYSTEM, name: job, definition: jobOf(text) });
  }

  nextRequest(): number {
    this.#request += 1;
    return this.#request;
  }

  find(job: string, role: ProcessRole = 'main', instance = ''): FakeProcess | undefined {
    return [...this.processes.values()].find(
      (process) => process.job === job && process.instance === instance && process.role === role,
    );
  }

  callerOf({ process, session, job, instance }: FakeProcess): Caller {
    return { instance: { session, job, instance }, process };
  }

  exit(process: number, status: ExitStatus): void {
    this.processes.delete(process);
    this.send({ kind: 'process-exited', process, status });
  }

  /** Let whole seconds pass, one after the other. */
  advance(seconds: number): void {
    for (let second = 0; second < seconds; second += 1) {
      this.now += 1000;
      this.#fireDue();
    }
  }

  send(input: Untimed): void {
    this.#dispatch(input);
    for (let started = 0; this.#unconfirmed.length > 0; started += 1) {
      if (started > MOST_STARTS) throw new EndlessError('jobs start one another for ever');
      this.#confirm(this.#unconfirmed.shift() ?? 0);
    }
  }

  #fireDue(): void {
    for (;;) {
      const due = [...this.timers].filter(([, at]) => at <= this.now).sort((a, b) => a[1] - b[1] || a[0] - b[0]);
      const [next] = due;
      if (!next) return;
      this.timers.delete(next[0]);
      this.send({ kind: 'timer-fired', timer: next[0] });
    }
  }

  #confirm(id: number): void {
    const process = this.processes.get(id);
    if (!process) return;
    if (!process.command.startsWith('/no/')) {
      this.#dispatch({ kind: 'process-started', process: id, pid: this.#pid++ });
      return;
    }
    this.processes.delete(id);
    const message = 'unable to execute: No such file or directory';
    this.#dispatch({ kind: 'spawn-failed', process: id, failure: { step: 'exec', errno: 2, message } });
  }

  #dispatch(input: Untimed): void {
    this.beforeInput(this);
    const stamped: Input = { ...input, at: this.now };
    this.onInput(stamped);
    for (const effect of this.engine.dispatch(stamped)) {
      this.effects.push(effect);
      this.onEffect(effect);
      this.#perform(effect);
    }
  }

  #perform(effect: Effect): void {
    if (effect.kind === 'set-timer') this.timers.set(effect.timer, effect.dueAt);
    if (effect.kind === 'clear-timer') this.timers.delete(effect.timer);
    if (effect.kind === 'kill') this.signalled.add(effect.process);
    if (effect.kind !== 'spawn') return;
    const { process, instance: ref, role, definition, env } = effect;
    const command = definition.processes[role]?.command ?? '';
    const { session, job, instance } = ref;
    this.processes.set(process, { process, session, job, instance, role, env, command });
    this.#unconfirmed.push(process);
  }
}
