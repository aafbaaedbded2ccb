import { matchGlob } from '@maverick/conf';
import type { ColorOf } from './option.js';

/** What one job says, as `show-config -e` prints it. */
export interface GraphJob {
  readonly name: string;
  readonly emits: string[];
  readonly startOn: GraphEvent[];
  readonly stopOn: GraphEvent[];
}

/** An event of a condition; of a job, where one is named. */
interface GraphEvent {
  readonly event: string;
  /** `''` for none. */
  readonly job: string;
}

/** A line that is none of `show-config -e`. */
export class InvalidLine extends Error {}

const CONDITION = /^\s+(start|stop) on ([^,]+) \(job:\s*([^,]*), env:/;
const EMITS = /^\s+emits\s+(\S+)/;
const JOB = /^\S+$/;

/** What depends on the environment of a job is named after it. */
const eventName = (name: string): string => (name.startsWith('$') ? `JOB:${name}` : name);

const readLine = (line: string, job: GraphJob): boolean => {
  const condition = CONDITION.exec(line);
  const emitted = EMITS.exec(line);
  if (condition !== null) {
    const [, kind, event = '', of = ''] = condition;
    (kind === 'start' ? job.startOn : job.stopOn).push({ event: eventName(event), job: of });
  } else if (emitted !== null) job.emits.push(eventName(emitted[1] ?? ''));
  else return false;
  return true;
};

/**
 * Read what `initctl show-config -e` prints.
 * @throws InvalidLine
 */
export const readGraph = (text: string): GraphJob[] => {
  const jobs: GraphJob[] = [];
  for (const line of text.split('\n')) {
    const last = jobs.at(-1);
    if (line.trim() === '' || (last !== undefined && readLine(line, last))) continue;
    if (!JOB.test(line)) throw new InvalidLine(line);
    jobs.push({ name: line, emits: [], startOn: [], stopOn: [] });
  }
  return jobs;
};

/** What names of nodes can't have, and what they have instead. */
const SPELLED: Readonly<Record<string, string>> = {
  '-': '_',
  $: 'dollar_',
  '[': 'lbracker',
  ']': 'rbracker',
  '!': 'bang',
  ':': 'colon',
  '*': 'star',
  '?': 'question',
  '.': 'dot',
  '/': 'slash',
};

const spell = (name: string): string => name.replace(/[-$[\]!:*?./]/g, (character) => SPELLED[character] ?? character);

/** Text within quotes, where the original's would end them. */
const quotable = (text: string): string => text.replace(/["\\]/g, '\\$&');

/** What dot(1) takes for a name as it is. */
const PLAIN_NAME = /^[\w\u0080-\uffff]+$/;
const nodeName = (name: string): string => (PLAIN_NAME.test(name) ? name : `"${quotable(name)}"`);

const jobNode = (name: string): string => nodeName(`job_${spell(name)}`);
const eventNode = (name: string): string => nodeName(`event_${spell(name)}`);

/** The label of a record, whose fields are made by these. */
const inRecord = (text: string): string => quotable(text).replace(/[|{}<>]/g, '\\$&');

export type Colors = Readonly<Record<ColorOf, string>>;

const header = (colors: Colors): string[] => [
  'digraph upstart {',
  `  node [shape="diamond", fontcolor="${colors['event-text']}", fillcolor="${colors.event}", style="filled"];`,
  '  rankdir=LR;',
  '  overlap=false;',
  `  bgcolor="${colors.bg}";`,
  `  fontcolor="${colors.text}";`,
];

const eventLine = (name: string, colors: Colors): string => {
  const style = name.includes('*') ? 'dotted' : 'filled';
  return `  ${eventNode(name)} [label="${quotable(name)}", shape=diamond, fontcolor="${colors['event-text']}", fillcolor="${colors.event}", style="${style}"];`;
};

const jobLine = (name: string, colors: Colors): string =>
  `  ${jobNode(name)} [shape="record", label="<job> ${inRecord(name)} | { <start> start on | <stop> stop on }", fontcolor="${colors['job-text']}", style="filled",  fillcolor="${colors.job}"];`;

const edge = (from: string, to: string, color: string): string => `  ${from} -> ${to} [color="${color}"];`;

const startEdge = (job: string, { event, job: of }: GraphEvent, { 'start-on': color }: Colors): string => {
  const start = `${jobNode(job)}:start`;
  if (of === '') return edge(eventNode(event), start, color);
  // Who starts on "starting" comes first.
  return event === 'starting' ? edge(start, `${jobNode(of)}:job`, color) : edge(`${jobNode(of)}:job`, start, color);
};

const stopEdge = (job: string, { event, job: of }: GraphEvent, { 'stop-on': color }: Colors): string =>
  edge(of === '' ? eventNode(event) : `${jobNode(of)}:job`, `${jobNode(job)}:stop`, color);

/** The event itself, and those that a pattern stands for. */
const emittedEvents = (emitted: string, known: ReadonlySet<string>): string[] => [
  emitted,
  ...(emitted.includes('*') ? [...known].filter((event) => event !== emitted && matchGlob(emitted, event)) : []),
];

const edgesOf = ({ name, emits, startOn, stopOn }: GraphJob, known: ReadonlySet<string>, colors: Colors): string[] => [
  ...emits
    .flatMap((emitted) => emittedEvents(emitted, known))
    .map((event) => edge(`${jobNode(name)}:job`, eventNode(event), colors.emits)),
  ...startOn.map((event) => startEdge(name, event, colors)),
  ...stopOn.map((event) => stopEdge(name, event, colors)),
];

const conditionsOf = ({ startOn, stopOn }: GraphJob): GraphEvent[] => [...startOn, ...stopOn];

const eventsOf = (jobs: readonly GraphJob[]): Set<string> =>
  new Set(
    jobs.flatMap((job) => [
      ...job.emits,
      ...conditionsOf(job).flatMap(({ event, job: of }) => (of === '' ? [event] : [])),
    ]),
  );

const jobNames = (jobs: readonly GraphJob[]): Set<string> =>
  new Set(jobs.flatMap((job) => [job.name, ...conditionsOf(job).flatMap(({ job: of }) => (of === '' ? [] : [of]))]));

const legend = (colors: Colors): string[] => [
  `Boxes of color ${colors.job} denote jobs.`,
  `Solid diamonds of color ${colors.event} denote events.`,
  "Dotted diamonds denote 'glob' events.",
  `Emits denoted by ${colors.emits} lines.`,
  `Start on denoted by ${colors['start-on']} lines.`,
  `Stop on denoted by ${colors['stop-on']} lines.`,
];

export interface GraphOptions {
  readonly colors: Colors;
  /** Where it comes from: the first line of the label. */
  readonly title: string;
}

/** A graph of the jobs, in the language of dot(1). */
export const graphText = (jobs: readonly GraphJob[], { colors, title }: GraphOptions): string => {
  const events = eventsOf(jobs);
  const label = [title, ...legend(colors)].map((line) => `${line.replaceAll('"', '\\"')}\\n`).join('');
  return [
    ...header(colors),
    ...[...events].map((event) => eventLine(event, colors)),
    ...[...jobNames(jobs)].map((name) => jobLine(name, colors)),
    ...jobs.flatMap((job) => edgesOf(job, events, colors)),
    'overlap=false;',
    `label="${label}";`,
    '}',
    '',
  ].join('\n');
};
