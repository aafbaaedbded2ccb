import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { run } from './helpers/run.js';

const INITCTL = fileURLToPath(new URL('../bin/initctl.js', import.meta.url));
const EXAMPLES = fileURLToPath(new URL('../../../examples', import.meta.url));

const folderOf = (files: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'initctl-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
};

const GOOD = 'scenario it comes up\n  emit boot\n  expect web running\n';
const BAD = 'scenario it <stays> down\n  emit boot\n  expect web stopped\n';
const WEB = { 'web.conf': 'start on boot\nexec x\n' };

test('each scenario is told, and the place of what is not as expected', async () => {
  const dir = folderOf({ ...WEB, 'a.scenario': GOOD, 'sub/b.scenario': BAD });
  const { stdout, stderr, status } = await run(['test', dir]);
  expect([stdout, stderr, status]).toEqual([
    [
      `${dir}/a.scenario`,
      '  ok      it comes up',
      `${dir}/sub/b.scenario`,
      '  FAILED  it <stays> down',
      `${dir}/sub/b.scenario:3: expected web waiting, but it is start/running`,
      '    web is start/running, for 0 ms.',
      '    Because: event boot, just now.',
      '2 scenarios, 1 failed',
      '',
    ].join('\n'),
    '',
    1,
  ]);
  expect(await run(['test', join(dir, 'a.scenario')])).toMatchObject({ status: 0 });
});

test('a mistake in a scenario file or in a job file is a failure', async () => {
  const dir = folderOf({ ...WEB, 'a.scenario': `${GOOD}  jump\n` });
  const { stdout, status } = await run(['test', dir]);
  expect([stdout.includes(`${dir}/a.scenario:4: expected scenario, emit`), status]).toEqual([true, 1]);
  expect(stdout).toContain('1 scenario, 1 failed, 1 mistake in files');
  const broken = await run(['test', folderOf({ ...WEB, 'x.conf': 'jump\n', 'a.scenario': GOOD })]);
  expect([broken.stderr.includes('x.conf:1: Unknown stanza'), broken.status]).toEqual([true, 1]);
});

test('overrides are tested over the files that they change', async () => {
  const [below, dir] = [folderOf(WEB), folderOf({ 'web.override': 'manual\n', 'a.scenario': BAD })];
  expect(await run(['test', dir, '--confdir', below])).toMatchObject({ status: 0 });
});

test('as JSON, and as JUnit reports', async () => {
  const dir = folderOf({ ...WEB, 'a.scenario': `${GOOD}${BAD}`, 'b.scenario': 'jump\n' });
  const junit = join(dir, 'report.xml');
  const { stdout, status } = await run(['test', dir, '--json', `--junit=${junit}`]);
  expect(status).toBe(1);
  const { ok, files } = JSON.parse(stdout);
  expect([ok, files[0].scenarios.map((one: { ok: boolean }) => one.ok)]).toEqual([false, [true, false]]);
  const report = readFileSync(junit, 'utf8').replace(/time="[\d.]+"/g, 'time="T"');
  expect(report).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="${dir}/a.scenario" tests="2" failures="1" errors="0" time="T">
    <testcase name="it comes up" classname="${dir}/a.scenario" time="T"/>
    <testcase name="it &lt;stays&gt; down" classname="${dir}/a.scenario" time="T">
      <failure message="expected web waiting, but it is start/running">${dir}/a.scenario:6: expected web waiting, but it is start/running
web is start/running, for 0 ms.
Because: event boot, just now.</failure>
    </testcase>
  </testsuite>
  <testsuite name="${dir}/b.scenario" tests="1" failures="0" errors="1" time="T">
    <testcase name="line 1" classname="${dir}/b.scenario"><error message="${dir}/b.scenario:1: expected scenario, emit, start, stop, restart, process, exit, wait, expect"/></testcase>
  </testsuite>
</testsuites>
`);
});

test('--watch tests again when a file changes', async () => {
  const dir = folderOf({ ...WEB, 'a.scenario': BAD });
  const child = spawn(process.execPath, [INITCTL, 'test', dir, '--watch']);
  onTestFinished(() => void child.kill());
  let got = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    got += text;
  });
  await vi.waitFor(() => expect(got).toContain('1 scenario, 1 failed'), { timeout: 60_000 });
  writeFileSync(join(dir, 'a.scenario'), GOOD);
  await vi.waitFor(() => expect(got).toContain('1 scenario, 0 failed'), { timeout: 60_000 });
  writeFileSync(join(dir, 'web.conf'), 'exec x\n');
  await vi.waitFor(() => expect(got).toContain('expected web running'), { timeout: 60_000 });
}, 120_000);

test.each([
  [[], 'missing directory'],
  [['/nowhere'], '/nowhere: ENOENT'],
  [['EMPTY'], 'No scenario files there'],
])('%j is refused: %s', async (words, text) => {
  const dir = folderOf(WEB);
  const { stderr, status } = await run(['test', ...words.map((word) => (word === 'EMPTY' ? dir : word))]);
  expect([stderr.includes(text) ? text : stderr, status]).toEqual([text, 1]);
});

test.each(['jobs', 'container/jobs', 'embed/jobs'])(
  'our own example jobs are as their scenarios say: %s',
  async (dir) => {
    const { stdout, stderr, status } = await run(['test', join(EXAMPLES, dir)]);
    expect([stdout.match(/FAILED.*\n.*/)?.[0], stderr, status]).toEqual([undefined, '', 0]);
  },
);

test('the documentation shows what is printed', async () => {
  const page = readFileSync(fileURLToPath(new URL('../../../docs/test-jobs.md', import.meta.url)), 'utf8');
  const [scenario = '', shown = ''] = [...page.matchAll(/```(?:console\n\$ .*)?\n([\s\S]*?)```/g)].map(
    ([, text]) => text,
  );
  const dir = folderOf({
    'db.conf': 'start on startup\nexpect notify\nexec db\n',
    'web.conf': 'start on started db\nenv PORT=8642\nexec web\n',
    'web.scenario': scenario,
  });
  const { stdout } = await run(['test', dir]);
  expect(stdout.replaceAll(dir, '/etc/init')).toBe(shown);
});
