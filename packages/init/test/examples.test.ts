import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TestDaemon } from './helpers/test-daemon.js';

const ROOT = join(import.meta.dirname, '../../..');
const EXAMPLES = join(ROOT, 'examples/jobs');

/** A port that was free a moment ago. */
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

/** The daemon on the example jobs. An override in a directory before theirs gives it a port of its own. */
const runExamples = (port: number): TestDaemon =>
  new TestDaemon({
    args: ['--user', '--live', '--confdir', EXAMPLES],
    files: { 'web.override': `env PORT=${port}\n` },
    env: { PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH']}` },
  });

describe('the example jobs', () => {
  test('come up with startup, answer, and leave nothing behind', async () => {
    const port = await freePort();
    const daemon = runExamples(port);
    for (const n of [1, 2, 3]) await daemon.out.match(new RegExp(`worker \\(${n}\\) .* running, process`));
    await daemon.out.match(/publish .*→ waiting/);
    await daemon.out.match(/workers .*→ waiting/);

    const answer = await fetch(`http://127.0.0.1:${port}/`);
    expect(await answer.text()).toBe('Hello from an Upstart job\n');
    expect(daemon.log('publish')).toBe('published 3 lines\n');
    expect(daemon.out.text).not.toMatch(/event +started JOB=report/);
    // The cache was there before web: web's `starting` waited for it.
    expect(daemon.out.text).toMatch(/event +started JOB=cache[\s\S]*event +started JOB=web/);

    daemon.signal('SIGINT');
    expect(await daemon.ended).toEqual({ code: 0, signal: null });
    expect(daemon.jobProcesses()).toEqual([]);
    expect(daemon.err.text).not.toMatch(/conf:\d+:/);
  });

  test.each(readdirSync(EXAMPLES))('%s begins with a comment that says what it shows', (name) => {
    expect(readFileSync(join(EXAMPLES, name), 'utf8')).toMatch(/^# \S/);
  });
});
