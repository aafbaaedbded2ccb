import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createOutput, type OutputPriority, prefixed, writeTo } from '../src/output.js';

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

describe('writing to a descriptor', () => {
  test('everything has arrived when it returns', () => {
    const path = join(tmpdir(), `initctl-output-${process.pid}`);
    const fd = openSync(path, 'w');
    try {
      writeTo(fd)('é\n');
      writeTo(fd)('');
      expect(readFileSync(path, 'utf8')).toBe('é\n');
    } finally {
      closeSync(fd);
      rmSync(path);
    }
  });

  test('a full disk is an error with its reason', () => {
    const fd = openSync('/dev/full', 'w');
    try {
      expect(() => writeTo(fd)('x')).toThrow('Unable to write the output: no space left on device');
    } finally {
      closeSync(fd);
    }
  });
});
