/** Cycles in a graph, such as of jobs of which each needs the next. */

/** Where each node leads to; nodes that are no keys lead nowhere. */
export type Edges<Node> = ReadonlyMap<Node, ReadonlySet<Node>>;

interface Visit<Node> {
  readonly name: Node;
  /** Its place in the order of discovery, and the first place that it leads back to. */
  readonly order: number;
  low: number;
  readonly next: Iterator<Node>;
}

const NONE: ReadonlySet<never> = new Set();

/**
 * The groups of nodes that lead back to themselves, each in the order of the edges' keys, and the groups in that of their first.
 * Tarjan's strongly connected components, without recursion.
 */
export const cyclicGroups = <Node extends string | number>(edges: Edges<Node>): readonly (readonly Node[])[] => {
  const visits = new Map<Node, Visit<Node>>();
  const open: Visit<Node>[] = [];
  const isOpen = new Set<Node>();
  const groups: Node[][] = [];

  const visit = (name: Node): Visit<Node> => {
    const next: Iterator<Node> = (edges.get(name) ?? NONE).values();
    const entered = { name, order: visits.size, low: visits.size, next };
    visits.set(name, entered);
    open.push(entered);
    isOpen.add(name);
    return entered;
  };
  const close = ({ name, order, low }: Visit<Node>): void => {
    if (low !== order) return;
    const group = open.splice(open.findIndex((member) => member.name === name)).map((member) => member.name);
    for (const member of group) isOpen.delete(member);
    if (group.length > 1 || edges.get(name)?.has(name)) groups.push(group);
  };
  const walk = (root: Node): void => {
    const path = [visit(root)];
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const { value: name, done } = top.next.next();
      const known = done ? undefined : visits.get(name);
      if (done) {
        path.pop();
        const below = path.at(-1);
        if (below) below.low = Math.min(below.low, top.low);
        close(top);
      } else if (!known && edges.has(name)) path.push(visit(name));
      else if (known && isOpen.has(name)) top.low = Math.min(top.low, known.order);
    }
  };

  for (const name of edges.keys()) if (!visits.has(name)) walk(name);
  const places = new Map([...edges.keys()].map((name, index) => [name, index]));
  const place = (name: Node | undefined): number => (name === undefined ? 0 : (places.get(name) ?? 0));
  return groups.map((group) => group.sort((a, b) => place(a) - place(b))).sort(([a], [b]) => place(a) - place(b));
};

/** The shortest way from one node to another, both included; the one alone where they are the same. */
export const shortestWay = <Node extends string | number>(
  from: Node,
  to: Node,
  edges: Edges<Node>,
): readonly Node[] | undefined => {
  const before = new Map<Node, Node | undefined>([[from, undefined]]);
  // The map grows while it is walked.
  for (const node of before.keys()) {
    if (node === to) break;
    for (const next of edges.get(node) ?? NONE) if (!before.has(next)) before.set(next, node);
  }
  if (!before.has(to)) return undefined;
  const way: Node[] = [];
  for (let step: Node | undefined = to; step !== undefined; step = before.get(step)) way.push(step);
  return way.reverse();
};
