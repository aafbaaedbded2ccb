import { matchGlob, parseEventArgument } from '@maverick/conf';
import { type FakeProcess, Simulator, SYSTEM, type UntimedInput } from '@maverick/engine';
import { displayName } from './outcome.js';
import type { Action, EventPattern, Expectation, JobRef, Scenario } from './scenario.js';
import type { Jobs } from './simulation-source.js';

/** An expectation that was not met, or a line that could not be carried out. */
export interface ScenarioFailure {
  readonly line: number;
  readonly message: string;
  /** Why it is so: sentences. */
  readonly because: readonly string[];
}

const HOUR_MS = 3_600_000;
/** More than that is a circle of jobs that start each other. */
const MOST_INPUTS = 100_000;

const valueIn = (entry: string): string => entry.slice(entry.indexOf('=') + 1);

/** As conditions match: by name, or by place where no name is given. */
const isMeant = ({ name, args }: EventPattern, event: { readonly name: string; readonly env: readonly string[] }) =>
  event.name === name &&
  args.every((arg, place) => {
    const asked = parseEventArgument(arg);
    if (asked.kind === 'positional') return matchGlob(asked.pattern, valueIn(event.env[place] ?? ''));
    const entry = event.env.find((one) => one.startsWith(`${asked.key}=`));
    return entry !== undefined && matchGlob(asked.pattern, valueIn(entry)) !== asked.negated;
  });

/** Ends a scenario. */
class Failed extends Error {
  readonly failure: ScenarioFailure;

  constructor(failure: ScenarioFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** One scenario at work; it is over with the first thing that is not as it should be. */
class Play {
  readonly #simulator = new Simulator();
  /** By process, as scenarios name it. */
  readonly #fakes = new Map<string, FakeProcess>();
  #requests = 0;
  #line = 0;

  constructor(jobs: Jobs) {
    for (const [name, definition] of Object.entries(jobs)) this.#simulator.define(name, definition);
  }

  run({ steps }: Scenario): void {
    for (const { line, action } of steps) {
      this.#line = line;
      this.#perform(action);
    }
  }

  #perform(action: Action): void {
    switch (action.kind) {
      case 'process':
        this.#say(action);
        break;
      case 'wait':
        this.#wait(action.ms);
        break;
      case 'exit':
        this.#exit(action);
        break;
      case 'expect':
        this.#check(action.that);
        break;
      default:
        this.#requests += 1;
        this.#simulator.send(this.#inputOf(action));
        this.#settle();
    }
  }

  #exit({ of, instance, status }: Extract<Action, { kind: 'exit' }>): void {
    const ended = this.#simulator.end({ session: SYSTEM, job: of.job, instance }, of.role, status);
    if (!ended) this.#fail(`${displayName({ job: of.job, instance })} has no ${of.role} process`);
    this.#settle();
  }

  #say({ of: { job, role }, change }: Extract<Action, { kind: 'process' }>): void {
    this.#demandJobs(job);
    const key = `${job}:${role}`;
    const fake = change(this.#fakes.get(key) ?? {});
    this.#fakes.set(key, fake);
    this.#simulator.willDo(job, role, fake);
  }

  #inputOf(action: Extract<Action, { kind: 'emit' | 'start' | 'stop' | 'restart' }>): UntimedInput {
    return { ...action, session: SYSTEM, request: this.#requests, wait: true };
  }

  /** All that takes no time. */
  #settle(): void {
    const { now } = this.#simulator;
    this.#demandEnd(this.#simulator.runUntil(now, MOST_INPUTS));
  }

  #demandEnd(isAll: boolean): void {
    if (isAll) return;
    const { loop } = this.#simulator;
    this.#fail(`this goes on for ever${loop ? `: ${loop.job} starts again and again while no time passes` : ''}`);
  }

  #wait(ms: number | undefined): void {
    const simulator = this.#simulator;
    const end = simulator.now + (ms ?? HOUR_MS);
    while (simulator.next !== undefined && simulator.next <= end) {
      this.#demandEnd(simulator.runUntil(simulator.next, MOST_INPUTS));
    }
    if (ms !== undefined) simulator.runUntil(end, MOST_INPUTS);
    else if (simulator.next !== undefined) this.#fail('something is still to happen after an hour');
  }

  /** What is expected of a job that is not there would hold for ever. */
  #demandJobs(...jobs: readonly string[]): void {
    const unknown = jobs.find((job) => this.#simulator.engine.job(SYSTEM, job) === undefined);
    if (unknown !== undefined) this.#fail(`there is no job ${unknown}`);
  }

  #check(that: Expectation): void {
    const about = 'of' in that ? [that.of] : that.kind === 'order' ? [that.first, that.later] : [];
    this.#demandJobs(...about.map(({ job }) => job));
    switch (that.kind) {
      case 'state':
        this.#checkState(that);
        break;
      case 'failed':
        if (!this.#has(that.of, 'job-failed')) this.#fail(`expected ${displayName(that.of)} to have failed`, that.of);
        break;
      case 'not-started':
        if (this.#has(that.of, 'instance-added')) {
          this.#fail(`expected ${displayName(that.of)} not to have been started`, that.of);
        }
        break;
      case 'event':
        this.#checkEvent(that);
        break;
      case 'env':
        this.#checkEnv(that);
        break;
      case 'answer':
        this.#checkAnswer(that.ok);
        break;
      case 'order':
        this.#checkOrder(that);
        break;
    }
  }

  #checkState({ of, state, goal }: Extract<Expectation, { kind: 'state' }>): void {
    const view = this.#simulator.engine.instance(SYSTEM, of.job, of.instance);
    const found = { goal: view?.goal ?? 'stop', state: view?.state ?? 'waiting' };
    if (found.state === state && (goal === undefined || found.goal === goal)) return;
    const wanted = goal === undefined ? state : `${goal}/${state}`;
    this.#fail(`expected ${displayName(of)} ${wanted}, but it is ${found.goal}/${found.state}`, of);
  }

  #checkEvent({ event, wanted }: Extract<Expectation, { kind: 'event' }>): void {
    const found = this.#events().find((one) => isMeant(event, one));
    const text = [event.name, ...event.args].join(' ');
    if (wanted === (found !== undefined)) return;
    if (found) this.#fail(`expected no event ${text}, but there was ${[found.name, ...found.env].join(' ')}`);
    const alike = this.#events().filter(({ name }) => name === event.name);
    const others = alike.map(({ name, env }) => `There was ${[name, ...env].join(' ')}.`);
    this.#fail(`expected event ${text}`, undefined, others);
  }

  #checkEnv({ of, key, value }: Extract<Expectation, { kind: 'env' }>): void {
    const env = this.#envOf(of);
    if (env === undefined) this.#fail(`${displayName(of)} has not been started`, of);
    const entry = env.findLast((one) => one.startsWith(`${key}=`));
    const found = entry === undefined ? undefined : valueIn(entry);
    if (found === value) return;
    const wanted = value === undefined ? `${key} unset` : `${key}=${value}`;
    this.#fail(
      `expected ${wanted} for ${displayName(of)}, but ${found === undefined ? 'it is unset' : `it is ${found}`}`,
    );
  }

  /** Of an instance that is gone, what its last process had. */
  #envOf({ job, instance }: JobRef): readonly string[] | undefined {
    const view = this.#simulator.engine.instance(SYSTEM, job, instance);
    if (view) return view.env;
    const spawned = this.#effects().flatMap((effect) =>
      effect.kind === 'spawn' && this.#isOf(effect.instance, { job, instance }) ? [effect.env] : [],
    );
    return spawned.at(-1);
  }

  #checkAnswer(ok: boolean): void {
    const [reply] = this.#effects().flatMap((effect) =>
      effect.kind === 'reply' && effect.request === this.#requests ? [effect.reply] : [],
    );
    if (reply?.ok === ok) return;
    if (reply === undefined) this.#fail('there is no answer yet: the command still waits');
    this.#fail(reply.ok ? 'expected failure, but it succeeded' : `expected success, but: ${reply.message}`);
  }

  #checkOrder({ first, later }: Extract<Expectation, { kind: 'order' }>): void {
    const at = (of: typeof first): number =>
      this.#effects().findIndex(
        (effect) => effect.kind === 'state-changed' && effect.to === of.state && this.#isOf(effect.instance, of),
      );
    const never = [first, later].find((of) => at(of) < 0);
    if (never) this.#fail(`${displayName(never)} was never ${never.state}`, never);
    if (at(first) < at(later)) return;
    this.#fail(`${displayName(later)} was ${later.state} before ${displayName(first)} was ${first.state}`);
  }

  #effects() {
    return this.#simulator.timeline.map(({ effect }) => effect);
  }

  #events() {
    return this.#effects().flatMap((effect) => (effect.kind === 'event-queued' ? [effect] : []));
  }

  #has(of: JobRef, kind: 'job-failed' | 'instance-added'): boolean {
    return this.#effects().some((effect) => effect.kind === kind && this.#isOf(effect.instance, of));
  }

  #isOf(ref: JobRef, { job, instance }: JobRef): boolean {
    return ref.job === job && ref.instance === instance;
  }

  #fail(message: string, of?: JobRef, because: readonly string[] = []): never {
    const { engine } = this.#simulator;
    const about = of && { session: SYSTEM, job: of.job };
    const explained = about && (engine.explain({ ...about, instance: of.instance }) ?? engine.explain(about));
    throw new Failed({ line: this.#line, message, because: [...because, ...(explained?.sentences ?? [])] });
  }
}

/**
 * Play a scenario with jobs, without a process and in no time. One with a line that can not be read is not played.
 * @returns the first thing that is not as expected
 */
export const runScenario = (scenario: Scenario, jobs: Jobs): ScenarioFailure | undefined => {
  const { unreadableLine: line } = scenario;
  if (line !== undefined) return { line, message: 'not played: this line can not be read', because: [] };
  try {
    new Play(jobs).run(scenario);
    return undefined;
  } catch (error) {
    if (error instanceof Failed) return error.failure;
    throw error;
  }
};
