import {
  type FakeProcesses,
  type JobView,
  type SimulatedInput,
  type Simulation,
  SYSTEM,
  simulate,
} from '@maverick/engine';

/** What a client may have happen in a simulation. */
const KINDS: ReadonlySet<unknown> = new Set<SimulatedInput['kind']>(['emit', 'start', 'stop', 'restart', 'reload']);
/** The daemon waits while it plays: this many inputs take it about a second. */
const MOST_INPUTS = 20_000;
const MOST_REQUESTED = 1000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What a client's data may have; nothing is known of what it is. */
type Raw = {
  readonly [K in 'inputs' | 'processes' | 'untilMs' | 'kind' | 'at' | 'name' | 'job' | 'instance' | 'env']?: unknown;
};

const isRecord = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);
const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const fail = (expected: string): never => {
  throw new TypeError(`not a simulation: expected ${expected}`);
};

const text = (value: unknown, what: string): string => (typeof value === 'string' ? value : fail(`${what} to be text`));

const time = (value: unknown): number =>
  value === undefined || (typeof value === 'number' && value >= 0 && value <= DAY_MS)
    ? (value ?? 0)
    : fail("'at' to be milliseconds, at most a day");

/** One thing that happens, checked: what comes from a client is of no type yet. */
const readInput = (raw: unknown, request: number): SimulatedInput => {
  if (!isRecord(raw) || !KINDS.has(raw.kind))
    return fail(`each input to have one of the kinds ${[...KINDS].join(', ')}`);
  const { kind, env = [] } = raw;
  if (!isTexts(env)) return fail("'env' to be a list of KEY=VALUE");
  const common = { at: time(raw.at), session: SYSTEM, request };
  if (kind === 'emit') return { ...common, kind, name: text(raw.name, "'name'"), env, wait: true };
  const job = text(raw.job, "'job'");
  const instance = raw.instance === undefined ? undefined : text(raw.instance, "'instance'");
  if (kind === 'reload') return { ...common, kind, job, ...(instance === undefined ? {} : { instance }) };
  const which = instance === undefined ? { env } : { instance };
  return { ...common, kind: kind as 'start' | 'stop' | 'restart', job, wait: true, ...which };
};

/** What clients are shown of what would have happened. */
const show = ({ events, states, replies, endedAt, cameToRest }: Simulation) => ({
  events,
  states,
  replies: [...replies.values()],
  endedAt,
  cameToRest,
});

/**
 * Play what would happen to jobs, without a process and in no time.
 * @param request `{ inputs: [{ kind, at, … }], processes, untilMs }`, where a client's word is all that is known of it;
 * see `simulate` of `@maverick/engine`
 * @returns JSON-safe data; the replies are in the order of the inputs
 * @throws TypeError that says what was expected
 */
export const simulateJobs = (jobs: readonly JobView[], request: unknown): unknown => {
  if (!isRecord(request) || !Array.isArray(request.inputs)) return fail("an object with a list of 'inputs'");
  if (request.inputs.length > MOST_REQUESTED) return fail(`at most ${MOST_REQUESTED} inputs`);
  const { processes = {}, untilMs = HOUR_MS } = request;
  if (!isRecord(processes) || !Object.values(processes).every(isRecord))
    return fail("'processes' to be by job and role");
  if (typeof untilMs !== 'number' || !(untilMs >= 0 && untilMs <= DAY_MS)) return fail("'untilMs' to be at most a day");
  const definitions = Object.fromEntries(jobs.map(({ name, definition }) => [name, definition]));
  const inputs = request.inputs.map((input, index) => readInput(input, index + 1));
  // Roles and numbers that mean nothing are passed over by the simulation.
  const options = { untilMs, mostInputs: MOST_INPUTS + jobs.length };
  return show(simulate(definitions, inputs, processes as FakeProcesses, options));
};
