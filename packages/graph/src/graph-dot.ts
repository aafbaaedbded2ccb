import { oneLine } from '@maverick/conf';
import {
  type DependencyGraph,
  type EdgeKind,
  type GraphEdge,
  type GraphGroup,
  type GraphNode,
  groupsOf,
} from './dependency-graph.js';
import { shortText } from './short-text.js';

const EDGE_LOOKS = {
  start: 'color="#009e73"',
  stop: 'color="#d55e00", style=dashed, constraint=false',
  emit: 'color="#0072b2"',
  while: 'color="#cc79a7", style=dotted, penwidth=2',
} as const satisfies Record<EdgeKind, string>;

/** Control characters are spelt: a terminal would obey them, and SVG can't have them. */
const quoted = (text: string): string => `"${oneLine(text).replace(/[\\"]/g, '\\$&')}"`;

/** The attributes of a name, and of what stands below it. One that is cut is whole in the tooltip. */
const named = (name: string, note?: string): string => {
  const short = shortText(name);
  const label = note === undefined ? quoted(short) : `${quoted(short).slice(0, -1)}\\n${quoted(note).slice(1)}`;
  return `label=${label}${short === name ? '' : ` tooltip=${quoted(name)}`}`;
};

const nodeLine = ({ kind, label, note, hasCrashed }: GraphNode, id: string): string => {
  const look =
    kind === 'event'
      ? 'shape=diamond, fillcolor="#f0e442"'
      : `shape=box, fillcolor="${hasCrashed ? '#f4b6a0' : '#d9ecf7'}"`;
  return `${id} [id="${id}", class="${kind}", ${named(label, note)}, ${look}];`;
};

/** One edge for all of a group, to its box. */
const edgeLines = (
  edges: readonly GraphEdge[],
  ids: ReadonlyMap<string, string>,
  groups: readonly GraphGroup[],
): string[] => {
  const groupOf = new Map(groups.flatMap(({ members }, index) => members.map((id) => [id, index] as const)));
  const drawn = new Set<string>();
  return edges.flatMap(({ from, to, kind, label }, index) => {
    const group = kind === 'start' ? groupOf.get(to) : undefined;
    const key = [from, group, label].join('\0');
    if (group !== undefined && drawn.has(key)) return [];
    if (group !== undefined) drawn.add(key);
    // An edge to a box needs one of its nodes to point to; one that comes from there points to the node.
    const isInside = group !== undefined && groupOf.get(from) === group;
    const head = group === undefined || isInside ? '' : `, lhead="cluster_${group}"`;
    const text = label === '' ? '' : `, ${named(label)}`;
    return `  ${ids.get(from)} -> ${ids.get(to)} [id="e${index}", ${EDGE_LOOKS[kind]}${text}${head}];`;
  });
};

/**
 * The graph in the language of dot(1). Jobs are boxes, events diamonds; those with the same causes are in one box. A long
 * name is cut; its tooltip is the whole.
 * @param grouped default true
 */
export const graphDot = (graph: DependencyGraph, grouped = true): string => {
  const { title, nodes, edges } = graph;
  const ids = new Map(nodes.map(({ id }, index) => [id, `n${index}`]));
  const groups = grouped ? groupsOf(graph) : [];
  const inGroups = new Set(groups.flatMap(({ members }) => members));
  const lineOf = (node: GraphNode): string => nodeLine(node, ids.get(node.id) ?? '');
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return [
    'digraph upstart {',
    '  rankdir=LR; compound=true; newrank=true; nodesep=0.2; ranksep=0.6;',
    `  label=${quoted(title)}; fontname="sans-serif";`,
    '  node [fontname="sans-serif", fontsize=11, style=filled];',
    '  edge [fontname="sans-serif", fontsize=9];',
    ...nodes.filter(({ id }) => !inGroups.has(id)).map((node) => `  ${lineOf(node)}`),
    ...groups.flatMap(({ title: name, members }, index) => [
      `  subgraph cluster_${index} {`,
      `    ${named(name)}; style="rounded,filled"; color="#999999"; fillcolor="#f5f5f5"; fontsize=10;`,
      ...members.flatMap((id) => byId.get(id) ?? []).map((node) => `    ${lineOf(node)}`),
      '  }',
    ]),
    ...edgeLines(edges, ids, groups),
    '}',
    '',
  ].join('\n');
};
