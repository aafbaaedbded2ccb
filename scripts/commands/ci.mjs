// Every check, one after the other, each to its end; then the sum of all of them.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/setup.mjs';

const SHARED = join(ROOT, '..', 'shared');
/** Reference data that is not part of the project: used where it lies beside the clone. */
const reference = (path) => ({ needs: join(SHARED, path) });

/**
 * Thousands of real processes share two cores here. A test that fails is run once more, so that who is quicker fails no change;
 * what is broken fails twice. `npm test` alone gives no second chance.
 */
const AGAIN = ['--', '--retry=1'];

const STEPS = [
  { name: 'tests', args: ['test', ...AGAIN], env: { MAVERICK_SOAK_SECONDS: '60' } },
  { name: 'lint', args: ['run', 'lint'] },
  { name: 'types', args: ['run', 'typecheck'] },
  { name: 'packages', args: ['run', 'check:packages'] },
  { name: 'native code', args: ['run', 'check:native'] },
  { name: 'tests on the newest LTS', args: ['run', 'test:lts', ...AGAIN] },
  {
    name: 'configuration cases',
    args: ['run', 'check:config-cases', '--', '../shared/spec/config-cases.json'],
    ...reference('spec/config-cases.json'),
  },
  { name: 'corpus', args: ['run', 'check:corpus', '--', '../shared/corpus'], ...reference('corpus') },
  {
    name: 'scenarios',
    args: ['run', 'check:scenarios', '--', '../shared/spec/engine-scenarios.json'],
    ...reference('spec/engine-scenarios.json'),
  },
  {
    name: 'scenarios of the default semantics',
    args: ['run', 'check:scenarios', '--', '--semantics', 'maverick', '../shared/spec/semantics-scenarios.json'],
    ...reference('spec/semantics-scenarios.json'),
  },
  {
    name: 'recorded conversations',
    args: ['run', 'check:transcripts', '--', '../shared/spec/transcripts'],
    ...reference('spec/transcripts'),
  },
];

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colours are control characters
const COLOURS = /\x1b\[[0-9;]*m/g;

/** The counts a step's output closes with: vitest's `Tests` line, or a plain `N passed, N failed`. */
export const countsOf = (output) => {
  const text = output.replace(COLOURS, '');
  const vitest = text.match(/^\s*Tests\s+.*$/gm)?.at(-1);
  const plain = text.match(/^\d+ passed, \d+ failed/gm)?.at(-1);
  const line = vitest ?? plain;
  if (line === undefined) return undefined;
  const count = (word) => Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0);
  return { passed: count('passed'), failed: count('failed') };
};

/** So many lines are enough to see what failed; the whole stands further up. */
const MOST_LINES = 120;

/**
 * What a step that failed said of it: what vitest gathers between its list of failures and its counts, else the end.
 * @param {string} output all that the step printed
 * @returns {string} without colours, at most {@link MOST_LINES} lines
 */
export const failureOf = (output) => {
  const lines = output.replace(COLOURS, '').trimEnd().split('\n');
  const from = lines.findIndex((line) => /^⎯+ (Failed (Tests|Suites) \d+|Unhandled Errors) ⎯+$/.test(line));
  const shown = from < 0 ? lines.slice(-MOST_LINES / 3) : lines.slice(from, from + MOST_LINES);
  return shown.join('\n');
};

/** What a step printed last is here long before that. */
const LEFT_BEHIND_MS = 10_000;

/** Run one step; what it prints is shown as it comes. */
const perform = (args, env) =>
  new Promise((resolve) => {
    const child = spawn('npm', args, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NX_DAEMON: 'false', CI: 'true', ...env },
    });
    let output = '';
    for (const stream of ['stdout', 'stderr']) {
      child[stream].setEncoding('utf8').on('data', (text) => {
        output += text;
        process[stream].write(text);
      });
    }
    const done = (status) => {
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
      resolve({ output, ok: status === 0 });
    };
    child.on('close', done);
    // Who was left behind may hold our pipe open: then the step itself has ended all the same.
    child.on('exit', (status) => setTimeout(done, LEFT_BEHIND_MS, status).unref());
  });

const total = { passed: 0, failed: 0 };
const failures = [];
for (const { name, args, needs, env } of STEPS) {
  console.log(`\n== ${name}`);
  if (needs !== undefined && !existsSync(needs)) {
    console.log(`skipped: ${needs} is not here`);
    continue;
  }
  const started = performance.now();
  const { output, ok } = await perform(args, env);
  const counts = countsOf(output) ?? { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
  // A step that failed without a failed test (a crash, an unhandled error) is a failure all the same.
  const failed = ok ? counts.failed : Math.max(1, counts.failed);
  total.passed += counts.passed;
  total.failed += failed;
  if (failed > 0) failures.push(`-- ${name}\n${failureOf(output)}`);
  console.log(
    `-- ${name}: ${counts.passed} ok, ${failed} not (${((performance.now() - started) / 1000).toFixed(0)} s)`,
  );
}
// Once more at the end, where one looks first.
if (failures.length > 0) console.log(`\n== what failed\n${failures.join('\n')}`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
