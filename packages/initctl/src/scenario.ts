import type { ExitStatus } from '@maverick/conf';
import { type FakeProcess, JOB_STATES, type JobState } from '@maverick/engine';
import { endingWith, type ProcessName, readProcessName, readStatus } from './fake-options.js';
import { readSpan, SPAN_SYNOPSIS } from './time-span.js';

/** Scenario files: what happens to jobs, and what is expected of them. @see docs/test-jobs.md */

/** A job, or one of its instances. */
export interface JobRef {
  readonly job: string;
  readonly instance: string;
}

/** An event as a condition spells it. */
export interface EventPattern {
  readonly name: string;
  readonly args: readonly string[];
}

export type Expectation =
  | { readonly kind: 'state'; readonly of: JobRef; readonly state: JobState; readonly goal?: 'start' | 'stop' }
  | { readonly kind: 'failed' | 'not-started'; readonly of: JobRef }
  | { readonly kind: 'event'; readonly event: EventPattern; readonly wanted: boolean }
  | { readonly kind: 'env'; readonly of: JobRef; readonly key: string; readonly value: string | undefined }
  | { readonly kind: 'answer'; readonly ok: boolean }
  | {
      readonly kind: 'order';
      readonly first: JobRef & { readonly state: JobState };
      readonly later: JobRef & { readonly state: JobState };
    };

/** One line. */
export type Action =
  | { readonly kind: 'emit'; readonly name: string; readonly env: readonly string[] }
  | { readonly kind: 'start' | 'stop' | 'restart'; readonly job: string; readonly env: readonly string[] }
  | { readonly kind: 'process'; readonly of: ProcessName; readonly change: (fake: FakeProcess) => FakeProcess }
  | { readonly kind: 'exit'; readonly of: ProcessName; readonly instance: string; readonly status: ExitStatus }
  /** Without a time: until nothing is left to happen. */
  | { readonly kind: 'wait'; readonly ms: number | undefined }
  | { readonly kind: 'expect'; readonly that: Expectation };

interface Step {
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
  readonly action: Action;
}

export interface Scenario {
  readonly name: string;
  readonly line: number;
  /** Those before the first scenario of the file included. */
  readonly steps: readonly Step[];
  /** The first of its lines that can not be read: what it would show without it is not known. */
  readonly unreadableLine?: number;
}

export interface ScenarioProblem {
  readonly line: number;
  readonly message: string;
}

/** What was expected in place of a line. */
class Unreadable extends Error {}

const fail = (expected: string): never => {
  throw new Unreadable(`expected ${expected}`);
};

/** Words, with quotes around those that have blanks; `#` begins a comment. */
const wordsOf = (line: string): string[] => {
  const words: string[] = [];
  const pattern = /\s*(?:#.*$|((?:[^\s"'#]|"[^"]*"|'[^']*'|(?<=\S)#)+)|(["'].*$))/y;
  for (let match = pattern.exec(line); match && match[0] !== ''; match = pattern.exec(line)) {
    const [, word, torn] = match;
    if (torn !== undefined) fail('a closing quote');
    if (word !== undefined) words.push(word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
  }
  return words;
};

const isState = (word: string | undefined): word is JobState =>
  (JOB_STATES as readonly (string | undefined)[]).includes(word);

/** `JOB`, or `JOB (INSTANCE)` as `status` shows it. @returns the words behind it, too */
const takeJob = ([job, ...rest]: readonly string[]): { readonly of: JobRef; readonly rest: readonly string[] } => {
  if (job === undefined) return fail('a job');
  const instance = /^\((.*)\)$/.exec(rest[0] ?? '')?.[1];
  return { of: { job, instance: instance ?? '' }, rest: instance === undefined ? rest : rest.slice(1) };
};

const takeSpan = (word: string | undefined): number => readSpan(word ?? '') ?? fail(SPAN_SYNOPSIS);

const variables = (words: readonly string[]): readonly string[] =>
  words.every((word) => /^[^=]+=/.test(word)) ? words : fail('KEY=VALUE');

const takeStatus = (word: string | undefined): ExitStatus =>
  readStatus(word ?? '') ?? fail('an exit status from 0 to 255 or the name of a signal');

const nothingMore = <T>(rest: readonly string[], value: T): T =>
  rest.length === 0 ? value : fail(`nothing after this, not ${rest.join(' ')}`);

/** What a process is said to do, by the words. */
const fateOf = (words: readonly string[]): ((fake: FakeProcess) => FakeProcess) => {
  const [verb, ...rest] = words;
  switch (verb) {
    case 'exits': {
      const exit = takeStatus(rest[0]);
      if (rest[1] === undefined) return (fake) => endingWith(fake, exit);
      if (rest[1] !== 'after') return fail('after TIME');
      const runsForMs = takeSpan(rest[2]);
      return nothingMore(rest.slice(3), (fake) => ({ ...fake, runsForMs, exit }));
    }
    case 'runs': {
      const runsForMs = takeSpan(rest[0]);
      return nothingMore(rest.slice(1), (fake) => ({ ...fake, runsForMs }));
    }
    case 'ready': {
      const readyAfterMs = rest[0] === 'never' ? Number.POSITIVE_INFINITY : takeSpan(rest[1]);
      return (fake) => ({ ...fake, readyAfterMs });
    }
    case 'stops': {
      const endsAfterMs = takeSpan(rest[1]);
      return (fake) => ({ ...fake, endsAfterMs });
    }
    case 'ignores':
      return (fake) => ({ ...fake, endsAfterMs: Number.POSITIVE_INFINITY });
    case 'fails':
      return (fake) => ({ ...fake, failsToStart: 'it fails to start' });
    case 'as':
      return () => ({});
    default:
      return fail('exits, runs, ready, stops after, ignores signals, fails to start, or as usual');
  }
};

const expectOrder = (words: readonly string[], at: number): Expectation => {
  const side = (part: readonly string[]): JobRef & { readonly state: JobState } => {
    const { of, rest } = takeJob(part);
    const state = rest[0] === 'stopped' ? 'waiting' : rest[0];
    return isState(state)
      ? nothingMore(rest.slice(1), { ...of, state })
      : fail(`a state (${JOB_STATES.join(', ')}) or stopped`);
  };
  return { kind: 'order', first: side(words.slice(0, at)), later: side(words.slice(at + 1)) };
};

const expectJob = (words: readonly string[]): Expectation => {
  const { of, rest } = takeJob(words);
  const said = rest.join(' ');
  if (said === 'failed') return { kind: 'failed', of };
  if (said === 'not started') return { kind: 'not-started', of };
  if (said === 'stopped') return { kind: 'state', of, state: 'waiting' };
  const [, goal, state] = /^(?:(start|stop)\/)?(\S+)$/.exec(said) ?? [];
  if (!isState(state)) return fail(`a state (${JOB_STATES.join(', ')}), stopped, failed or not started`);
  return { kind: 'state', of, state, ...(goal ? { goal: goal as 'start' | 'stop' } : {}) };
};

const expectEnv = (words: readonly string[]): Expectation => {
  const { of, rest } = takeJob(words);
  const [, key, value] = /^([^=]+)(?:=(.*))?$/s.exec(rest[0] ?? '') ?? [];
  if (key === undefined) return fail('KEY=VALUE');
  if (value === undefined && rest[1] !== 'unset') return fail('KEY=VALUE, or KEY unset');
  return { kind: 'env', of, key, value };
};

const expectEvent = ([name, ...args]: readonly string[], wanted: boolean): Expectation =>
  name === undefined ? fail('an event') : { kind: 'event', event: { name, args }, wanted };

const expectation = (words: readonly string[]): Expectation => {
  const [first, second] = words;
  const before = words.indexOf('before');
  if (first === 'event') return expectEvent(words.slice(1), true);
  if (first === 'no' && second === 'event') return expectEvent(words.slice(2), false);
  if (first === 'env') return expectEnv(words.slice(1));
  if (first === 'success' || first === 'failure') return { kind: 'answer', ok: first === 'success' };
  return before > 0 ? expectOrder(words, before) : expectJob(words);
};

const command =
  (kind: 'start' | 'stop' | 'restart') =>
  ([job, ...env]: readonly string[]): Action =>
    job === undefined ? fail('a job') : { kind, job, env: variables(env) };

/** Every statement by its first word. */
const STATEMENTS: Readonly<Record<string, (words: readonly string[]) => Action>> = {
  emit: ([name, ...env]) => (name === undefined ? fail('an event') : { kind: 'emit', name, env: variables(env) }),
  start: command('start'),
  stop: command('stop'),
  restart: command('restart'),
  process: ([name, ...fate]) =>
    name === undefined ? fail('a process') : { kind: 'process', of: readProcessName(name), change: fateOf(fate) },
  exit: (words) => {
    const { of, rest } = takeJob(words);
    const status = takeStatus(rest[0]);
    return { kind: 'exit', of: readProcessName(of.job), instance: of.instance, status };
  },
  wait: (words) => ({ kind: 'wait', ms: words.length === 0 ? undefined : takeSpan(words[0]) }),
  expect: (words) => ({ kind: 'expect', that: expectation(words) }),
};

const actionOf = ([first = '', ...rest]: readonly string[]): Action => {
  const read = Object.hasOwn(STATEMENTS, first) ? STATEMENTS[first] : undefined;
  return read ? read(rest) : fail(`scenario, ${Object.keys(STATEMENTS).join(', ')}`);
};

/** Read the scenarios of a file. Every line that can't be read is told of; its scenario names the first of them. */
export const readScenarios = (
  text: string,
): { readonly scenarios: readonly Scenario[]; readonly problems: readonly ScenarioProblem[] } => {
  const common: Step[] = [];
  const scenarios: (Scenario & { readonly steps: Step[]; unreadableLine?: number })[] = [];
  let unreadableForAll: number | undefined;
  const problems: ScenarioProblem[] = [];
  const read = (line: number, words: readonly string[], source: string): void => {
    if (words[0] === 'scenario') {
      const name = words.slice(1).join(' ') || fail('the name of the scenario');
      scenarios.push({
        name,
        line,
        steps: [...common],
        ...(unreadableForAll === undefined ? {} : { unreadableLine: unreadableForAll }),
      });
    } else if (words.length > 0) {
      (scenarios.at(-1)?.steps ?? common).push({ line, text: source.trim(), action: actionOf(words) });
    }
  };
  for (const [index, source] of text.split('\n').entries()) {
    try {
      read(index + 1, wordsOf(source), source);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      const line = index + 1;
      problems.push({ line, message: error.message });
      const scenario = scenarios.at(-1);
      if (scenario) scenario.unreadableLine ??= line;
      else unreadableForAll ??= line;
    }
  }
  return { scenarios, problems };
};
