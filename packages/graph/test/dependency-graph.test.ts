import { describe, expect, test } from 'vitest';
import { renderSvg } from '../src/graph-svg.js';
import {
  bootGraph,
  configurationGraph,
  type DependencyGraph,
  type GraphedJob,
  graphDot,
  graphHtml,
  graphMermaid,
  graphText,
  groupsOf,
  historiesOf,
  restrictGraph,
} from '../src/index.js';
import { Recorder } from './helpers/recorder.js';

const job = (name: string, more: Partial<GraphedJob> = {}): GraphedJob => ({
  name,
  emits: [],
  startOn: [],
  stopOn: [],
  while: [],
  ...more,
});

const edges = ({ edges: all }: DependencyGraph) =>
  all.map(({ from, to, kind, label }) => `${from} ${kind}${label === '' ? '' : ` (${label})`} ${to}`);

const CONFIGURATION = configurationGraph(
  [
    job('mount', { startOn: [{ event: 'startup' }], emits: ['mounted-*', 'ready'] }),
    job('db', { startOn: [{ event: 'mounted-data' }], stopOn: [{ event: 'stopping', job: 'mount' }] }),
    job('web', { startOn: [{ event: 'started', job: 'db' }, { event: 'ready' }], while: ['net'] }),
  ],
  'Jobs',
);

test('a configuration: conditions, what is emitted, patterns of that, and states', () => {
  expect(edges(CONFIGURATION)).toEqual([
    'event startup start job mount',
    'job mount emit event mounted-*',
    'job mount emit event mounted-data',
    'job mount emit event ready',
    'event mounted-data start job db',
    'job mount stop (stopping) job db',
    'job db start (started) job web',
    'event ready start job web',
    'job net while job web',
  ]);
});

const boot = (): DependencyGraph => {
  const recorder = new Recorder({
    net: 'start on startup\ntask\nexec net',
    web: 'start on net-up\nstop on stopping db\nexec web',
    db: 'start on starting web\nexec db',
    never: 'start on nothing\nexec never',
  });
  recorder.emit('startup').pass(5).started('net').emit('net-up', ['IF=a'], 'net').pass(5).started('db').started('web');
  recorder.pass(90).ended('net');
  recorder.send({ kind: 'stop', session: '', job: 'db', request: 1, wait: false });
  recorder.ended('db', { kind: 'signalled', signal: 11 });
  const [history] = historiesOf(recorder.lines);
  if (history === undefined) throw new Error('no history');
  return bootGraph(history, true);
};

test('a boot: which event and job really led to which', () => {
  const graph = boot();
  expect(edges(graph)).toEqual([
    'event startup start job net',
    'job net emit event net-up IF=a',
    'event net-up IF=a start job web',
    'job db stop (stopping) job web',
    'job web start (starting) job db',
    'event (command stop) stop job db',
  ]);
  expect(graph.nodes.find(({ label }) => label === 'net')).toMatchObject({ note: 'at 0.000 s, ran 0.095 s' });
  expect(graph.nodes.map(({ name }) => name)).not.toContain('never');
});

test('an event of a job that somebody else has emitted is an event', () => {
  const recorder = new Recorder({ web: 'start on started db\nexec web' });
  recorder.emit('started', ['JOB=db']).pass(5).started('web');
  const [history] = historiesOf(recorder.lines);
  if (history === undefined) throw new Error('no history');
  expect(edges(bootGraph(history, true))).toEqual(['event started JOB=db start job web']);
});

describe('a part of it', () => {
  test.each([
    [{ name: 'db', causes: true, effects: false }, ['mount', 'db', 'startup', 'mounted-data']],
    [{ name: 'db', causes: false, effects: true }, ['db', 'web']],
    [{ name: 'db', causes: true, effects: true, depth: 1 }, ['mount', 'db', 'mounted-data', 'web']],
    [{ name: 'db', causes: true, effects: true, depth: 0 }, ['db']],
    [{ name: 'startup', causes: true, effects: false }, ['startup']],
  ])('%j', (scope, names) => {
    const found = restrictGraph(CONFIGURATION, scope);
    expect(found?.nodes.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
    const ids = new Set(found?.nodes.map(({ id }) => id));
    expect(found?.edges.every(({ from, to }) => ids.has(from) && ids.has(to))).toBe(true);
  });

  test('of what is not there is none', () => {
    expect(restrictGraph(CONFIGURATION, { name: 'nosuch', causes: true, effects: true })).toBeUndefined();
  });
});

const MANY = configurationGraph(
  ['a', 'b', 'c'].map((name) => job(name, { startOn: [{ event: 'runlevel' }, { event: 'started', job: 'd"<&' }] })),
  'Many',
);

test('three and more jobs with the same causes are a group', () => {
  expect(groupsOf(MANY)).toEqual([{ title: 'runlevel, started d"<&', members: ['job a', 'job b', 'job c'] }]);
  expect(groupsOf(CONFIGURATION)).toEqual([]);
});

describe('formats', () => {
  test('dot: one edge to each box', () => {
    const dot = graphDot(MANY);
    expect(dot).toContain('label="d\\"<&"');
    expect(dot.match(/->/g)).toHaveLength(2);
    expect(dot.match(/lhead="cluster_0"/g)).toHaveLength(2);
    expect(graphDot(MANY, false).match(/->/g)).toHaveLength(6);
  });

  test('mermaid', () => {
    expect(graphMermaid(CONFIGURATION).split('\n').slice(0, 3)).toEqual([
      'flowchart LR',
      '  n0["mount"]',
      '  n1["db"]',
    ]);
    expect(graphMermaid(MANY)).toContain('subgraph g0["runlevel, started d#34;#60;#38;"]');
  });

  test('text: a summary of each', () => {
    expect(graphText(CONFIGURATION).split('\n').slice(0, 11)).toEqual([
      'mount',
      '  started by  startup',
      '  stops       db (stopping)',
      '  emits       mounted-*, mounted-data, ready',
      'db',
      '  started by  mounted-data',
      '  stopped by  stopping mount',
      '  starts      web (started)',
      'web',
      '  started by  started db, ready',
      '  runs while  net',
    ]);
  });

  const LONG = '\u{1f40c}'.repeat(3000);
  const ODD = configurationGraph([job('x', { startOn: [{ event: 'a\nb\u001b[31m' }, { event: LONG }] })], 'Odd');

  test('text: a name is one line', () => {
    expect(graphText(ODD).split('\n')).toEqual([
      'x',
      `  started by  a\\nb\\x1b[31m, ${LONG}`,
      'event a\\nb\\x1b[31m',
      '  starts      x',
      `event ${LONG}`,
      '  starts      x',
      '',
    ]);
  });

  test('a long name is cut in a drawing, and whole in its tooltip', async () => {
    const short = `${'\u{1f40c}'.repeat(59)}…`;
    expect(graphDot(ODD)).toContain(`label="${short}" tooltip="${LONG}"`);
    const svg = await renderSvg(graphDot(ODD));
    expect(svg.match(/>\u{1f40c}+…</gu)).toEqual([`>${short}<`]);
    expect(svg).toContain(`xlink:title="${LONG}"`);
    expect(Number(/ width="(\d+)pt"/.exec(svg)?.[1])).toBeLessThan(1500);
  });

  test('a long title of a group, too', () => {
    const dot = graphDot(
      configurationGraph(
        ['a', 'b', 'c'].map((name) => job(name, { startOn: [{ event: LONG }] })),
        'Group',
      ),
    );
    expect(dot).toContain(`    label="${'\u{1f40c}'.repeat(59)}…" tooltip="${LONG}"; style`);
  });

  test('html: what is looked for are whole names, which do not end the script', () => {
    const [start] = graphHtml(configurationGraph([job('</script>')], 'Page'), '<svg></svg>').split('</script><script>');
    expect(start).toMatch(
      /<script id="graph" type="application\/json">\{"names":\["\\u003c\/script>"\],"edges":\[\]\}$/,
    );
  });

  test('svg and html, drawn without Graphviz installed', async () => {
    const svg = await renderSvg(graphDot(MANY));
    expect(svg.match(/class="node/g)).toHaveLength(5);
    const html = graphHtml(MANY, svg);
    expect(html).toMatch(/^<!doctype html>[\s\S]*<svg[\s\S]*<\/html>\n$/);
    expect(html).not.toMatch(/<\?xml|d"<&/);
    await expect(renderSvg('digraph {')).rejects.toThrow(/syntax error/);
  });
});
