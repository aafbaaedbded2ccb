import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fakeUpstart } from './helpers/fake-upstart.js';
import { run } from './helpers/run.js';

const CONFIG = `web
  emits web-*
  start on started (job: db, env:)
  start on starting (job: log, env: A=1)
  stop on runlevel (job:, env: [!2345])
db
  emits db/ready
  start on net-up (job:, env: IF=eth0)
  stop on stopping (job: web, env:)
log
  start on $NAME (job:, env:)
  start on web-ready (job:, env:)
`;

const GRAPH = `digraph upstart {
  node [shape="diamond", fontcolor="black", fillcolor="thistle", style="filled"];
  rankdir=LR;
  overlap=false;
  bgcolor="white";
  fontcolor="black";
  event_web_star [label="web-*", shape=diamond, fontcolor="black", fillcolor="thistle", style="dotted"];
  event_runlevel [label="runlevel", shape=diamond, fontcolor="black", fillcolor="thistle", style="filled"];
  event_dbslashready [label="db/ready", shape=diamond, fontcolor="black", fillcolor="thistle", style="filled"];
  event_net_up [label="net-up", shape=diamond, fontcolor="black", fillcolor="thistle", style="filled"];
  event_JOBcolondollar_NAME [label="JOB:$NAME", shape=diamond, fontcolor="black", fillcolor="thistle", style="filled"];
  event_web_ready [label="web-ready", shape=diamond, fontcolor="black", fillcolor="thistle", style="filled"];
  job_web [shape="record", label="<job> web | { <start> start on | <stop> stop on }", fontcolor="black", style="filled",  fillcolor="#DCDCDC"];
  job_db [shape="record", label="<job> db | { <start> start on | <stop> stop on }", fontcolor="black", style="filled",  fillcolor="#DCDCDC"];
  job_log [shape="record", label="<job> log | { <start> start on | <stop> stop on }", fontcolor="black", style="filled",  fillcolor="#DCDCDC"];
  job_web:job -> event_web_star [color="green"];
  job_web:job -> event_web_ready [color="green"];
  job_db:job -> job_web:start [color="blue"];
  job_web:start -> job_log:job [color="blue"];
  event_runlevel -> job_web:stop [color="red"];
  job_db:job -> event_dbslashready [color="green"];
  event_net_up -> job_db:start [color="blue"];
  job_web:job -> job_db:stop [color="red"];
  event_JOBcolondollar_NAME -> job_log:start [color="blue"];
  event_web_ready -> job_log:start [color="blue"];
overlap=false;
label="Generated on DATE by initctl2dot for the system (from file data).\\nBoxes of color #DCDCDC denote jobs.\\nSolid diamonds of color thistle denote events.\\nDotted diamonds denote 'glob' events.\\nEmits denoted by green lines.\\nStart on denoted by blue lines.\\nStop on denoted by red lines.\\n";
}
`;

let folder: string;
let file: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'initctl-dot-'));
  file = join(folder, 'config');
  writeFileSync(file, CONFIG);
});

afterAll(() => rmSync(folder, { recursive: true }));

const draw = async (line: readonly string[], options: Parameters<typeof run>[1] = {}) => {
  const ran = await run(line, { program: 'initctl2dot', ...options });
  return { ...ran, stdout: ran.stdout.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}/, 'DATE') };
};

/** Names of every kind: those that dot(1) takes, and those that it takes only between quotes. */
const STRANGE = `getty@tty1
  start on starting (job: web, env:)
a"b|c{d}<e>
  emits x[!0]?:y
  emits +plus
  start on started (job: c++, env:)
  stop on n=1 (job:, env: A=1)
back\\slash
データ
node
  start on edge (job:, env:)
9lives
`;

const hasDot = spawnSync('dot', ['-V']).status === 0;
if (!hasDot) console.log('skipped: dot (Debian package graphviz) is not here to read the graphs');

describe.skipIf(!hasDot)('dot(1)', () => {
  test.each([
    { what: 'usual names', config: CONFIG, nodes: 9, edges: 10 },
    { what: 'strange names', config: STRANGE, nodes: 12, edges: 6 },
  ])('draws $what', async ({ config, nodes, edges }) => {
    const path = join(folder, 'to-draw');
    writeFileSync(path, config);
    const { stdout: graph } = await draw(['-f', path, '-o', '-']);
    const { status, stdout, stderr } = spawnSync('dot', ['-Tplain'], { input: graph, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const lines = stdout.split('\n');
    expect(lines.filter((line) => line.startsWith('node '))).toHaveLength(nodes);
    expect(lines.filter((line) => line.startsWith('edge '))).toHaveLength(edges);
    expect(spawnSync('dot', ['-Tsvg'], { input: graph, encoding: 'utf8' }).stdout).toContain('</svg>');
  });
});

test('the graph of a file', async () => {
  expect(await draw(['-f', file, '-o', '-'])).toEqual({ status: 0, stdout: GRAPH, stderr: '' });
});

test('into a file', async () => {
  const outfile = join(folder, 'out.dot');
  expect(await draw([`--infile=${file}`, `--outfile=${outfile}`])).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(readFileSync(outfile, 'utf8').split('\n').slice(0, -3)).toEqual(GRAPH.split('\n').slice(0, -3));
  expect(existsSync('upstart.dot')).toBe(false);
});

test('of some jobs only, with what they wait for', async () => {
  const { stdout } = await draw(['-f', file, '-o-', '-r', 'db']);
  expect(stdout.match(/^ {2}(?:job|event)_\w+(?= \[)/gm)).toEqual([
    '  event_dbslashready',
    '  event_net_up',
    '  job_db',
    '  job_web',
  ]);
  expect(stdout).toContain('for the system (subset, from file data).');
});

test('in other colours', async () => {
  const { stdout } = await draw(['-f', file, '-o-', '--color-emits', 'pink', '--color-bg=grey', '--color-job=#fff']);
  expect(stdout).toContain('bgcolor="grey";');
  expect(stdout).toContain('event_web_star [color="pink"]');
  expect(stdout).toContain('fillcolor="#fff"];');
  expect(stdout).toContain('Emits denoted by pink lines.');
});

describe('asked of the daemon', () => {
  const { client } = fakeUpstart({ web: { emits: ['up'] } });

  test.each([
    { line: [], env: {}, init: 'bus', title: "the system (from 'initctl --system show-config -e'" },
    { line: ['--system'], env: { UPSTART_SESSION: 'a' }, init: 'bus', title: "the system (from 'initctl --system" },
    { line: ['--user'], env: { UPSTART_SESSION: 'a' }, init: 'session-init', title: "session 'a' (from 'initctl show" },
    {
      line: [],
      env: { UPSTART_SESSION: 'a' },
      init: 'session-init',
      title: "session 'a' (from 'initctl show-config -e'",
    },
  ])('$line in $env', async ({ line, env, init, title }) => {
    const asked: string[] = [];
    const connect = async ({ kind }: { readonly kind: string }) => {
      asked.push(kind);
      return client;
    };
    const { stdout, status } = await draw([...line, '-o', '-'], { env, connect });
    expect(status).toBe(0);
    expect(asked).toEqual([init]);
    expect(stdout).toContain('  job_web:job -> event_up [color="green"];\n');
    expect(stdout).toContain(`for ${title}`);
    expect(stdout).toContain(` on host ${hostname()}).\\n`);
  });
});

describe('what is wrong', () => {
  const unreachable = async (): Promise<never> => {
    throw new Error('nobody there');
  };

  test.each([
    { line: ['-f', '/nonexistent'], text: "cannot read file '/nonexistent'" },
    { line: ['-f', '@', '-r', 'web,nosuch'], text: 'unknown job nosuch' },
    { line: ['-f', '@', '-o', '/nonexistent/x'], text: 'cannot open file /nonexistent/x for writing' },
    { line: [], text: "cannot run 'initctl --system show-config -e'" },
  ])('$line: $text', async ({ line, text }) => {
    expect(
      await draw(
        line.map((word) => (word === '@' ? file : word)),
        { connect: unreachable },
      ),
    ).toEqual({
      status: 1,
      stdout: '',
      stderr: `ERROR: ${text}\n`,
    });
  });

  test.each(['  start on nonsense', 'two words', '  emits x'])('the line "%s"', async (text) => {
    const bad = join(folder, 'bad');
    writeFileSync(bad, `${text}\n`);
    expect(await draw(['-f', bad, '-o-'])).toEqual({ status: 1, stdout: '', stderr: `ERROR: invalid line: ${text}\n` });
  });
});
