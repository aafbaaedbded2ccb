import { matchGlob } from '@maverick/conf';
import type { InstanceStatus, JobProperties, ListedJob } from '@maverick/dbus/client';
import { operatorOf, readEvent } from './condition.js';

/** What starts what: events, below each the jobs that it starts, and below each job what that starts in turn. */
export type TreeNode =
  | {
      readonly kind: 'event';
      readonly event: string;
      readonly children: readonly TreeNode[];
    }
  | {
      readonly kind: 'job';
      readonly job: JobProperties;
      readonly instances: readonly InstanceStatus[];
      /** What of the node above it: an event of a job's life, or `while` it runs; the event itself where an event is above. */
      readonly via: string;
      /** It stands somewhere above with all that is below it. */
      readonly repeated: boolean;
      readonly children: readonly TreeNode[];
    }
  /** Jobs that nothing starts but a command. */
  | { readonly kind: 'by-hand'; readonly children: readonly TreeNode[] };

/** What hangs below an event or a job: a job, and by what. */
interface Link {
  readonly job: string;
  readonly via: string;
}

const push = <K, V>(map: Map<K, V[]>, key: K, value: V): void => {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
};

const STATE_WORDS: ReadonlySet<string> = new Set(['and', 'or']);

/** The jobs that a `while` wants up, from its text: `(net IF=eth0 and not container)`. */
export const jobsOfStates = (text: string): string[] => {
  const words = text.replace(/[()]/g, ' ').split(/\s+/).filter(Boolean);
  return words.filter((word, index) => {
    const before = words[index - 1];
    const beginsTerm = index === 0 || STATE_WORDS.has(before ?? '');
    return beginsTerm && word !== 'not' && !STATE_WORDS.has(word);
  });
};

/** Who is started by whom, as the job files say. */
class Links {
  readonly ofEvent = new Map<string, Link[]>();
  readonly ofJob = new Map<string, Link[]>();
  readonly byHand: string[] = [];

  constructor(jobs: ReadonlyMap<string, JobProperties>) {
    for (const job of jobs.values()) this.#add(job, jobs);
  }

  #add({ name, startOn = [], while: states }: JobProperties, jobs: ReadonlyMap<string, JobProperties>): void {
    const wanted = states ? jobsOfStates(states) : [];
    const events = startOn.filter(([token]) => operatorOf(token) === undefined).map(readEvent);
    for (const { event, job } of events) {
      if (job !== undefined && jobs.has(job)) this.#link(this.ofJob, job, name, event);
      else this.#link(this.ofEvent, job === undefined ? event : `${event} ${job}`, name, event);
    }
    for (const job of wanted) this.#link(jobs.has(job) ? this.ofJob : this.ofEvent, job, name, 'while');
    if (events.length === 0 && wanted.length === 0) this.byHand.push(name);
  }

  #link(map: Map<string, Link[]>, from: string, job: string, via: string): void {
    if (!map.get(from)?.some((link) => link.job === job)) push(map, from, { job, via });
  }
}

const FIRST_EVENT = 'startup';

const byName = (a: string, b: string): number =>
  Number(b === FIRST_EVENT) - Number(a === FIRST_EVENT) || (a < b ? -1 : 1);

/** Lays a tree out: each job has what is below it once. */
class Layout {
  readonly #jobs: ReadonlyMap<string, JobProperties>;
  readonly #instances: ReadonlyMap<string, readonly InstanceStatus[]>;
  readonly #links: Links;
  readonly #placedJobs = new Set<string>();
  readonly #placedEvents = new Set<string>();

  constructor(jobs: ReadonlyMap<string, JobProperties>, listed: readonly ListedJob[]) {
    this.#jobs = jobs;
    this.#instances = new Map(listed.map(({ name, instances }) => [name, instances.map(({ status }) => status)]));
    this.#links = new Links(jobs);
  }

  roots(): TreeNode[] {
    const events = [...this.#links.ofEvent.keys()].toSorted(byName);
    const fromOutside = events.filter((event) => !this.#emitters(event).length);
    const roots = fromOutside.map((event) => this.#event(event));
    const byHand = this.#links.byHand.toSorted().map((job) => this.#job({ job, via: '' }));
    // Circles of jobs that start each other, and events that only they emit.
    const rest = [...this.#jobs.keys()].toSorted().filter((job) => !this.#placedJobs.has(job));
    const circles = rest.flatMap((job) => (this.#placedJobs.has(job) ? [] : [this.#job({ job, via: '' })]));
    return [...roots, ...circles, ...(byHand.length === 0 ? [] : [{ kind: 'by-hand', children: byHand } as const])];
  }

  #emitters(event: string): string[] {
    return [...this.#jobs.values()].flatMap(({ name, emits = [] }) =>
      emits.some((glob) => matchGlob(glob, event)) ? [name] : [],
    );
  }

  #event(event: string): TreeNode {
    this.#placedEvents.add(event);
    return { kind: 'event', event, children: this.#children(this.#links.ofEvent.get(event) ?? []) };
  }

  #children(links: readonly Link[]): TreeNode[] {
    return links.toSorted((a, b) => byName(a.job, b.job)).map((link) => this.#job(link));
  }

  #job({ job: name, via }: Link): TreeNode {
    const job = this.#jobs.get(name);
    if (job === undefined) throw new Error(`the tree has no job ${name}`);
    const repeated = this.#placedJobs.has(name);
    this.#placedJobs.add(name);
    const children = repeated ? [] : [...this.#children(this.#links.ofJob.get(name) ?? []), ...this.#emitted(job)];
    return { kind: 'job', job, via, instances: this.#instances.get(name) ?? [], repeated, children };
  }

  /** The events that a job says it emits, below the first that does. */
  #emitted({ emits = [] }: JobProperties): TreeNode[] {
    const events = [...this.#links.ofEvent.keys()].filter((event) => emits.some((glob) => matchGlob(glob, event)));
    return events.toSorted(byName).flatMap((event) => (this.#placedEvents.has(event) ? [] : [this.#event(event)]));
  }
}

/** Build the tree of all jobs: `startup` first, other events by name, jobs of no event last. */
export const buildTree = (definitions: readonly JobProperties[], listed: readonly ListedJob[]): TreeNode[] =>
  new Layout(new Map(definitions.map((job) => [job.name, job])), listed).roots();
