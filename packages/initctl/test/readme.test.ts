import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';
import { playSession } from './helpers/session.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const EXAMPLES = new URL('../../../examples/jobs/', import.meta.url);

const block = (language: string): string =>
  new RegExp(`\`\`\`${language}\\n(.*?)\\n\`\`\``, 's').exec(readme)?.[1] ?? '';

/** A session as a terminal shows it, in the form that {@link playSession} takes. */
const recorded = (text: string): string =>
  text
    .replace(/^\$ initctl /gm, '$ ')
    .replace(/^(?=initctl:)/gm, '! ')
    .replace(/process \d+/g, 'process PID');

const exampleJobs = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(EXAMPLES)
      .filter((file) => file.endsWith('.conf'))
      .map((file) => [file.slice(0, -'.conf'.length), readFileSync(new URL(file, EXAMPLES), 'utf8')]),
  );

test('a daemon on the example jobs answers as the README shows', { timeout: 120_000 }, async () => {
  const session = recorded(block('console'));
  expect(session).toMatch(/^\$ start /);
  const daemon = await startDaemon(exampleJobs());
  try {
    await playSession(session, (words) => run(words, { env: daemon.env }), { hidePids: true });
  } finally {
    await daemon.stop();
  }
});

test('the example of the library prints what the README says', () => {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', block('js')], { cwd, encoding: 'utf8' });
  expect(stdout).toBe(`${block('text')}\n`);
});
