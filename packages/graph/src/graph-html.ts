import type { DependencyGraph } from './dependency-graph.js';
import { escapeMarkup, scriptJson } from './escape-markup.js';

const STYLE = `
body{margin:0;font:14px/1.4 system-ui,sans-serif}header{padding:.6em 1em;border-bottom:1px solid #ccc;display:flex;gap:1em;flex-wrap:wrap}
h1{font-size:1.1em;margin:0}main{overflow:auto;padding:1em}.node{cursor:pointer}.faded{opacity:.12}
.key i{display:inline-block;width:1.6em;border-top:3px solid;vertical-align:middle}`;

/** A node that is chosen shows what it hangs together with directly; a name that is typed shows the nodes that have it. */
const SCRIPT = `
const { names, edges } = JSON.parse(document.getElementById('graph').textContent);
const things = [...document.querySelectorAll('.node, .edge')];
const show = (kept) => things.forEach((thing) => thing.classList.toggle('faded', kept !== undefined && !kept.has(thing.id)));
document.querySelector('main').addEventListener('click', ({ target }) => {
  const node = target.closest('.node');
  if (node === null) return show();
  const kept = new Set([node.id]);
  edges.forEach(([from, to], index) => {
    if (from === node.id || to === node.id) for (const id of [from, to, 'e' + index]) kept.add(id);
  });
  show(kept);
});
document.getElementById('filter').addEventListener('input', ({ target: { value } }) => {
  if (value === '') return show();
  show(new Set(names.flatMap((name, index) => (name.includes(value) ? ['n' + index] : []))));
});`;

const KEY =
  '<span class="key"><i style="color:#009e73"></i> starts <i style="color:#d55e00"></i> stops <i style="color:#0072b2"></i> emits <i style="color:#cc79a7"></i> while</span>';

/** Without the prologue, which has no place within a page. */
const elementOf = (svg: string): string => svg.slice(Math.max(0, svg.indexOf('<svg')));

/**
 * A page of its own around the image of a graph: it needs no other file, and no network.
 * @param svg what `renderSvg` has made of `graphDot` of this graph
 */
export const graphHtml = ({ title, nodes, edges }: DependencyGraph, svg: string): string => {
  const ids = new Map(nodes.map(({ id }, index) => [id, `n${index}`]));
  const names = nodes.map(({ label, note }) => (note === undefined ? label : `${label} ${note}`));
  const pairs = edges.map(({ from, to }) => [ids.get(from), ids.get(to)]);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escapeMarkup(title)}</title><style>${STYLE}</style></head><body>
<header><h1>${escapeMarkup(title)}</h1><label>Find: <input id="filter" type="search" placeholder="part of a name"></label>${KEY}</header>
<main>${elementOf(svg)}</main>
<script id="graph" type="application/json">${scriptJson({ names, edges: pairs })}</script><script>${SCRIPT}</script></body></html>
`;
};
