import type { Cause } from '@maverick/engine';
import { eventText, inputText, instanceText } from './cause-words.js';
import { type DependencyGraph, type EdgeKind, GraphBuilder } from './dependency-graph.js';
import { type EventFact, type History, type InputFact, type Run, ranMs } from './history.js';
import { endOf } from './run-end.js';
import { spanText } from './span-text.js';

/** Those that jobs emit by themselves: an edge from the job, not a node. */
const OF_JOBS: ReadonlySet<string> = new Set(['starting', 'started', 'stopping', 'stopped']);

class BootGraph extends GraphBuilder {
  readonly #history: History;

  constructor(history: History, isPresent: boolean) {
    super();
    this.#history = history;
    for (const run of history.runs) this.#run(run, isPresent);
    for (const run of history.runs) this.#causes(run);
    for (const event of history.events.values()) if (!OF_JOBS.has(event.name)) this.#event(event);
  }

  #run(run: Run, isPresent: boolean): void {
    const { began, from } = this.#history;
    const end = endOf(this.#history, run, isPresent);
    // Of what goes on nobody knows how long it will have run.
    const ran = end.kind === 'running' ? undefined : ranMs(run, this.#history.to.at);
    const at = !run.hasBeginning ? 'since before the journal' : `at ${spanText(run.began.at - (began ?? from).at)}`;
    this.node({
      kind: 'job',
      label: instanceText(run.ref),
      name: run.ref.job,
      note: [
        at,
        end.kind === 'running' ? end.text : '',
        ran === undefined
          ? ''
          : `ran ${run.hasBeginning && run.ended !== undefined ? '' : 'at least '}${spanText(ran)}`,
      ]
        .filter(Boolean)
        .join(', '),
      hasCrashed: end.kind === 'crashed',
    });
  }

  #causes(run: Run): void {
    const job = this.#job(run);
    if (!run.isRespawn && run.startCause !== undefined) this.#cause(job, run.startCause, 'start');
    const { stopCause, processes } = run;
    const ender = stopCause && this.#history.inputs.get(stopCause.input)?.process;
    // Its own end is no cause from elsewhere.
    const isOwn = ender !== undefined && processes.some(({ process }) => process === ender);
    if (stopCause !== undefined && !(isOwn && stopCause.event === undefined)) this.#cause(job, stopCause, 'stop');
  }

  #job({ ref }: Pick<Run, 'ref'>): string {
    return this.node({ kind: 'job', label: instanceText(ref), name: ref.job });
  }

  #event(event: EventFact): string {
    const node = this.node({ kind: 'event', label: eventText(event), name: event.name });
    const { caller } = this.#history.inputs.get(event.cause.input) ?? {};
    if (caller !== undefined) this.edge(this.#job({ ref: caller.instance }), node, 'emit');
    return node;
  }

  #cause(to: string, { input, event }: Cause, kind: EdgeKind): void {
    const fact = event === undefined ? undefined : this.#history.events.get(event);
    if (fact !== undefined) {
      const { instance } = fact.cause;
      // One of a job is an edge from it; but anybody may emit an event of that name.
      if (!OF_JOBS.has(fact.name) || instance === undefined) this.edge(this.#event(fact), to, kind);
      else this.edge(this.#job({ ref: instance }), to, kind, fact.name);
      return;
    }
    const told = this.#history.inputs.get(input);
    if (told !== undefined) this.#told(to, told, kind);
  }

  /** A command, or what the engine was told else, when no event was between. */
  #told(to: string, told: InputFact, kind: EdgeKind): void {
    if (told.caller === undefined) {
      const name = inputText(this.#history, told);
      this.edge(this.node({ kind: 'event', label: `(${name})`, name }), to, kind);
    } else this.edge(this.#job({ ref: told.caller.instance }), to, kind, told.kind);
  }
}

/**
 * The graph of what happened: which event and which job really led to which.
 * @param isPresent the daemon of the history is there
 */
export const bootGraph = (history: History, isPresent: boolean): DependencyGraph => {
  const { time } = history.began ?? history.from;
  return new BootGraph(history, isPresent).graph(`What happened from ${time} on`);
};
