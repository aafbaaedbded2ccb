import { matchGlob } from '@maverick/conf';
import { type DependencyGraph, type EdgeKind, GraphBuilder } from './dependency-graph.js';

/** An event of a condition. */
export interface ConditionEvent {
  readonly event: string;
  /** The job that it must be of, for the events of jobs. */
  readonly job?: string;
}

/** What a job's file says of what leads to it, and of what it leads to. */
export interface GraphedJob {
  readonly name: string;
  readonly emits: readonly string[];
  readonly startOn: readonly ConditionEvent[];
  readonly stopOn: readonly ConditionEvent[];
  /** The jobs that its `while` names. */
  readonly while: readonly string[];
}

class ConfigurationGraph extends GraphBuilder {
  job(name: string): string {
    return this.node({ kind: 'job', label: name, name });
  }

  event(name: string): string {
    return this.node({ kind: 'event', label: name, name });
  }

  condition(to: string, events: readonly ConditionEvent[], kind: EdgeKind): void {
    for (const { event, job } of events) {
      if (job === undefined) this.edge(this.event(event), to, kind);
      else this.edge(this.job(job), to, kind, event);
    }
  }
}

/** The events that a pattern of `emits` stands for, and itself. */
const emitted = (pattern: string, known: readonly string[]): string[] => [
  pattern,
  ...(pattern.includes('*') ? known.filter((event) => event !== pattern && matchGlob(pattern, event)) : []),
];

const namesOf = (jobs: readonly GraphedJob[]): string[] => [
  ...new Set(
    jobs.flatMap(({ startOn, stopOn }) =>
      [...startOn, ...stopOn].flatMap(({ event, job }) => (job === undefined ? event : [])),
    ),
  ),
];

/** The graph of a configuration: what could lead to what, by the job files. */
export const configurationGraph = (jobs: readonly GraphedJob[], title: string): DependencyGraph => {
  const graph = new ConfigurationGraph();
  const known = namesOf(jobs);
  for (const { name } of jobs) graph.job(name);
  for (const { name, emits, startOn, stopOn, while: states } of jobs) {
    const job = graph.job(name);
    graph.condition(job, startOn, 'start');
    graph.condition(job, stopOn, 'stop');
    for (const other of states) graph.edge(graph.job(other), job, 'while');
    for (const event of emits.flatMap((pattern) => emitted(pattern, known)))
      graph.edge(job, graph.event(event), 'emit');
  }
  return graph.graph(title);
};
