import { type NativePlan, native } from './native.js';
import type { LimitSpec } from './process-spec.js';

/** RLIM_INFINITY. */
const UNLIMITED = 2n ** 64n - 1n;

const NUMBERS: ReadonlyMap<string, number> = new Map(Object.entries(native.resourceNumbers()));

/** The names that a limit can have: `as`, `core`, `cpu` … `stack`. */
export const LIMIT_NAMES: readonly string[] = [...NUMBERS.keys()];

const resourceNumber = (name: string): number => {
  const number = NUMBERS.get(name);
  if (number === undefined) throw new TypeError(`no resource is called '${name}': expected ${LIMIT_NAMES.join(', ')}`);
  return number;
};

const limitValue = (value: number | string): bigint => {
  if (value === 'unlimited') return UNLIMITED;
  if (/^\d+$/.test(String(value)) && BigInt(value) < UNLIMITED) return BigInt(value);
  throw new RangeError(`a limit can't be ${value}: expected 'unlimited' or a number below 2^64 - 1`);
};

/** In the order of the resources' numbers, as the original sets them. */
export const sortLimits = (limits: readonly LimitSpec[]): readonly LimitSpec[] =>
  [...limits].sort((a, b) => resourceNumber(a.resource) - resourceNumber(b.resource));

/** Limits as the native side takes them. */
export const nativeLimits = (limits: readonly LimitSpec[]): NativePlan['limits'] =>
  limits.map(({ resource, soft, hard }) => ({
    resource: resourceNumber(resource),
    soft: limitValue(soft),
    hard: limitValue(hard),
  }));
