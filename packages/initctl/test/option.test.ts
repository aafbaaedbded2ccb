import { describe, expect, test } from 'vitest';
import type { InitctlError } from '../src/errors.js';
import { GLOBAL_OPTIONS } from '../src/global-options.js';
import { type Option, parseOptions } from '../src/option.js';

const OPTIONS: readonly Option[] = [
  { key: 'no-wait', short: 'n', long: 'no-wait' },
  { key: 'enumerate', short: 'i', long: 'ignore-events', argument: 'LIST' },
  ...GLOBAL_OPTIONS,
];

const parse = (line: readonly string[], operandEndsOptions = false) => {
  const { values, operands, ending } = parseOptions(line, OPTIONS, operandEndsOptions);
  return { values: Object.fromEntries(values), operands, ending };
};

const failure = (line: readonly string[]): InitctlError => {
  try {
    parse(line);
  } catch (error) {
    return error as InitctlError;
  }
  throw new Error(`no error for ${line.join(' ')}`);
};

describe('options and operands', () => {
  test.each([
    { line: [], values: {}, operands: [] },
    { line: ['a', 'K=V'], values: {}, operands: ['a', 'K=V'] },
    { line: ['-n', 'a'], values: { 'no-wait': '' }, operands: ['a'] },
    { line: ['a', '--no-wait', 'b'], values: { 'no-wait': '' }, operands: ['a', 'b'] },
    { line: ['-nq'], values: { 'no-wait': '', priority: 'error' }, operands: [] },
    { line: ['-q', '-v'], values: { priority: 'info' }, operands: [] },
    { line: ['-v', '--quiet'], values: { priority: 'error' }, operands: [] },
    { line: ['--debug'], values: { priority: 'debug' }, operands: [] },
    { line: ['-iX', 'a'], values: { enumerate: 'X' }, operands: ['a'] },
    { line: ['-i', 'X', 'a'], values: { enumerate: 'X' }, operands: ['a'] },
    { line: ['--ignore-events=X=Y', 'a'], values: { enumerate: 'X=Y' }, operands: ['a'] },
    { line: ['--ignore-events=', 'a'], values: { enumerate: '' }, operands: ['a'] },
    { line: ['--ignore-events', 'X', 'a'], values: { enumerate: 'X' }, operands: ['a'] },
    { line: ['-ni', 'X', 'a'], values: { 'no-wait': '', enumerate: 'X' }, operands: ['a'] },
    { line: ['-i', '-n', 'X', 'a'], values: { 'no-wait': '', enumerate: 'X' }, operands: ['a'] },
    { line: ['-i', '--dest', 'X', 'Y', 'a'], values: { enumerate: 'X', dest: 'Y' }, operands: ['a'] },
    { line: ['-i', '--', '-X', 'a'], values: { enumerate: '-X' }, operands: ['a'] },
    { line: ['--', '-n', '--', '--bogus'], values: {}, operands: ['-n', '--', '--bogus'] },
    { line: ['a', '--', '-n'], values: {}, operands: ['a', '-n'] },
    { line: ['-', '', '-n'], values: { 'no-wait': '' }, operands: ['-', ''] },
  ])('$line', ({ line, values, operands }) => {
    expect(parse(line)).toEqual({ values, operands, ending: undefined });
  });

  test('before the command, the first operand ends the options', () => {
    expect(parse(['--user', 'start', '-n', 'a'], true)).toEqual({
      values: { user: '' },
      operands: ['start', '-n', 'a'],
      ending: undefined,
    });
  });

  test.each([
    { line: ['--help', '--bogus'], ending: 'help' },
    { line: ['a', '--version', '--help'], ending: 'version' },
  ])('$line: --help and --version end the parsing where they stand', ({ line, ending }) => {
    expect(parse(line).ending).toBe(ending);
  });

  test('of two options of the same name the command’s counts, not the global one', () => {
    const own: Option = { key: 'enumerate', short: 'q' };
    expect([...parseOptions(['-q'], [own, ...GLOBAL_OPTIONS]).values]).toEqual([['enumerate', '']]);
  });
});

describe('errors', () => {
  test.each([
    { line: ['-x'], code: 'invalid-option', message: 'invalid option: -x' },
    { line: ['-nx'], code: 'invalid-option', message: 'invalid option: -x' },
    { line: ['--xyz=1'], code: 'invalid-option', message: 'invalid option: --xyz=1' },
    { line: ['--use'], code: 'invalid-option', message: 'invalid option: --use' },
    { line: ['--user=1'], code: 'unexpected-argument', message: 'unexpected argument: --user=1' },
    { line: ['-i'], code: 'missing-argument', message: 'missing argument: -i' },
    { line: ['-ni'], code: 'missing-argument', message: 'missing argument: -ni' },
    { line: ['--dest', '-n'], code: 'missing-argument', message: 'missing argument: --dest' },
    { line: ['--bogus', '--help'], code: 'invalid-option', message: 'invalid option: --bogus' },
  ])('$line: $message', ({ line, code, message }) => {
    expect(failure(line)).toMatchObject({ code, message, hint: true, name: 'InitctlError' });
  });
});
