import {
  Engine,
  type EngineSnapshot,
  type FakeProcesses,
  simulate as play,
  type SessionId,
  type Simulation,
  SYSTEM,
  type UntimedInput,
} from '@maverick/engine';
import { padCells, printable } from '../cells.js';
import type { CommandContext, CommandHandler } from '../command.js';
import { monotonicMs } from '../duration.js';
import { AnsweredNo, InitctlError } from '../errors.js';
import { fakesFromOptions } from '../fake-options.js';
import {
  compareOutcomes,
  type Difference,
  displayName,
  type JobStep,
  type Outcome,
  outcomeOf,
  type Step,
  whyNotStarted,
} from '../outcome.js';
import { recordedFakes } from '../recorded-fakes.js';
import { recordedLines } from '../recorded-lines.js';
import { type Jobs, jobsOfDirectories, type SimulationSource, simulationSource } from '../simulation-source.js';
import { spanOption, spanText } from '../time-span.js';

const HOUR_MS = 3_600_000;
/** Enough for a boot of thousands of jobs; jobs that go on for ever end here. */
const MOST_INPUTS = 100_000;
/** Above all numbers that a daemon has given to requests. */
const REQUEST = 2 ** 48;

interface Question {
  readonly name: string;
  readonly env: readonly string[];
  readonly fakes: FakeProcesses;
  /** Jobs that options name. */
  readonly named: readonly string[];
  readonly untilMs: number;
}

const playHere = (jobs: Jobs, { name, env, fakes, untilMs }: Question) =>
  play(jobs, [{ kind: 'emit', session: SYSTEM, name, env, request: REQUEST, wait: true }], fakes, {
    untilMs,
    mostInputs: MOST_INPUTS,
  });

/** Other definitions in place of those in the snapshot: what a reload of the configuration would tell the engine. */
const reloaded = (snapshot: EngineSnapshot, session: SessionId, others: Jobs): UntimedInput[] => {
  const known = new Map(
    Engine.restore(snapshot)
      .jobs(session)
      .map((job) => [job.name, JSON.stringify(job.definition)]),
  );
  const gone = [...known.keys()].filter((name) => !Object.hasOwn(others, name));
  const changed = Object.entries(others).filter(([name, job]) => known.get(name) !== JSON.stringify(job));
  return [
    ...gone.map((name) => ({ kind: 'remove-job', session, name }) as const),
    ...changed.map(([name, definition]) => ({ kind: 'define-job', session, name, definition }) as const),
  ];
};

const playFrom = (
  snapshot: EngineSnapshot,
  session: SessionId,
  { name, env, fakes, untilMs }: Question,
  others: Jobs | undefined,
  startsAt: number,
) => {
  const event = { kind: 'emit', session, name, env, request: REQUEST, wait: true } as const;
  const inputs = [...(others ? reloaded(snapshot, session, others) : []), event];
  return play({}, inputs, fakes, { untilMs, mostInputs: MOST_INPUTS, startsAt, snapshot });
};

const playWith = ({ jobs, snapshot, session }: SimulationSource, question: Question, others?: Jobs) => {
  const startsAt = snapshot ? Math.max(snapshot.now, monotonicMs()) : 0;
  const simulation: Simulation = snapshot
    ? playFrom(snapshot, session, question, others, startsAt)
    : playHere(others ?? jobs, question);
  return { simulation, outcome: outcomeOf(simulation, session, startsAt) };
};

/** What the command line says without anything else being asked for. */
const askedOf = ({ operands, options }: CommandContext): Pick<Question, 'name' | 'env' | 'untilMs'> => {
  const [name, ...env] = operands;
  if (name === undefined || name === '') throw new InitctlError('missing-event-name', {});
  const wrong = env.find((entry) => !/^[^=]+=/.test(entry));
  if (wrong !== undefined) throw new InitctlError('not-a-variable', { text: wrong });
  const until = options.get('until');
  return { name, env, untilMs: until === undefined ? HOUR_MS : spanOption('until', until) };
};

const recorded = async (context: CommandContext, session: SessionId): Promise<FakeProcesses> =>
  context.options.has('recorded') ? recordedFakes(await recordedLines(context, session)) : {};

const STEPS = {
  starts: 'starts',
  runs: 'runs',
  stops: 'stops',
  ended: 'is down',
  failed: 'fails',
  respawns: 'is respawned',
  refused: 'is not started',
  deadlock: 'deadlock',
  loop: 'is not started again',
} as const satisfies Record<JobStep, string>;

const noteOf = (step: Exclude<Step, { what: 'event' }>): string => {
  if (step.note === '') return '';
  return step.what === 'starts' || step.what === 'stops' ? `, because of ${step.note}` : `: ${step.note}`;
};

const stepText = (step: Step, width: number): string => {
  const at = padCells(`+${spanText(step.atMs)}`, width);
  if (step.what === 'event') return `${at}  event ${printable([step.event, ...step.env].join(' '))}`;
  return `${at}    ${printable(`${displayName(step)} ${STEPS[step.what]}${noteOf(step)}`)}`;
};

const named = (title: string, names: readonly string[]): string[] =>
  names.length === 0 ? [] : [`${title}: ${printable(names.join(', '))}`];

const restLines = ({ endedAtMs, cameToRest, loop }: Outcome): string[] => {
  if (cameToRest) return [];
  const left = `It goes on: left after ${spanText(endedAtMs)}`;
  if (loop === null) return [`${left}.`];
  const name = printable(displayName(loop));
  return [
    `${left}, where ${name} starts again and again while no time passes: --after ${printable(loop.job)}=TIME lets it take some.`,
  ];
};

const summaryLines = (outcome: Outcome): string[] => {
  const { instances, waiting } = outcome;
  const which = (isOne: (one: Outcome['instances'][number]) => boolean): string[] =>
    instances.filter(isOne).map(displayName);
  return [
    ...named(
      'Started',
      which(({ started, failed }) => started && !failed),
    ),
    ...named(
      'Stopped',
      which(({ started, failed, state }) => !started && !failed && state === 'waiting'),
    ),
    ...named(
      'Failed',
      which(({ failed }) => failed),
    ),
    ...instances.flatMap((one) =>
      one.stuck.length === 0 ? [] : [`${displayName(one)} is held in ${one.state}. ${printable(one.stuck.join(' '))}`],
    ),
    ...waiting.map(
      ({ job, instance, seen, missing }) =>
        `${printable(displayName({ job, instance: instance ?? '' }))} still needs: ${printable(missing)} (it has seen ${printable(seen.join(', '))})`,
    ),
    ...(instances.length === 0 && waiting.length === 0 ? ['Nothing would come of it.'] : []),
    ...restLines(outcome),
  ];
};

const outcomeText = (outcome: Outcome): string => {
  const width = outcome.steps.reduce((most, { atMs }) => Math.max(most, spanText(atMs).length + 1), 0);
  return [...outcome.steps.map((step) => stepText(step, width)), '', ...summaryLines(outcome)].join('\n');
};

const DIFFERENCES = {
  'not-started': ({ why }: Difference) => `would not start${why === '' ? '' : `: ${why}`}`,
  started: ({ after }: Difference) => `would start, and be ${after}`,
  other: ({ before, after }: Difference) => `would be ${after} instead of ${before}`,
} as const satisfies Record<Difference['what'], (one: Difference) => string>;

const differenceText = (differences: readonly Difference[], place: string): string =>
  differences.length === 0
    ? `With ${place} the same would happen.`
    : [
        `With ${place} instead:`,
        ...differences.map((one) => printable(`  ${displayName(one)} ${DIFFERENCES[one.what](one)}`)),
      ].join('\n');

/** The jobs that `--against` names. */
const otherJobs = ({
  occurrences,
  output,
}: CommandContext): { readonly places: string; readonly jobs: Jobs } | undefined => {
  const places = occurrences.get('against') ?? [];
  return places.length === 0 ? undefined : { places: places.join(', '), jobs: jobsOfDirectories(places, output.error) };
};

/** What is said of a job that is not there would change nothing, and so would a slip of the pen. */
const demandJobs = (
  named: readonly string[],
  { jobs, snapshot, session }: SimulationSource,
  others: Jobs = {},
): void => {
  const engine = snapshot && Engine.restore(snapshot);
  const isThere = (job: string): boolean =>
    Object.hasOwn(jobs, job) || Object.hasOwn(others, job) || engine?.job(session, job) !== undefined;
  const unknown = named.find((job) => !isThere(job));
  if (unknown !== undefined) throw new InitctlError('invalid-job-class', { job: unknown });
};

const against = (source: SimulationSource, question: Question, first: Outcome, others: Jobs) => {
  const { simulation, outcome } = playWith(source, question, others);
  const { session } = source;
  const why = (job: string): string => whyNotStarted(simulation.engine, session, job);
  return compareOutcomes(first, outcome, why);
};

/** `simulate EVENT [KEY=VALUE]...`: what would happen if the event came now; the daemon is only asked for its state. */
export const simulate: CommandHandler = async (context) => {
  const asked = askedOf(context);
  const source = await simulationSource(context);
  const question: Question = { ...asked, ...fakesFromOptions(context, await recorded(context, source.session)) };
  const others = otherJobs(context);
  demandJobs(question.named, source, others?.jobs);
  const { outcome } = playWith(source, question);
  const differences = others && against(source, question, outcome, others.jobs);
  context.output.answer(
    () => ({ ...outcome, differences: differences ?? null }),
    () => (differences ? differenceText(differences, others.places) : outcomeText(outcome)),
  );
  if (differences && differences.length > 0) throw new AnsweredNo();
};
