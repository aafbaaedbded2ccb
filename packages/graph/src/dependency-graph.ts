/** What leads to what: jobs and events, of a configuration or of a boot. */
export interface DependencyGraph {
  /** What it is a graph of, for people. */
  readonly title: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export interface GraphNode {
  /** Unique in its graph. */
  readonly id: string;
  readonly kind: 'job' | 'event';
  /** The job, or the event; with its instance or environment, where it is of a boot. */
  readonly label: string;
  /** The job's or the event's name alone: what {@link restrictGraph} looks for. */
  readonly name: string;
  /** What became of it, in a boot. */
  readonly note?: string;
  readonly hasCrashed?: boolean;
}

/** `start`: it makes the other start; `stop`: makes it stop; `emit`: emits it; `while`: the other runs only while it does. */
export type EdgeKind = 'start' | 'stop' | 'emit' | 'while';

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: EdgeKind;
  /** By which event of a job, such as `started`; `''` from an event. */
  readonly label: string;
}

/** Things by a key of theirs, in their order. */
export const groupBy = <T>(things: readonly T[], keyOf: (thing: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const key = keyOf(thing);
    const group = groups.get(key);
    if (group) group.push(thing);
    else groups.set(key, [thing]);
  }
  return groups;
};

/** Collects nodes and edges, each once. */
export class GraphBuilder {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #edges = new Map<string, GraphEdge>();

  /** @returns its id; what is there already stays as it is */
  node(node: Omit<GraphNode, 'id'>): string {
    const id = `${node.kind} ${node.label}`;
    if (!this.#nodes.has(id)) this.#nodes.set(id, { id, ...node });
    return id;
  }

  edge(from: string, to: string, kind: EdgeKind, label = ''): void {
    this.#edges.set([from, to, kind, label].join('\0'), { from, to, kind, label });
  }

  graph(title: string): DependencyGraph {
    return { title, nodes: [...this.#nodes.values()], edges: [...this.#edges.values()] };
  }
}

/** Which part of a graph. */
export interface GraphScope {
  /** Jobs or events of this name, and what hangs together with them. */
  readonly name: string;
  /** What leads to them. */
  readonly causes: boolean;
  /** What they lead to. */
  readonly effects: boolean;
  /** So many edges away at most; default any number. */
  readonly depth?: number;
}

/** The ids that can be reached from these, so many edges away at most. */
const reach = (
  edges: readonly GraphEdge[],
  from: readonly string[],
  depth: number,
  backwards: boolean,
): Set<string> => {
  const next = groupBy(edges, ({ from: here, to }) => (backwards ? to : here));
  const met = new Set(from);
  let present: readonly string[] = from;
  for (let step = 0; step < depth && present.length > 0; step += 1) {
    const found = present.flatMap((id) => next.get(id) ?? []).map((edge) => (backwards ? edge.from : edge.to));
    present = [...new Set(found)].filter((id) => !met.has(id));
    for (const id of present) met.add(id);
  }
  return met;
};

/** @returns undefined where the graph has nothing of this name */
export const restrictGraph = (graph: DependencyGraph, scope: GraphScope): DependencyGraph | undefined => {
  const { name, causes, effects, depth = Number.POSITIVE_INFINITY } = scope;
  const centre = graph.nodes.filter((node) => node.name === name || node.label === name).map(({ id }) => id);
  if (centre.length === 0) return undefined;
  const before = causes ? reach(graph.edges, centre, depth, true) : new Set(centre);
  const after = effects ? reach(graph.edges, centre, depth, false) : new Set(centre);
  const within = (ids: ReadonlySet<string>, { from, to }: GraphEdge): boolean => ids.has(from) && ids.has(to);
  return {
    title: graph.title,
    nodes: graph.nodes.filter(({ id }) => before.has(id) || after.has(id)),
    edges: graph.edges.filter((edge) => within(before, edge) || within(after, edge)),
  };
};

/** Jobs that the same things start: drawn in one box, with one edge for all. */
export interface GraphGroup {
  readonly title: string;
  /** Ids of nodes. */
  readonly members: readonly string[];
}

const FEWEST_MEMBERS = 3;

const startText = ({ from, label }: GraphEdge, labels: ReadonlyMap<string, string>): string =>
  [label, labels.get(from) ?? from].filter(Boolean).join(' ');

/** The groups of jobs with the same causes of their start. A job is in one group at most; few of a kind are in none. */
export const groupsOf = ({ nodes, edges }: DependencyGraph): GraphGroup[] => {
  const labels = new Map(nodes.map(({ id, label }) => [id, label]));
  const starts = groupBy(
    edges.filter(({ kind }) => kind === 'start'),
    ({ to }) => to,
  );
  const titleOf = (id: string): string =>
    (starts.get(id) ?? [])
      .map((edge) => startText(edge, labels))
      .toSorted()
      .join(', ');
  const groups = groupBy(
    nodes.filter(({ id, kind }) => kind === 'job' && starts.has(id)),
    ({ id }) => titleOf(id),
  );
  return [...groups].flatMap(([title, members]) =>
    members.length < FEWEST_MEMBERS ? [] : [{ title, members: members.map(({ id }) => id) }],
  );
};
