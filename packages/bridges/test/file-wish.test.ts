import { expect, test } from 'vitest';
import { readFileWish } from '../src/file-wish.js';

const ALL = 'create modify delete';

test.each([
  { args: ['FILE=/run/x'], form: 'file', path: '/run/x', changes: ALL },
  { args: ['EVENT=modify', 'FILE=/run/x'], form: 'file', path: '/run/x', changes: 'modify' },
  { args: ['FILE=/top'], form: 'file', path: '/top', changes: ALL },
  { args: ['FILE=/run//x/./y'], form: 'file', path: '/run/x/y', changes: ALL },
  { args: ['FILE=/run/x', 'EVENT=[cd]*'], form: 'file', path: '/run/x', changes: 'create delete' },
  { args: ['FILE=/run/x', 'MATCH!=*/y'], form: 'file', path: '/run/x', changes: ALL },
  { args: ['FILE=/run/x/'], form: 'directory', path: '/run/x', changes: ALL },
  { args: ['FILE=/run/x/.'], form: 'directory', path: '/run/x', changes: ALL },
  { args: ['FILE=/run/*.d', 'EVENT=create'], form: 'glob', path: '/run', changes: 'create' },
  { args: ['FILE=/[ab]'], form: 'glob', path: '/', changes: ALL },
])('$args is a $form at $path', ({ args, form, path, changes }) => {
  const wish = readFileWish(args);
  expect({ ...wish, changes: [...wish.changes].join(' ') }).toMatchObject({ form, path, changes });
});

test.each([
  { file: '~/x', path: '/home/me/x', form: 'file' },
  { file: '~/', path: '/home/me', form: 'directory' },
  { file: '~', path: '/home/me', form: 'directory' },
  { file: './x', path: '/home/me/x', form: 'file' },
  { file: 'x', path: '/home/me/x', form: 'file' },
  { file: 'sub/*.txt', path: '/home/me/sub', form: 'glob' },
  { file: '/run/x', path: '/run/x', form: 'file' },
])('for a user $file is $path', ({ file, path, form }) => {
  expect(readFileWish([`FILE=${file}`], '/home/me')).toMatchObject({ text: file, path, form });
});

test('a pattern fits names as the shell does, hidden ones too', () => {
  const { fits } = readFileWish(['FILE=/var/crash/*.[ct]*']);
  expect(['a.crash', '.x.txt', 'a.log', 'crash'].filter(fits)).toEqual(['a.crash', '.x.txt']);
});

test.each([
  { args: ['EVENT=create'], code: 'missing-variable', message: /FILE is missing/ },
  { args: ['FILE='], code: 'missing-variable', message: /FILE is missing/ },
  { args: ['/run/x'], code: 'no-variable-name', message: /'\/run\/x' has no variable/ },
  { args: ['FILE=/run/x', 'EVENT=moved'], code: 'bad-value', message: /never comes: expected create, modify, delete/ },
  { args: ['FILE=x'], code: 'bad-value', message: /expected an absolute path/ },
  { args: ['FILE=/run/../x'], code: 'bad-value', message: /may not lead upwards/ },
  { args: ['FILE=/'], code: 'bad-value', message: /expected a path below \// },
  { args: ['FILE=/run/*/x'], code: 'bad-value', message: /its last part only/ },
  { args: ['FILE=/run/*/'], code: 'bad-value', message: /its last part only/ },
  { args: [`FILE=/${'x'.repeat(4095)}`], code: 'bad-value', message: /longer than any path/ },
  { args: ['FILE=$HOME/x'], code: 'not-plain', message: /FILE=\$HOME\/x is a pattern/ },
  { args: ['FILE!=/run/x'], code: 'not-plain', message: /says what it is not/ },
  { args: ['FILE=/run/x', 'NAME=y'], code: 'unknown-variable', message: /expected one of FILE, EVENT/ },
])('$args is refused', ({ args, code, message }) => {
  expect(() => readFileWish(args)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
});
