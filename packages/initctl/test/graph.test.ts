import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { liveDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';

const daemon = liveDaemon({
  db: 'start on boot\nexec sleep 300\n',
  web: 'start on started db\nstop on stopping db\nemits web-ready\nexec sleep 300\n',
  idle: 'start on never\nexec sleep 300\n',
});

const initctl = (...words: readonly string[]) => run(words, { env: daemon.env });

beforeAll(async () => {
  await initctl('emit', 'boot');
}, 120_000);

const read = async (...words: readonly string[]) => {
  const { stdout } = await initctl('graph', '--json', ...words);
  const { nodes, edges } = JSON.parse(stdout) as { nodes: { label: string }[]; edges: { from: string; to: string }[] };
  return { labels: nodes.map(({ label }) => label), edges: edges.map(({ from, to }) => `${from} -> ${to}`) };
};

describe('the graph', () => {
  test('of the jobs as the daemon has them, and the same of their files', async () => {
    const { stdout } = await initctl('graph');
    expect(stdout).toContain('web\n  started by  started db\n  stopped by  stopping db\n  emits       web-ready\n');
    const offline = await run(['graph', '--confdir', join(daemon.folder, 'conf')]);
    expect(offline.stdout).toBe(stdout);
  });

  test('of a boot: what really led to what', async () => {
    expect(await read('--boot')).toEqual({
      labels: ['db', 'web', 'boot'],
      edges: ['event boot -> job db', 'job db -> job web'],
    });
  });

  test('of what leads to a job, or of what it leads to', async () => {
    expect((await read('web', '--causes', '--boot')).labels).toEqual(['db', 'web', 'boot']);
    expect((await read('web', '--effects')).labels).toEqual(['web', 'web-ready']);
    expect((await read('web', '--causes', '--depth=1')).labels).toEqual(['db', 'web']);
  });

  test('a distribution engineer wishes to generate a dotty graph of their boot sequence', async () => {
    const { stdout } = await initctl('graph', '--boot', '--format=dot');
    expect(stdout).toMatch(/^digraph upstart \{\n/);
    for (const label of ['db\\\\n', 'web\\\\n', 'boot']) expect(stdout).toMatch(new RegExp(`label="${label}`));
    expect(stdout.match(/ -> /g)).toHaveLength(2);
    const svg = await initctl('graph', '--boot', '--format=svg');
    expect(svg.stdout).toMatch(/<svg [\s\S]*>web<[\s\S]*<\/svg>\n$/);
  });

  test('is written where it is wanted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'initctl-graph-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'jobs.json');
    expect(await initctl('graph', '--format=json', '-o', file)).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(JSON.parse(readFileSync(file, 'utf8')).nodes).toHaveLength(6);
    await initctl('graph', '-o', join(folder, 'jobs.dot'));
    expect(readFileSync(join(folder, 'jobs.dot'), 'utf8')).toMatch(/^digraph /);
  });

  test('has no characters that command a terminal', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'initctl-graph-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'x.conf'), 'start on "a\u001b[2Jb"\nexec x\n');
    const { stdout } = await run(['graph', '--confdir', folder]);
    expect(stdout).toContain('a\\x1b[2Jb');
  });

  test.each([
    [['graph', 'nosuch'], 'initctl: The graph has neither a job nor an event nosuch'],
    [
      ['graph', '--format=png'],
      'initctl: illegal value for --format: png (it takes text, dot, mermaid, json, svg, html)',
    ],
    [['graph', 'web', '--depth=x'], 'initctl: illegal number for --depth: x'],
  ])('%j', async (words, text) => {
    const { status, stderr } = await initctl(...words);
    expect([status, stderr.split('\n')[0]]).toEqual([1, text]);
  });
});
