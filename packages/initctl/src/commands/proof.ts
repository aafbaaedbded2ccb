import { type EventSource, lint } from '@maverick/conf';
import { Engine, type Exploration, explore, type Finding, moveInWords, type WaitNode } from '@maverick/engine';
import { printable } from '../cells.js';
import type { CommandContext, CommandHandler } from '../command.js';
import { AnsweredNo, InitctlError } from '../errors.js';
import { numberOption, WHOLE } from '../numbers.js';
import { displayName } from '../outcome.js';
import { type Jobs, simulationSource } from '../simulation-source.js';

/** Something that is wrong with a set of jobs. */
interface Fault {
  readonly kind: 'cycle' | 'never-starts' | Finding['kind'];
  readonly jobs: readonly string[];
  readonly message: string;
  /** The shortest sequence that leads there; empty for what holds without anything happening. */
  readonly path: readonly string[];
}

const nodeText = (node: WaitNode): string => {
  if (node.kind === 'job') return `job ${displayName(node.instance)}`;
  if (node.kind === 'event') return `event ${node.name}${node.hook ? ` ${displayName(node.hook)}` : ''}`;
  return `${node.call} of ${node.target}`;
};

const jobsIn = (chain: readonly WaitNode[]): string[] => [
  ...new Set(chain.flatMap((node) => (node.kind === 'job' ? [node.instance.job] : []))),
];

const holders = ({ heldBy, conditions }: Extract<Finding, { kind: 'stuck' }>): string =>
  [
    ...heldBy.map((node) => `it waits for ${nodeText(node)}`),
    ...conditions.map(({ job, missing }) => `${job} holds it, and still needs: ${missing}`),
  ].join('; ');

const faultOf = (finding: Finding): Fault => {
  const path = finding.path.map(moveInWords);
  switch (finding.kind) {
    case 'deadlock': {
      const [first, ...rest] = finding.chain.map(nodeText);
      const message = `${first} waits for ${rest.join(', which waits for ')}`;
      return { kind: 'deadlock', jobs: jobsIn(finding.chain), message, path };
    }
    case 'stuck': {
      const { instance, where } = finding;
      const message = `${displayName(instance)} does not leave ${where}: ${holders(finding)}`;
      return { kind: 'stuck', jobs: [instance.job], message, path };
    }
    case 'start-loop':
      return { kind: 'start-loop', jobs: [finding.instance.job], message: 'starts itself for ever', path };
  }
};

/** An event can come from outside all the same, and be told of. */
const wayOut = (missing: readonly EventSource[]): string => {
  const names = [...new Set(missing.flatMap((source) => (source.kind === 'event' ? [source.name] : [])))];
  return names.length === 0
    ? ''
    : ` (whose job emits it can say so with emits; else --ignore-events=${names.join(',')})`;
};

/** What no event is needed for: cycles of `while`, and conditions for which nothing is there. */
const staticFaults = (jobs: Jobs, events: readonly string[]): Fault[] =>
  lint(
    Object.entries(jobs).map(([name, definition]) => ({ name, definition })),
    { events },
  ).flatMap((finding): Fault[] => {
    const { code, job, message } = finding;
    if (code === 'while-cycle') return [{ kind: 'cycle', jobs: finding.jobs, message, path: [] }];
    if (code !== 'never-starts') return [];
    return [{ kind: 'never-starts', jobs: [job], message: `${message}${wayOut(finding.missing)}`, path: [] }];
  });

const NEVER = 'does not start by itself: no sequence of what was tried makes its condition true';

const faultsOf = (jobs: Jobs, events: readonly string[], { findings, neverStart }: Exploration): Fault[] => {
  const known = staticFaults(jobs, events);
  const told = new Set(known.flatMap((fault) => fault.jobs));
  const never = neverStart
    .filter((job) => !told.has(job))
    .map((job): Fault => ({ kind: 'never-starts', jobs: [job], message: NEVER, path: [] }));
  return [...known, ...never, ...findings.map(faultOf)];
};

const TITLES = {
  cycle: 'Cycle',
  'never-starts': 'Not by itself',
  deadlock: 'Deadlock',
  stuck: 'Held for ever',
  'start-loop': 'Loop',
} as const satisfies Record<Fault['kind'], string>;

const faultText = ({ kind, jobs, message, path }: Fault): string[] => [
  printable(`${TITLES[kind]}: ${jobs.join(', ')}: ${message}`),
  ...path.map((step, index) => printable(`  ${index + 1}. ${step}`)),
];

const extentText = ({ complete, groups, states, moves, depth }: Exploration): string => {
  const size = `${states} states of ${groups} ${groups === 1 ? 'group' : 'groups'} of jobs, ${moves} moves`;
  return complete
    ? `Proved: everything that can happen was tried (${size}).`
    : `Not proved: all sequences of up to ${depth} moves were tried, and some longer ones (${size}); --bound=MOVES goes on.`;
};

const jobsFrom = async (context: CommandContext): Promise<Jobs> => {
  const { jobs, snapshot, session } = await simulationSource(context);
  if (!snapshot) return jobs;
  return Object.fromEntries(
    Engine.restore(snapshot)
      .jobs(session)
      .map(({ name, definition }) => [name, definition]),
  );
};

/** `check-config --proof`: what can go wrong with all jobs together, by trying everything. */
export const proof: CommandHandler = async (context) => {
  const { operands, options, output } = context;
  const [only] = operands;
  const jobs = await jobsFrom(context);
  if (only !== undefined && !Object.hasOwn(jobs, only)) throw new InitctlError('invalid-job-class', { job: only });
  const bound = numberOption(options, 'bound', WHOLE);
  const exploration = explore(jobs, bound === undefined ? {} : { mostMoves: bound });
  const events = (options.get('ignore-events') ?? '').split(',').filter((event) => event !== '');
  const faults = faultsOf(jobs, events, exploration).filter((fault) => only === undefined || fault.jobs.includes(only));
  const { complete, groups, states, moves } = exploration;
  const depth = complete ? null : exploration.depth;
  output.answer(
    () => ({ faults, complete, depth, groups, states, moves }),
    () => [...faults.flatMap(faultText), extentText(exploration)].join('\n'),
  );
  if (faults.length > 0) throw new AnsweredNo();
};
