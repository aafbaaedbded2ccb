import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { run } from './helpers/run.js';

const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}.txt`, import.meta.url), 'utf8');

describe('help', () => {
  test.each([
    { line: ['--help'], text: 'help-initctl' },
    { line: ['start', '--help'], text: 'help-start' },
    { line: ['list', '--help'], text: 'help-list' },
    { line: ['emit', '--help'], text: 'help-emit' },
    { line: ['show-config', '--help'], text: 'help-show-config' },
    { line: ['log-priority', '--help'], text: 'help-log-priority' },
    { line: ['version', '--help'], text: 'help-version' },
    { line: ['check-config', '--help'], text: 'help-check-config' },
    { line: ['set-env', '--help'], text: 'help-set-env' },
    { line: ['--user', '-q', 'version', 'x', '--help'], text: 'help-version' },
    { line: ['help'], text: 'commands' },
    { line: ['-q', 'help', 'start'], text: 'commands' },
  ])('$line', async ({ line, text }) => {
    expect(await run(line)).toEqual({ status: 0, stdout: fixture(text), stderr: '' });
  });

  test('the program’s name selects the command and stands in its usage line', async () => {
    expect(await run(['--help'], { program: '/sbin/stop' })).toMatchObject({ stdout: fixture('help-as-stop') });
  });

  test('COLUMNS sets the width', async () => {
    expect(await run(['help'], { env: { COLUMNS: '60' } })).toMatchObject({ stdout: fixture('commands-60-columns') });
  });
});

test.each([
  { program: 'initctl', line: ['--version'] },
  { program: 'initctl', line: ['list', '--version'] },
  { program: 'start', line: ['--version'] },
])('$program $line begins with the version that tools look for', async ({ program, line }) => {
  const { stdout, status } = await run(line, { program });
  expect(status).toBe(0);
  expect(stdout).toMatch(
    new RegExp(`^${program} \\(upstart 1\\.13\\.2\\)\nCopyright \\(C\\) .*\n\nThis is free software`),
  );
});
