import { expect, test } from 'vitest';
import { callError } from '../src/call-errors.js';
import * as client from '../src/client.js';
import { DBusError } from '../src/dbus-error.js';
import { ERROR_NAMES } from '../src/error-names.js';

const exported = new Map<string, unknown>(Object.entries(client));

test.each(Object.entries(ERROR_NAMES))('%s is a class that the client exports', (code, name) => {
  const error = callError(name, 'text');
  expect(error).toBeInstanceOf(DBusError);
  expect(error).toMatchObject({ name, message: 'text' });
  expect(error.constructor).toBe(exported.get(`${code}Error`));
});

test('any other name is a plain error of that name', () => {
  const error = callError('a.b.C', 'text');
  expect(error.constructor).toBe(DBusError);
  expect(error.name).toBe('a.b.C');
});
