import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfLocation } from '@maverick/conf';
import { describe, expect, test } from 'vitest';
import { discardStates, statePlaces } from '../src/state-place.js';
import { tempDir } from './helpers/temp-dir.js';

const dirs = (...paths: string[]): readonly ConfLocation[] =>
  paths.map((path) => ({ path, kind: 'directory' }) as never);
const env = { XDG_RUNTIME_DIR: '/run/user/1' };
const keeping = { keepsState: true };

describe('the places of states', () => {
  test('differ by mode and configuration directories, and not by the order of days', () => {
    const [one] = statePlaces('user', keeping, env, dirs('/a', '/b'));
    expect(one).toMatch(/^\/run\/user\/1\/upstart\/state\/\d+-[0-9a-f]{16}$/);
    expect(statePlaces('user', keeping, env, dirs('/a', '/b'))[0]).toBe(one);
    expect(statePlaces('user', keeping, env, dirs('/b', '/a'))[0]).not.toBe(one);
    expect(statePlaces('session', keeping, env, dirs('/a', '/b'))[0]).not.toBe(one);
  });

  test('are several, for daemons at the same time', () => {
    const places = statePlaces('user', keeping, env, dirs('/a'));
    expect(places.slice(1)).toEqual(places.slice(1).map((_, index) => `${places[0]}.${index + 2}`));
  });

  test.each([
    { why: 'nothing is to be kept', options: { keepsState: false, stateDir: '/x' }, env, expected: [] },
    { why: 'there is no runtime directory', options: keeping, env: {}, expected: [] },
    { why: 'it is relative', options: keeping, env: { XDG_RUNTIME_DIR: 'run' }, expected: [] },
    { why: 'one is given', options: { keepsState: true, stateDir: '/x' }, env: {}, expected: ['/x'] },
  ])('are $expected where $why', ({ options, env, expected }) => {
    expect(statePlaces('user', options, env, dirs('/a'))).toEqual(expected);
  });
});

test('what is not to be gone on with is removed', () => {
  const place = join(tempDir(), 'state');
  mkdirSync(place);
  discardStates([place, '/nowhere']);
  expect(existsSync(place)).toBe(false);
});
