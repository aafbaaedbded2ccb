import { type EnvLookup, expand, matchGlob } from '@maverick/conf';
import { type Environment, valueIn, valuePart } from './environment.js';

/** One argument of an operand. Without `key` it is compared with the variable in its own position. */
export interface Pattern {
  readonly key?: string;
  readonly negated: boolean;
  readonly value: string;
}

/** Read `VALUE`, `KEY=VALUE` or `KEY!=VALUE`. */
export const compilePattern = (text: string): Pattern => {
  const equals = text.indexOf('=');
  if (equals < 0) return { negated: false, value: text };
  const negated = equals > 0 && text[equals - 1] === '!';
  return { key: text.slice(0, negated ? equals - 1 : equals), negated, value: text.slice(equals + 1) };
};

/** For `start on`, whose values are expanded with nothing. */
export const NO_VARIABLES: EnvLookup = () => undefined;

/**
 * Whether an environment satisfies every pattern. A variable that is missing satisfies none, a negated one neither; a
 * value that can't be expanded silently satisfies nothing.
 * @see spec: engine.md 2.5
 */
export const matches = (patterns: readonly Pattern[], env: Environment, lookup: EnvLookup): boolean =>
  patterns.every(({ key, negated, value }, position) => {
    const entry = env[position];
    const actual = key === undefined ? entry && valuePart(entry) : valueIn(env, key);
    if (actual === undefined) return false;
    const expanded = expand(value, lookup);
    return expanded.ok && matchGlob(expanded.value, actual) !== negated;
  });
