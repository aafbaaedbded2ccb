// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are Upstart's, not JavaScript's.
import { describe, expect, test } from 'vitest';
import { userLocations } from '../src/directories.js';
import { parseEventArgument } from '../src/event-argument.js';
import { expand, lookupIn } from '../src/expand.js';
import { mergeConf } from '../src/merge.js';
import { confFileKind } from '../src/names.js';
import { parseConf } from '../src/parse.js';
import { type ConfSource, resolveJobs } from '../src/resolve.js';
import { toRpn } from '../src/reverse-polish.js';
import { confOf, errorsOf, mainOf, placesOf } from './helpers.js';

const directory = (dir: string, files: Readonly<Record<string, string>>, session?: string): ConfSource => ({
  dir,
  files: Object.entries(files).map(([path, text]) => ({ path, text, kind: 'file' })),
  ...(session === undefined ? {} : { session }),
});

/** What the parser says of itself: the bugs that it mends in a text. */
const mendsOf = (text: string): readonly string[] => {
  const { source, diagnostics } = parseConf(text);
  return [
    ...source.nodes.flatMap((node) => (node.kind === 'broken' ? [] : node.mends)),
    ...diagnostics.flatMap(({ bug }) => bug ?? []),
  ];
};

/**
 * The numbers are those of the specification of the language, section 8.2. What happens while init runs is kept
 * elsewhere: reloading (B10, B11) by the supervisor, events (B15) by the engine, object paths (B25) by D-Bus.
 */
describe('mended bugs of the original', () => {
  test('B1: a blank before an escape stays, and the backslash is one', () => {
    expect(mainOf('exec one \\"two\\"\n')).toBe('one \\"two\\"');
    expect(mendsOf('exec one \\"two\\"\n')).toEqual(['B1']);
  });

  test('B2: an empty argument is one', () => {
    expect(confOf('description ""\n').description).toBe('');
    expect(placesOf('description\n')).toEqual(['1:12: Expected token']);
    expect(mendsOf('description ""\n')).toEqual(['B2']);
  });

  test('B3: blank lines and comments may stand in a group', () => {
    expect(toRpn(confOf('start on (a\n\n# c\n and b)\n').startOn)).toEqual([['a'], ['b'], ['/AND']]);
    expect(mendsOf('start on (a\n\n and b)\n')).toEqual(['B3']);
  });

  test('B4: an unclosed group is told where it is opened, and what follows is read', () => {
    expect(errorsOf('start on (a\nrespawn\nnice x\n')).toMatchObject([
      { line: 1, column: 10, message: 'Mismatched parentheses', bug: 'B4' },
      { line: 3, column: 6 },
    ]);
  });

  test('B5: a wrong signal is told with its line', () => {
    expect(errorsOf('exec x\nkill signal FOO\n')).toMatchObject([{ line: 2, column: 13, bug: 'B5' }]);
  });

  test.each(['manual', 'debug'])('B6: %s ends its line', (name) => {
    expect(errorsOf(`${name} start on x\n`)).toMatchObject([{ message: 'Unexpected token', bug: 'B6' }]);
  });

  test('B7: a broken override is ignored whole', () => {
    const { jobs } = resolveJobs([directory('1', { 'a.conf': 'exec x\n', 'a.override': 'nice 5\nbogus\n' })]);
    expect(jobs.get('a')).toMatchObject({ conf: { processes: { main: { command: 'x' } } }, overridden: [] });
    expect(jobs.get('a')?.conf.nice).toBeUndefined();
  });

  test.each(['instance', 'pre-start', 'script\nx\n', 'nice 99', 'console loud', 'limit core 1', 'start on ('])(
    'B8: half of "%s" in an override leaves nothing behind',
    (broken) => {
      const files = { 'a.conf': 'exec x\nstart on a\n', 'a.override': broken };
      expect(resolveJobs([directory('1', files)]).jobs.get('a')?.conf).toEqual(confOf(files['a.conf']));
    },
  );

  test('B9: no job comes from an override alone', () => {
    const { jobs } = resolveJobs([directory('1', { 'a.conf': 'bogus\n', 'a.override': 'exec x\n' })]);
    expect(jobs.size).toBe(0);
  });

  test('B12: a pair of files is read once', () => {
    const { diagnostics } = resolveJobs([directory('1', { 'a.override': 'bogus\n', 'a.conf': 'bogus\n' })]);
    expect(diagnostics.map(({ file }) => file)).toEqual(['1/a.conf', '1/a.override']);
  });

  test.each(['nice 4294967296', 'limit core -1 -1', 'normal exit 3840', 'kill signal 4096', 'umask 40000000027'])(
    'B13: %s is out of range',
    (text) => {
      expect(errorsOf(text)).toMatchObject([{ bug: 'B13' }]);
    },
  );

  test('B14: a default that is not used is not expanded', () => {
    expect(expand('${A:-$NOPE}', lookupIn(['A=1']))).toEqual({ ok: true, value: '1' });
  });

  test('B16: apparmor load takes one path', () => {
    expect(confOf('apparmor load "a b"\n').processes?.security?.command).toBe("/sbin/apparmor_parser -r -W 'a b'");
    expect(mendsOf('apparmor load "a b"\n')).toEqual(['B16']);
  });

  test('B17: an override counts in its own session alone', () => {
    const sources = [directory('1', { 'a.override': 'nice 1\n' }), directory('2', { 'a.conf': 'exec x\n' }, 'chroot')];
    expect(resolveJobs(sources).jobs.get('chroot:a')?.override).toBeUndefined();
  });

  test('B18: hidden files count for nothing', () => {
    expect(confFileKind('.x.conf')).toBeUndefined();
    expect(confFileKind('d/.x.override')).toBeUndefined();
  });

  test('B19: a byte order mark is skipped, and a NUL is an error', () => {
    expect(mainOf('\ufeffexec x\n')).toBe('x');
    expect(mendsOf('\ufeffexec x\n')).toEqual(['B19']);
    expect(errorsOf('exec a\0b\n')).toMatchObject([{ code: 'nul-character', bug: 'B19' }]);
  });

  test('B20: an escaped line break before the first word is a blank', () => {
    expect(mainOf('\\\nexec x\n')).toBe('x');
    expect(mendsOf('\\\nexec x\n')).toEqual(['B20']);
  });

  test('B21: the first of = and != counts', () => {
    expect(parseEventArgument('K=a!=b')).toEqual({ kind: 'named', key: 'K', negated: false, pattern: 'a!=b' });
  });

  test('B22: a user session without HOME gets an error', () => {
    expect(userLocations({ env: {} })).toMatchObject({ ok: false, code: 'no-home' });
  });

  test('B23: the messages of oom keep their text, and what is expected says the truth', () => {
    expect(errorsOf('oom 16\n')).toMatchObject([
      {
        message: "Illegal oom adjustment, expected -16 to 15 or 'never'",
        expected: ["'never', or a number from -17 to 15"],
      },
    ]);
  });

  test('B24: a wrong word of a known stanza keeps the text, and what is expected says the truth', () => {
    expect(errorsOf('console lgo\n')).toMatchObject([
      {
        message: 'Unknown stanza',
        expected: ['none', 'log', 'output', 'owner'],
        hint: "did you mean 'log'?",
      },
    ]);
  });

  test('what is not touched by an override is not touched by a bug of it', () => {
    const conf = confOf('exec x\nenv A=1\n');
    expect(mergeConf(conf, confOf('')).conf).toEqual(conf);
  });
});
