import { oneLine } from '@maverick/conf';
import { type DependencyGraph, type EdgeKind, type GraphNode, groupsOf } from './dependency-graph.js';

const ARROWS = { start: '-->', stop: '-.-x', emit: '==>', while: '-.->' } as const satisfies Record<EdgeKind, string>;

/** Text within quotes, where Mermaid has entities of its own. */
const quoted = (text: string): string =>
  `"${oneLine(text).replace(/[#"<>&]/g, (character) => `#${character.charCodeAt(0)};`)}"`;

const nodeText = ({ kind, label, note }: GraphNode, id: string): string => {
  const text = quoted(note === undefined ? label : `${label}: ${note}`);
  return kind === 'event' ? `${id}{{${text}}}` : `${id}[${text}]`;
};

/**
 * The graph as a Mermaid flowchart, for Markdown.
 * @param grouped default true
 */
export const graphMermaid = (graph: DependencyGraph, grouped = true): string => {
  const ids = new Map(graph.nodes.map(({ id }, index) => [id, `n${index}`]));
  const groups = grouped ? groupsOf(graph) : [];
  const inGroups = new Set(groups.flatMap(({ members }) => members));
  const textOf = (node: GraphNode): string => nodeText(node, ids.get(node.id) ?? '');
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  return [
    'flowchart LR',
    ...graph.nodes.filter(({ id }) => !inGroups.has(id)).map((node) => `  ${textOf(node)}`),
    ...groups.flatMap(({ title, members }, index) => [
      `  subgraph g${index}[${quoted(title)}]`,
      ...members.flatMap((id) => byId.get(id) ?? []).map((node) => `    ${textOf(node)}`),
      '  end',
    ]),
    ...graph.edges.map(
      ({ from, to, kind, label }) =>
        `  ${ids.get(from)} ${ARROWS[kind]}${label === '' ? '' : `|${quoted(label)}|`} ${ids.get(to)}`,
    ),
    '',
  ].join('\n');
};
