import { describe, expect, test } from 'vitest';
import { pythonValue } from '../lib/python-value.mjs';
import { readTranscript } from '../lib/transcript.mjs';
import { differencesOf } from '../lib/transcript-compare.mjs';

describe('a Python value', () => {
  test.each([
    ["''", ''],
    ['"it\'s"', "it's"],
    ["'a\\n\\'b\\''", "a\n'b'"],
    ['-1', -1],
    ['(True, False, None)', [true, false, null]],
    ["('a',)", ['a']],
    ['()', []],
    ["{'a': [('main', 7)], 'b': {}}", { a: [['main', 7]], b: {} }],
    ["dbus.Array([dbus.String('x')], signature=dbus.Signature('s'))", ['x']],
  ])('%s', (text, value) => expect(pythonValue(text)).toEqual(value));

  test.each(["'a", '[1', 'what', "'a' 'b'"])('%s is none', (text) => expect(() => pythonValue(text)).toThrow());
});

const TEXT = `/o U.GetIt(s)('x',) -> ERROR a.b.C: no
such thing

/o U.Job.Start(asb)(['K=v'], True) -> '/o/i'
    signal /o U.Job.InstanceAdded(dbus.ObjectPath('/o/i'),)
    signal /o/i U.Instance.StateChanged(dbus.String('running'),)
## part
-- file written
`;

describe('a transcript', () => {
  const steps = readTranscript(TEXT);

  test('is calls with their replies and signals, parts and edits', () => {
    expect(steps.map(({ kind, title }) => [kind, title])).toEqual([
      ['call', "/o GetIt('x',)"],
      ['call', "/o Start(['K=v'], True)"],
      ['section', 'part'],
      ['edit', 'file written'],
    ]);
    expect(steps[0]).toMatchObject({ interface: 'com.ubuntu.Upstart0_6', reply: { error: 'a.b.C' } });
    expect(steps[1]).toMatchObject({ args: [['K=v'], true], reply: { value: '/o/i' }, signals: [{}, {}] });
  });

  test('differs in replies, and in the signals of each object', () => {
    const [, start] = steps;
    const same = { reply: { value: '/o/i' }, signals: start.signals.toReversed() };
    expect(differencesOf(start, same)).toEqual([]);
    const other = { reply: { error: 'a.B', message: 'c' }, signals: start.signals.slice(1) };
    expect(differencesOf(start, other)).toEqual([
      'reply: expected "/o/i", got a.B: c',
      'signals of /o: expected InstanceAdded["/o/i"], got ',
    ]);
  });

  test('sets the numbers of processes and the order of lists aside', () => {
    const step = { kind: 'call', member: 'GetAll', reply: { value: { processes: [['main', 1]] } }, signals: [] };
    expect(differencesOf(step, { reply: { value: { processes: [['main', 2]] } }, signals: [] })).toEqual([]);
    expect(differencesOf(step, { reply: { value: { processes: [] } }, signals: [] })).toHaveLength(1);
    const list = { kind: 'call', member: 'GetAllJobs', reply: { value: ['/a', '/b'] }, signals: [] };
    expect(differencesOf(list, { reply: { value: ['/b', '/a'] }, signals: [] })).toEqual([]);
  });
});
