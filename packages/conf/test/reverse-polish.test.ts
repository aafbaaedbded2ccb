import { describe, expect, test } from 'vitest';
import { parseEventArgument } from '../src/event-argument.js';
import {
  fromRpn,
  fromRpnVariants,
  type ReversePolish,
  showExpression,
  toRpn,
  toRpnVariants,
} from '../src/reverse-polish.js';
import { signalName, signalNumber } from '../src/signals.js';
import { confOf } from './helpers.js';

describe('an expression', () => {
  const operator = confOf('start on (started dbus and started apache K=v) or e\n').startOn;
  const rpn = [['started', 'dbus'], ['started', 'apache', 'K=v'], ['/AND'], ['e'], ['/OR']];
  const variants = [['started', ['dbus']], ['started', ['apache', 'K=v']], 'AND', ['e', []], 'OR'] as const;

  test('as a list of strings, both ways', () => {
    expect(toRpn(operator)).toEqual(rpn);
    expect(fromRpn(rpn)).toEqual(operator);
  });

  test('as a list of variants, both ways', () => {
    expect(toRpnVariants(operator)).toEqual(variants);
    expect(fromRpnVariants(variants)).toEqual(operator);
  });

  test('as show-config shows it', () => {
    expect(operator && showExpression(operator)).toBe('((started dbus and started apache K=v) or e)');
    expect(showExpression({ kind: 'match', name: 'e', args: [] })).toBe('e');
  });

  test('that is missing is an empty list', () => {
    expect(toRpn(null)).toEqual([]);
    expect(toRpnVariants(undefined)).toEqual([]);
    expect(fromRpn([])).toBeNull();
    expect(fromRpnVariants([])).toBeNull();
  });

  test.each<{ list: ReversePolish }>([
    { list: [['/AND']] },
    { list: [['a'], ['b']] },
    { list: [[]] },
    { list: [['a'], ['/OR']] },
  ])('is not made of $list', ({ list }) => {
    expect(fromRpn(list)).toBeUndefined();
  });

  test('takes the word of an operator that has arguments for an event', () => {
    const { startOn } = confOf('start on /AND K=v or a\n');
    expect(startOn && fromRpn(toRpn(startOn))).toEqual(startOn);
  });

  test('may be as deep as it likes', () => {
    const deep = confOf(`start on ${'a or '.repeat(50_000)}a\n`).startOn;
    expect(toRpn(deep)).toHaveLength(100_001);
    expect(deep && showExpression(deep)).toHaveLength(50_000 * 7 + 1);
    const nested = confOf(`start on ${'(a and '.repeat(50_000)}a${')'.repeat(50_000)}\n`).startOn;
    expect(toRpn(nested)).toHaveLength(100_001);
  });
});

describe('an argument of an event', () => {
  test.each([
    { argument: '[!06]', parsed: { kind: 'positional', pattern: '[!06]' } },
    { argument: 'K=v', parsed: { kind: 'named', key: 'K', negated: false, pattern: 'v' } },
    { argument: 'K!=v', parsed: { kind: 'named', key: 'K', negated: true, pattern: 'v' } },
    { argument: 'K=a!=b', parsed: { kind: 'named', key: 'K', negated: false, pattern: 'a!=b' } },
    { argument: 'K=', parsed: { kind: 'named', key: 'K', negated: false, pattern: '' } },
  ])('$argument', ({ argument, parsed }) => {
    expect(parseEventArgument(argument)).toEqual(parsed);
  });
});

describe('a signal', () => {
  test.each([
    { name: 'TERM', number: 15, canonical: 'TERM' },
    { name: 'SIGHUP', number: 1, canonical: 'HUP' },
    { name: 'IOT', number: 6, canonical: 'ABRT' },
    { name: 'CLD', number: 17, canonical: 'CHLD' },
    { name: 'POLL', number: 29, canonical: 'IO' },
  ])('$name is $number, which is called $canonical', ({ name, number, canonical }) => {
    expect(signalNumber(name)).toBe(number);
    expect(signalName(number)).toBe(canonical);
  });

  test.each(['term', 'SIGSIGHUP', '15', 'RTMIN', 'toString'])('%s is none', (name) => {
    expect(signalNumber(name)).toBeUndefined();
  });

  test('has no name above the classic ones', () => {
    expect(signalName(34)).toBeUndefined();
  });
});
