import { describe, expect, test } from 'vitest';
import { createOutput, type OutputPriority, prefixed } from '../src/output.js';

describe('the program’s name before an error', () => {
  test.each([
    { text: 'Unknown job: foo', line: 'initctl: Unknown job: foo' },
    { text: '/var/run/utmp: No such file or directory', line: 'initctl:/var/run/utmp: No such file or directory' },
    { text: 'foo:', line: 'initctl:foo:' },
    { text: 'a:b c', line: 'initctl: a:b c' },
    { text: '', line: 'initctl: ' },
  ])('$line', ({ text, line }) => {
    expect(prefixed('initctl', text)).toBe(line);
  });
});

describe('what is shown', () => {
  const said = (priority: OutputPriority): { stdout: string; stderr: string } => {
    const said = { stdout: '', stderr: '' };
    const output = createOutput('initctl', priority, {
      stdout: (text) => {
        said.stdout += text;
      },
      stderr: (text) => {
        said.stderr += text;
      },
    });
    output.print('P');
    output.message('M');
    output.info('I');
    output.error('E');
    return said;
  };

  test.each([
    { priority: 'error', stdout: 'P\n' },
    { priority: 'message', stdout: 'P\nM\n' },
    { priority: 'info', stdout: 'P\nM\nI\n' },
    { priority: 'debug', stdout: 'P\nM\nI\n' },
  ] as const)('at $priority', ({ priority, stdout }) => {
    expect(said(priority)).toEqual({ stdout, stderr: 'initctl: E\n' });
  });
});
