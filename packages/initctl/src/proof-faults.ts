import {
  type EventSource,
  type KnownEventsOptions,
  type LintFinding,
  lint,
  type RingStep,
  showExpression,
} from '@maverick/conf';
import { type Exploration, type Finding, moveInWords, type WaitNode } from '@maverick/engine';
import { printable } from './cells.js';
import { displayName } from './outcome.js';
import type { Jobs } from './simulation-source.js';
import type { FindStanza } from './stanza-place.js';

/** What `check-config --proof` finds, and how it is told. */

/** How one job of a cycle waits for the next. */
interface FaultStep {
  readonly job: string;
  readonly waitsFor: string;
  /** As it would stand in the job's file: `start on started db`. */
  readonly condition: string;
  /** Where it stands; null where the daemon was asked. */
  readonly file: string | null;
  readonly line: number | null;
}

/** Something that is wrong with a set of jobs. */
export interface Fault {
  readonly kind: 'cycle' | 'never-starts' | Finding['kind'];
  readonly jobs: readonly string[];
  readonly message: string;
  /** The shortest sequence that leads there; empty for what holds without anything happening. */
  readonly path: readonly string[];
  /** What happens again and again from there; empty for what does not go round. */
  readonly round: readonly string[];
  /** Of a cycle of conditions: the way around. */
  readonly ring: readonly FaultStep[];
}

const NO_STEPS = { path: [], round: [], ring: [] } as const;

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
  const steps = { ...NO_STEPS, path };
  switch (finding.kind) {
    case 'deadlock': {
      const [first, ...rest] = finding.chain.map(nodeText);
      const message = `${first} waits for ${rest.join(', which waits for ')}`;
      return { kind: 'deadlock', jobs: jobsIn(finding.chain), message, ...steps };
    }
    case 'stuck': {
      const { instance, where } = finding;
      const message = `${displayName(instance)} does not leave ${where}: ${holders(finding)}`;
      return { kind: 'stuck', jobs: [instance.job], message, ...steps };
    }
    case 'start-loop':
      return { kind: 'start-loop', jobs: [finding.instance.job], message: 'starts itself for ever', ...steps };
    case 'restart-loop': {
      const { jobs } = finding;
      const message = `${jobs.length === 1 ? 'starts' : 'start'} again without end, each time because a process has ended well`;
      return { kind: 'restart-loop', jobs, message, ...steps, round: finding.round.map(moveInWords) };
    }
  }
};

/** An event can come from outside all the same, and be told of. */
const wayOut = (missing: readonly EventSource[]): string => {
  const names = [...new Set(missing.flatMap((source) => (source.kind === 'event' ? [source.name] : [])))];
  return names.length === 0
    ? ''
    : ` (whose job emits it can say so with emits; else --ignore-events=${names.join(',')})`;
};

const conditionOf = ({ stanza, expression }: RingStep): string => {
  const text = showExpression(expression);
  const isOperation = expression.kind === 'and' || expression.kind === 'or';
  return `${stanza} ${isOperation ? text.slice(1, -1) : text}`;
};

const ringStep = (step: RingStep, findStanza: FindStanza): FaultStep => {
  const { job, waitsFor, stanza } = step;
  const { file, line } = findStanza(job, stanza) ?? { file: null, line: null };
  return { job, waitsFor, condition: conditionOf(step), file, line };
};

const cycleMessage = ({ length }: readonly string[]): string =>
  length === 1
    ? 'starts only because of itself, so not without a command'
    : 'each starts only because of another, so none does without a command';

const staticFault = (finding: LintFinding, findStanza: FindStanza): Fault | undefined => {
  const { job, message } = finding;
  switch (finding.code) {
    case 'while-cycle':
      return { kind: 'cycle', jobs: finding.jobs, message, ...NO_STEPS };
    case 'start-cycle': {
      const ring = finding.ring.map((step) => ringStep(step, findStanza));
      return { kind: 'cycle', jobs: finding.jobs, message: cycleMessage(finding.jobs), ...NO_STEPS, ring };
    }
    case 'never-starts':
      return { kind: 'never-starts', jobs: [job], message: `${message}${wayOut(finding.missing)}`, ...NO_STEPS };
    // `check-config` tells of those.
    case 'unknown-event':
    case 'unknown-job':
      return undefined;
  }
};

/** What no event is needed for: cycles, and conditions for which nothing is there. */
const staticFaults = (jobs: Jobs, options: KnownEventsOptions, findStanza: FindStanza): Fault[] =>
  lint(
    Object.entries(jobs).map(([name, definition]) => ({ name, definition })),
    options,
  ).flatMap((finding) => staticFault(finding, findStanza) ?? []);

const NEVER = 'does not start by itself: no sequence of what was tried makes its condition true';

export interface FaultSources {
  readonly jobs: Jobs;
  /** Which events come from elsewhere. */
  readonly known: KnownEventsOptions;
  /** Where their conditions stand. Default: that is not known. */
  readonly findStanza?: FindStanza | undefined;
}

/** All that is wrong: what the conditions show by themselves, then what was found by trying. */
export const faultsOf = (
  { jobs, known: options, findStanza = () => undefined }: FaultSources,
  { findings, neverStart }: Exploration,
): Fault[] => {
  const known = staticFaults(jobs, options, findStanza);
  const told = new Set(known.flatMap((fault) => fault.jobs));
  const never = neverStart
    .filter((job) => !told.has(job))
    .map((job): Fault => ({ kind: 'never-starts', jobs: [job], message: NEVER, ...NO_STEPS }));
  return [...known, ...never, ...findings.map(faultOf)];
};

const TITLES = {
  cycle: 'Cycle',
  'never-starts': 'Not by itself',
  deadlock: 'Deadlock',
  stuck: 'Held for ever',
  'start-loop': 'Loop',
  'restart-loop': 'Loop',
} as const satisfies Record<Fault['kind'], string>;

const ringText = ({ job, waitsFor, condition, file, line }: FaultStep): string =>
  `${job} waits for ${waitsFor}: ${condition}${file === null ? '' : ` (${file}:${line})`}`;

/** @returns lines */
export const faultText = ({ kind, jobs, message, path, round, ring }: Fault): string[] => [
  printable(`${TITLES[kind]}: ${jobs.join(', ')}: ${message}`),
  ...ring.map((step) => printable(`  ${ringText(step)}`)),
  ...[...path, ...round].map((step, index) => printable(`  ${index + 1}. ${step}`)),
  ...(round.length > 0 ? [`  and again from ${path.length + 1}.`] : []),
];
