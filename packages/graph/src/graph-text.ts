import { oneLine } from '@maverick/conf';
import { type DependencyGraph, type EdgeKind, type GraphEdge, groupBy } from './dependency-graph.js';

/** What each kind of edge says of the node that it leads to, and of the one that it comes from. */
const WORDS = {
  start: { into: 'started by', out: 'starts' },
  stop: { into: 'stopped by', out: 'stops' },
  emit: { into: 'emitted by', out: 'emits' },
  while: { into: 'runs while', out: 'holds' },
} as const satisfies Record<EdgeKind, { readonly into: string; readonly out: string }>;

const KINDS = Object.keys(WORDS) as EdgeKind[];
const INDENT = 2;
const COLUMN = 'stopped by'.length + 2;

/** The graph as a summary: of each job and event what leads to it, and what it leads to. Control characters are spelt: a name has one line. */
export const graphText = ({ nodes, edges }: DependencyGraph): string => {
  const labels = new Map(nodes.map(({ id, label }) => [id, oneLine(label)]));
  const into = groupBy(edges, ({ to }) => to);
  const out = groupBy(edges, ({ from }) => from);
  const other = (id: string, label: string): string => [label, labels.get(id) ?? id].filter(Boolean).join(' ');
  const line = (words: string, texts: readonly string[]): string[] =>
    texts.length === 0 ? [] : [`${' '.repeat(INDENT)}${words.padEnd(COLUMN)}${texts.join(', ')}`];
  const of = (all: readonly GraphEdge[] = [], kind: EdgeKind): readonly GraphEdge[] =>
    all.filter((edge) => edge.kind === kind);
  const blocks = nodes.map(({ id, kind, label, note }) =>
    [
      `${kind === 'event' ? 'event ' : ''}${oneLine(label)}${note === undefined ? '' : ` (${oneLine(note)})`}`,
      ...KINDS.flatMap((one) =>
        line(
          WORDS[one].into,
          of(into.get(id), one).map((edge) => other(edge.from, edge.label)),
        ),
      ),
      ...KINDS.flatMap((one) =>
        line(
          WORDS[one].out,
          of(out.get(id), one).map((edge) => `${labels.get(edge.to)}${edge.label === '' ? '' : ` (${edge.label})`}`),
        ),
      ),
    ].join('\n'),
  );
  return `${blocks.join('\n')}\n`;
};
