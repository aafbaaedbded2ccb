// Draws the engine's transition table: on the way up in the left column, on the way down in the right one.

const NODE = { width: 168, height: 38 };
const ROW = 58;
const COLUMNS = { up: 30, down: 420 };
const TOP = 24;
const LEGEND = 96;

/** Where each state stands: column and row. */
const PLACES = {
  waiting: ['up', 0],
  starting: ['up', 1],
  'security-spawning': ['up', 2],
  security: ['up', 3],
  'pre-starting': ['up', 4],
  'pre-start': ['up', 5],
  spawning: ['up', 6],
  spawned: ['up', 7],
  'post-starting': ['up', 8],
  'post-start': ['up', 9],
  running: ['up', 10],
  'pre-stopping': ['down', 10],
  'pre-stop': ['down', 9],
  stopping: ['down', 5],
  killed: ['down', 4],
  'post-stopping': ['down', 3],
  'post-stop': ['down', 2],
};

const STYLE = `
  text { font: 13px sans-serif; fill: #222 } .small { font-size: 10.5px; fill: #666 }
  rect { fill: #fff; stroke: #555; stroke-width: 1.2 } .passed rect { stroke-dasharray: 4 3; stroke: #999 }
  path { fill: none; stroke-width: 1.4 }
  .start { stroke: #2a7d3f; color: #2a7d3f } .stop { stroke: #b3402a; color: #b3402a } .ending { stroke: #a8741a; color: #a8741a; stroke-dasharray: 6 3 }
  marker path { fill: context-stroke; stroke: none }
  @media (prefers-color-scheme: dark) {
    svg { background: #181a1b } text { fill: #ddd } .small { fill: #999 } rect { fill: #222; stroke: #999 }
    .start { stroke: #6bc47e } .stop { stroke: #e58a75 } .ending { stroke: #dcae5c }
  }`;

const AWAITS = {
  nothing: () => 'passed at once',
  hook: () => 'until its event has finished',
  goal: () => 'until its goal changes',
  ready: () => 'until main is ready',
  process: ({ role }) => `until ${role} has ended`,
};

/** What a state waits for, in words. */
export const awaitsText = ({ awaits }) => AWAITS[awaits.kind](awaits);

const boxOf = (state) => {
  const place = PLACES[state];
  if (place === undefined) throw new Error(`the drawing has no place for the state ${state}`);
  const [column, row] = place;
  return { x: COLUMNS[column], y: TOP + row * ROW, column, row };
};

/** The ways out of a state: `{ to, courses }`, those that lead to one state together. */
export const waysOut = ({ next }) => {
  const ways = new Map();
  for (const [course, target] of Object.entries(next)) {
    for (const to of typeof target === 'string' ? [target] : [target.alive, target.gone]) {
      ways.set(to, [...(ways.get(to) ?? []), course]);
    }
  }
  return [...ways].map(([to, courses]) => ({ to, courses }));
};

const route = (from, to, shift) => {
  const [a, b] = [boxOf(from), boxOf(to)];
  const middle = NODE.width / 2 + shift;
  if (a.column === b.column && Math.abs(a.row - b.row) === 1) {
    const [start, end] = b.row > a.row ? [a.y + NODE.height, b.y] : [a.y, b.y + NODE.height];
    return `M${a.x + middle} ${start} L${b.x + middle} ${end}`;
  }
  if (a.column === b.column) {
    const side = a.x + NODE.width;
    const [start, end] = [a.y + NODE.height / 2 + shift, b.y + NODE.height / 2 + shift];
    return `M${side} ${start} C${side + 46} ${start} ${side + 46} ${end} ${side} ${end}`;
  }
  const [x1, x2] = a.column === 'up' ? [a.x + NODE.width, b.x] : [a.x, b.x + NODE.width];
  const [y1, y2] = [a.y + NODE.height / 2 + shift, b.y + NODE.height / 2 + shift];
  const half = (x2 - x1) / 2;
  return `M${x1} ${y1} C${x1 + half} ${y1} ${x2 - half} ${y2} ${x2} ${y2}`;
};

const SHIFTS = { start: -5, ending: 0, stop: 5 };

const edges = (from, row) =>
  waysOut(row).flatMap(({ to, courses }) =>
    courses.map(
      (course) => `<path class="${course}" marker-end="url(#arrow)" d="${route(from, to, SHIFTS[course])}"/>`,
    ),
  );

const node = (state, row) => {
  const { x, y } = boxOf(state);
  const middle = x + NODE.width / 2;
  return [
    `<g${row.awaits.kind === 'nothing' ? ' class="passed"' : ''}>`,
    `<rect x="${x}" y="${y}" width="${NODE.width}" height="${NODE.height}" rx="6"/>`,
    `<text x="${middle}" y="${y + 16}" text-anchor="middle">${state}</text>`,
    `<text class="small" x="${middle}" y="${y + 30}" text-anchor="middle">${awaitsText(row)}</text></g>`,
  ].join('');
};

const LEGENDS = {
  start: 'goal start: up, or on with a respawn',
  stop: 'goal stop: down',
  ending: 'goal start, but this run must end first: down, to come up again',
};

const legend = (top) =>
  Object.entries(LEGENDS).map(([course, text], index) => {
    const y = top + index * 22;
    const line = `<path class="${course}" marker-end="url(#arrow)" d="M30 ${y - 4} L70 ${y - 4}"/>`;
    return `${line}<text x="80" y="${y}">${text}</text>`;
  });

/** @param transitions the engine's table, by state */
export const statesSvg = (transitions) => {
  const rows = Object.entries(transitions);
  const bottom = TOP + 11 * ROW;
  const [width, height] = [COLUMNS.down + NODE.width + 70, bottom + LEGEND];
  const arrow =
    '<marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z"/></marker>';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    '<title>The states of a job, and the ways between them</title>',
    `<style>${STYLE}\n</style>`,
    `<defs>${arrow}</defs>`,
    ...rows.flatMap(([state, row]) => edges(state, row)),
    ...rows.map(([state, row]) => node(state, row)),
    ...legend(bottom + 24),
    '</svg>\n',
  ].join('\n');
};
