/**
 * Arguments: from the text of a word to the value that a setting holds.
 *
 * @see specification of the language, sections 2.5 to 2.7
 */

import type { BugNumber, ErrorCode } from './diagnostic.js';
import { type IntegerRange, parseInteger } from './integer.js';
import { type Console, type Expect, LIMIT_RESOURCES, type LimitResource, type LimitValue } from './job-conf.js';
import { MAX_SIGNAL, signalNumber } from './signals.js';
import type { ArgumentKind, ArgumentValues } from './stanza-rule.js';
import { suggest } from './suggest.js';

export interface IllegalArgument {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly expected: readonly string[];
  readonly bug?: BugNumber;
  readonly hint?: string;
}
export type ArgumentResult<Value> = { readonly ok: true; readonly value: Value } | IllegalArgument;

const legal = <Value>(value: Value): ArgumentResult<Value> => ({ ok: true, value });

const UINT64_MAX = 2n ** 64n - 1n;
const INT32_MAX = 2n ** 31n - 1n;
const INT64_MAX = 2n ** 63n - 1n;

const integer =
  (code: ErrorCode, expected: string, range: IntegerRange) =>
  (text: string): ArgumentResult<number> => {
    const result = parseInteger(text, range);
    if (result.ok) return legal(Number(result.value));
    return { ok: false, code, expected: [expected], ...(result.wraps ? { bug: 'B13' } : {}) };
  };

const oneOf =
  <Value extends string>(values: readonly Value[]) =>
  (text: string): ArgumentResult<Value> => {
    const value = values.find((candidate) => candidate === text);
    if (value !== undefined) return legal(value);
    const near = suggest(text, values);
    const hint = near === undefined ? {} : { hint: `did you mean '${near}'?` };
    return { ok: false, code: 'unknown-stanza', expected: values, ...hint };
  };

const signalInteger = integer('illegal-signal', `a signal's name, or its number from 0 to ${MAX_SIGNAL}`, {
  min: 0n,
  max: BigInt(MAX_SIGNAL),
  type: 'uint64',
  originalMax: INT32_MAX,
});

const exitInteger = integer('illegal-exit-status', "an exit status from 0 to 255, or a signal's name", {
  min: 0n,
  max: 255n,
  type: 'uint64',
  originalMax: INT32_MAX,
});

const limitInteger = (text: string): ArgumentResult<LimitValue> => {
  const result = parseInteger(text, { min: 0n, max: UINT64_MAX, type: 'uint64' });
  if (!result.ok) {
    const expected = ["'unlimited'", 'a number below 2^64'];
    return { ok: false, code: 'illegal-limit', expected, ...(result.wraps ? { bug: 'B13' } : {}) };
  }
  if (result.value === UINT64_MAX) return legal('unlimited');
  return legal(result.value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(result.value) : String(result.value));
};

/** The score that a legacy adjustment stands for. */
const scoreOf = (adjustment: number): number => Math.trunc((adjustment * 1000) / (adjustment < 0 ? 17 : 15));

const oomInteger = integer('illegal-oom', "'never', or a number from -17 to 15", {
  min: -17n,
  max: 15n,
  type: 'int32',
});

const oomScoreInteger = integer('illegal-oom-score', "'never', or a number from -1000 to 1000", {
  min: -1000n,
  max: 1000n,
  type: 'int32',
});

const EXPECTS = ['none', 'stop', 'fork', 'daemon', 'notify'] as const satisfies readonly Expect[];
const ORIGINAL_EXPECTS = ['none', 'stop', 'fork', 'daemon'] as const satisfies readonly Expect[];
const CONSOLES = ['none', 'log', 'output', 'owner'] as const satisfies readonly Console[];

const parseResource = oneOf<LimitResource>(LIMIT_RESOURCES);

/** How the text of each kind is read. Empty text never gets here, except for `text`. */
const PARSERS = {
  text: legal,
  name: legal,
  seconds: integer('illegal-interval', 'a number of seconds from 0', { min: 0n, max: INT64_MAX, type: 'int64' }),
  signal: (text) => {
    const number = signalNumber(text);
    return number === undefined ? signalInteger(text) : legal(number);
  },
  exitStatus: (text) => {
    const signal = signalNumber(text);
    if (signal !== undefined) return legal({ kind: 'signalled', signal });
    const status = exitInteger(text);
    return status.ok ? legal({ kind: 'exited', code: status.value }) : status;
  },
  umask: integer('illegal-umask', 'an octal number from 0 to 0777', { min: 0n, max: 0o777n, base: 8, type: 'uint32' }),
  nice: integer('illegal-nice', 'a number from -20 to 19', { min: -20n, max: 19n, type: 'int32' }),
  oom: (text) => {
    if (text === 'never') return legal(-1000);
    const result = oomInteger(text);
    return result.ok ? legal(scoreOf(result.value)) : result;
  },
  oomScore: (text) => (text === 'never' ? legal(-1000) : oomScoreInteger(text)),
  resource: parseResource,
  limit: (text) => (text === 'unlimited' ? legal(text) : limitInteger(text)),
  count: integer('illegal-limit', "'unlimited', or a number from 0 to 2147483647", {
    min: 0n,
    max: INT32_MAX,
    type: 'int32',
  }),
  unlimited: oneOf(['unlimited']),
  expect: oneOf(EXPECTS),
  descriptor: integer('illegal-descriptor', 'a descriptor number from 3', { min: 3n, max: INT32_MAX, type: 'int32' }),
  console: oneOf(CONSOLES),
  bytes: integer('illegal-size', 'a number of bytes from 1', { min: 1n, max: INT64_MAX, type: 'int64' }),
  transport: oneOf(['pipe', 'pty']),
  format: oneOf(['text', 'json']),
} as const satisfies { readonly [Kind in ArgumentKind]: (text: string) => ArgumentResult<ArgumentValues[Kind]> };

const parseOriginalExpect = (text: string): ArgumentResult<Expect> => {
  const result = oneOf<Expect>(ORIGINAL_EXPECTS)(text);
  const extension = text === 'notify' || text === 'fd';
  const hint = `'expect ${text}' is an extension, which strict reading of 1.13 refuses`;
  return !result.ok && extension ? { ...result, hint } : result;
};

/**
 * Read the text of an argument.
 * @param strict without the values that Upstart 1.13 doesn't know
 */
export const parseArgument = (
  kind: ArgumentKind,
  text: string,
  strict: boolean,
): ArgumentResult<ArgumentValues[ArgumentKind]> => {
  if (strict && kind === 'expect') return parseOriginalExpect(text);
  return PARSERS[kind](text);
};
