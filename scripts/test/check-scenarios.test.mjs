import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const SCRIPT = new URL('../check-scenarios.mjs', import.meta.url).pathname;

const run = (...args) =>
  new Promise((resolve) => {
    execFile(process.execPath, [SCRIPT, ...args], (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });

const SCENARIO = {
  name: 'nobody-listens',
  files: { 'a.conf': 'start on A and B\nexec /bin/fake main\n' },
  steps: [{ emit: { event: 'A', id: 'e1' } }],
  expect: [['event+ A', 'event= A']],
  final: {},
};

describe('check:scenarios', () => {
  let folder;
  const file = (name, text) => {
    const path = join(folder, name);
    writeFileSync(path, typeof text === 'string' ? text : JSON.stringify(text));
    return path;
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'scenarios-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('passes what comes out as written', async () => {
    expect(await run(file('right.json', { scenarios: [SCENARIO] }))).toMatchObject({
      code: 0,
      stdout: '1 passed, 0 failed\n',
    });
  });

  test('lists what does not, one line each, with its first difference', async () => {
    const { code, stdout } = await run('--semantics', 'maverick', file('wrong.json', { scenarios: [SCENARIO] }));
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^FAIL nobody-listens: step 1 .*expected nothing more, got 'event- A'\n0 passed, 1 failed\n$/,
    );
  });

  test('a job file that is wrong fails its scenario only', async () => {
    const broken = { ...SCENARIO, name: 'broken', files: { 'a.conf': 'no such stanza\n' } };
    const { stdout } = await run(file('broken.json', { scenarios: [broken, SCENARIO] }));
    expect(stdout).toMatch(/^FAIL broken: .*Unknown stanza.*\n1 passed, 1 failed\n$/);
  });

  test.each([
    [[], 'expected one file'],
    [['a.json', 'b.json'], 'expected one file'],
    [['--semantics', 'systemd', 'a.json'], "unknown semantics 'systemd'"],
    [['--no-such-option', 'a.json'], '--no-such-option'],
    [['/no/such.json'], '/no/such.json'],
  ])('%j is wrong usage', async (args, message) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  test('a file of another form is wrong usage', async () => {
    for (const text of ['{}', 'null', 'no JSON']) expect((await run(file('other.json', text))).code).toBe(2);
  });
});
