import type { ExitStatus } from '@maverick/conf';
import { fc } from '../../../conf/test/fast-check.js';
import { SYSTEM } from '../../src/index.js';
import { type FakeProcess, jobOf, type Machine } from './machine.js';

/** Random sets of jobs and random histories of inputs. */

const JOBS = ['a', 'b', 'c', 'd'] as const;
const EVENTS = ['A', 'B', 'C'] as const;

const job = fc.constantFrom(...JOBS);
const event = fc.constantFrom(...EVENTS);
const sometimes = (text: string, weight = 1) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant('') }, { weight, arbitrary: fc.constant(text) });

const jobEvent = fc
  .tuple(fc.constantFrom('starting', 'started', 'stopping', 'stopped'), job)
  .map(([name, of]) => `${name} ${of}`);
const everyJob = fc.constantFrom('starting *', 'started *', 'stopping JOB=*');
const operand = fc.oneof(
  { weight: 6, arbitrary: event },
  { weight: 4, arbitrary: jobEvent },
  { weight: 1, arbitrary: everyJob },
);
const condition = fc.oneof(
  { weight: 3, arbitrary: operand },
  { weight: 2, arbitrary: fc.tuple(operand, operand).map(([x, y]) => `${x} and ${y}`) },
  { weight: 1, arbitrary: fc.tuple(operand, operand).map(([x, y]) => `${x} or ${y}`) },
  { weight: 1, arbitrary: fc.tuple(operand, operand, operand).map(([x, y, z]) => `${x} and (${y} or ${z})`) },
);

const term = fc.oneof({ weight: 3, arbitrary: job }, { weight: 1, arbitrary: job.map((of) => `not ${of}`) });
const states = fc.oneof(
  { weight: 3, arbitrary: term },
  { weight: 1, arbitrary: fc.tuple(term, fc.constantFrom('and', 'or'), term).map((parts) => parts.join(' ')) },
);

const maybe = (prefix: string, text: fc.Arbitrary<string>) =>
  fc.option(text, { nil: undefined }).map((given) => (given === undefined ? '' : `${prefix} ${given}`));

/** The text of a job. `extended`: with what the original's language lacks. */
const jobText = (extended: boolean): fc.Arbitrary<string> =>
  fc
    .tuple(
      maybe('start on', condition),
      maybe('stop on', condition),
      extended
        ? fc.oneof({ weight: 2, arbitrary: fc.constant('') }, { weight: 1, arbitrary: maybe('while', states) })
        : fc.constant(''),
      fc.constantFrom('exec /bin/x', 'exec /bin/x', 'exec /bin/x', '', 'exec /no/such'),
      sometimes('pre-start exec /bin/x'),
      sometimes('post-start exec /bin/x'),
      sometimes('pre-stop exec /bin/x'),
      sometimes('post-stop exec /bin/x'),
      sometimes('task'),
      sometimes('respawn'),
      sometimes('expect stop'),
      sometimes('kill timeout 2'),
      extended
        ? fc.constantFrom('', '', '', 'start timeout 3', 'event timeout 2', 'watchdog 2', 'respawn backoff 1 4')
        : fc.constant(''),
      sometimes('instance $I\nexport I'),
    )
    .map((lines) => lines.filter((line) => line !== '').join('\n'));

/** The job of another session, which may follow what happens in the system's. */
const elsewhere = fc.constantFrom(
  'start on A\nexec /bin/x',
  'start on :sys:started a and A\nstop on :sys:B\nexec /bin/x',
  'start on :sys:starting *\ntask\nexec /bin/x',
  'start on starting a or B\npre-start exec /bin/x\nexec /bin/x',
);

export type Action =
  | {
      readonly kind: 'start' | 'stop' | 'restart';
      readonly job: string;
      readonly env: readonly string[];
      readonly wait: boolean;
      readonly by: number;
    }
  | {
      readonly kind: 'emit';
      readonly name: string;
      readonly env: readonly string[];
      readonly wait: boolean;
      readonly by: number;
    }
  | { readonly kind: 'exit'; readonly which: number; readonly code: number }
  | { readonly kind: 'ready'; readonly which: number }
  | { readonly kind: 'advance'; readonly seconds: number }
  | { readonly kind: 'define'; readonly job: string; readonly text: string }
  | { readonly kind: 'remove'; readonly job: string }
  | { readonly kind: 'alive'; readonly which: number }
  /** In a session besides the system's. */
  | { readonly kind: 'elsewhere'; readonly what: 'open' | 'close' | 'emit' | 'start' | 'stop' }
  | { readonly kind: 'define-elsewhere'; readonly text: string };

const env = fc.constantFrom<readonly string[]>([], [], ['I=1'], ['I=2'], ['I=1', 'V=1'], ['V=2']);
const by = fc.oneof({ weight: 2, arbitrary: fc.constant(-1) }, { weight: 1, arbitrary: fc.nat(7) });
const wait = fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) });

const action = (extended: boolean): fc.Arbitrary<Action> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('start' as const), job, env, wait, by }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('stop' as const), job, env, wait, by }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), job, env, wait, by }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('emit' as const), name: event, env, wait, by }) },
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('exit' as const), which: fc.nat(7), code: fc.constantFrom(0, 0, 1) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('ready' as const), which: fc.nat(7) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('advance' as const), seconds: fc.constantFrom(1, 3, 90) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('define' as const), job, text: jobText(extended) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), job }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('alive' as const), which: fc.nat(7) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('elsewhere' as const),
        what: fc.constantFrom('open', 'close', 'emit', 'start', 'stop'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('define-elsewhere' as const), text: elsewhere }) },
  );

export interface History {
  readonly jobs: readonly string[];
  readonly actions: readonly Action[];
}

export const history = (extended: boolean): fc.Arbitrary<History> =>
  fc.record({
    jobs: fc.array(jobText(extended), { minLength: 2, maxLength: JOBS.length }),
    actions: fc.array(action(extended), { maxLength: 25 }),
  });

const pick = (machine: Machine, which: number): FakeProcess | undefined => {
  const all = [...machine.processes.values()];
  return all[which % Math.max(1, all.length)];
};

/** The waiting calls that each process has made and that were not answered. A process that waits can't exit. */
export class Calls {
  onWait: (request: number, kind: string) => void = () => {};
  readonly asked = new Map<number, { readonly by: number | undefined; readonly what: string }>();
  readonly answers = new Map<number, string[]>();

  /** Whether a process must wait for an answer; a signal ends it all the same. */
  isWaiting(machine: Machine, process: number): boolean {
    if (machine.signalled.has(process)) return false;
    return [...this.asked].some(([request, call]) => call.by === process && !this.answers.has(request));
  }

  unanswered(): string[] {
    return [...this.asked].filter(([request]) => !this.answers.has(request)).map(([, { what }]) => what);
  }
}

const collectAnswers = (machine: Machine, calls: Calls): void => {
  for (const effect of machine.effects) {
    if (effect.kind !== 'reply') continue;
    const answer = effect.reply.ok ? 'ok' : effect.reply.code;
    calls.answers.set(effect.request, [...(calls.answers.get(effect.request) ?? []), answer]);
  }
  machine.effects.length = 0;
};

const ELSEWHERE = 'elsewhere';

const performElsewhere = (
  machine: Machine,
  calls: Calls,
  what: Extract<Action, { kind: 'elsewhere' }>['what'],
): void => {
  const session = ELSEWHERE;
  if (what === 'open') machine.send({ kind: 'open-session', session, env: [] });
  else if (what === 'close') machine.send({ kind: 'close-session', session });
  else {
    const request = machine.nextRequest();
    calls.asked.set(request, { by: undefined, what: `${what} elsewhere` });
    if (what === 'emit') machine.send({ kind: 'emit', session, name: 'A', env: [], request, wait: true });
    else machine.send({ kind: what, session, job: 'u', request, wait: true });
  }
};

const perform = (machine: Machine, calls: Calls, step: Action) => {
  const session = SYSTEM;
  switch (step.kind) {
    case 'start':
    case 'stop':
    case 'restart':
    case 'emit': {
      const caller = step.by < 0 ? undefined : pick(machine, step.by);
      const request = machine.nextRequest();
      const { kind, env: given, wait: waits } = step;
      if (waits) calls.onWait(request, kind);
      calls.asked.set(request, { by: caller?.process, what: JSON.stringify(step) });
      const call = {
        session,
        env: given,
        wait: waits,
        request,
        ...(caller ? { caller: machine.callerOf(caller) } : {}),
      };
      if (kind === 'emit') machine.send({ kind, name: step.name, ...call });
      else machine.send({ kind, job: step.job, ...call });
      return;
    }
    case 'exit': {
      const process = pick(machine, step.which);
      if (process && !calls.isWaiting(machine, process.process)) exit(machine, process, step.code);
      return;
    }
    case 'ready': {
      const process = pick(machine, step.which);
      if (process) machine.send({ kind: 'process-stopped', process: process.process, signal: 19 });
      return;
    }
    case 'advance':
      return machine.advance(step.seconds);
    case 'define':
      return machine.define(step.job, step.text);
    case 'alive': {
      const process = pick(machine, step.which);
      if (process) machine.send({ kind: 'process-alive', process: process.process });
      return;
    }
    case 'define-elsewhere':
      return machine.send({ kind: 'define-job', session: ELSEWHERE, name: 'u', definition: jobOf(step.text) });
    case 'elsewhere':
      return performElsewhere(machine, calls, step.what);
    case 'remove':
      return machine.send({ kind: 'remove-job', session, name: step.job });
  }
};

const exit = (machine: Machine, { process }: FakeProcess, code: number): void => {
  const status: ExitStatus = { kind: 'exited', code };
  machine.exit(process, status);
};

/** Play a history. `check` is called after each input and its consequences. */
export const play = (
  machine: Machine,
  { jobs, actions }: History,
  check: () => void,
  calls: Calls = new Calls(),
): Calls => {
  for (const [index, text] of jobs.entries()) {
    machine.define(JOBS[index] ?? 'x', text);
    check();
  }
  for (const step of actions) {
    perform(machine, calls, step);
    collectAnswers(machine, calls);
    check();
  }
  return calls;
};

const ROUNDS = 60;

/**
 * Let every process that waits for nothing end, and every timer fire, until nothing is left to happen.
 * @returns false if jobs start one another for ever, which is what was written there
 */
export const comeToRest = (machine: Machine, calls: Calls, check: () => void): boolean => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const free = [...machine.processes.values()].filter(({ process }) => !calls.isWaiting(machine, process));
    if (free.length === 0 && machine.timers.size === 0) return true;
    for (const process of free) if (machine.processes.has(process.process)) exit(machine, process, 0);
    machine.advance(91);
    collectAnswers(machine, calls);
    check();
  }
  return false;
};
