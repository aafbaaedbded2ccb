import { describe, expect, test } from 'vitest';
import { formatDiagnostic, formatExcerpt } from '../src/diagnostic.js';
import { parseConf } from '../src/parse.js';
import { errorsOf, placesOf } from './helpers.js';

describe('all errors of a file are found', () => {
  test('stanza by stanza', () => {
    expect(placesOf('bogus\nnice 99\nrespawn\nstart on (a\nkill\nexec x\n')).toEqual([
      '1:1: Unknown stanza',
      '2:6: Illegal nice value, expected -20 to 19',
      '4:10: Mismatched parentheses',
      '5:5: Expected token',
    ]);
  });

  test('behind a quote that is never closed', () => {
    expect(placesOf("exec echo don't\nnice 99\n")).toEqual([
      '3:1: Unterminated quoted string',
      '2:6: Illegal nice value, expected -20 to 19',
    ]);
  });

  test.each([
    { name: 'behind a misspelt script with its lines', text: 'scirpt\n  foo\n  bar\nend script\nnice 99\n', line: 5 },
    { name: 'behind an unknown script', text: 'pre-strat script\n  foo\nend script\nnice 99\n', line: 4 },
    { name: 'behind the lines that continue an unknown stanza', text: 'bogus a \\\n b \\\r\n c\nnice 99\n', line: 4 },
  ])('$name', ({ text, line }) => {
    expect(placesOf(text)).toEqual(['1:1: Unknown stanza', `${line}:6: Illegal nice value, expected -20 to 19`]);
  });

  test('and then the file says nothing', () => {
    expect(parseConf('exec x\nbogus\n').conf).toBeUndefined();
  });
});

describe('a hint', () => {
  test.each([
    { text: 'decription x', hint: "did you mean 'description'?" },
    { text: 'Exec x', hint: "did you mean 'exec'?" },
    { text: 'console output_', hint: "did you mean 'output'?" },
    { text: 'limit nofiles 1 2', hint: "did you mean 'nofile'?" },
    { text: 'kill timeuot 5', hint: "did you mean 'kill timeout'?" },
    { text: 'log rotat 1 2', hint: "did you mean 'log rotate'?" },
    { text: 'normalexit 1', hint: 'the stanza is normal exit' },
    { text: 'kill timeout', hint: 'the stanza is: kill timeout SECONDS' },
  ])('$text: $hint', ({ text, hint }) => {
    expect(errorsOf(text)[0]?.hint).toBe(hint);
  });

  test('knows the longer names that the word could have made', () => {
    expect(errorsOf('log foo')[0]?.expected).toEqual(['pipe', 'pty', 'rotate', 'format']);
    expect(errorsOf('expect foo')[0]?.expected).toContain('fd');
    expect(errorsOf('expect foo', { strict: '1.13' })[0]?.expected).toEqual(['none', 'stop', 'fork', 'daemon']);
    expect(errorsOf('limit foo 1 2')[0]?.expected).toContain('nofile');
  });

  test('is not invented for a word like no other', () => {
    expect(errorsOf('xyzzyplugh')[0]?.hint).toBeUndefined();
  });
});

describe('an apostrophe that opens a string', () => {
  const hint = "an apostrophe opens a string here: write \\' or put the word in double quotes";

  test('is what the error at the end of the file hints at', () => {
    const [error] = errorsOf("exec echo don't\nrespawn\n");
    expect(error).toMatchObject({ code: 'unterminated-quote', line: 3, hint, related: { line: 1, column: 14 } });
  });

  test('is what the warning hints at if another one closes it', () => {
    expect(parseConf("exec echo don't\nenv A=can't\n").diagnostics).toMatchObject([{ severity: 'warning', hint }]);
  });

  test.each(["exec echo 'x\n", 'exec echo a"b\n'])('is not suspected in %j', (text) => {
    expect(errorsOf(text)[0]?.hint).toBeUndefined();
  });
});

describe('a warning', () => {
  test.each([
    { text: 'start on [06]', code: 'unreachable-event' },
    { text: 'start on a and K=v', code: 'unreachable-event' },
    { text: 'stop on $EVENT', code: 'unreachable-event' },
    { text: 'env A-B=1', code: 'illegal-variable-name' },
    { text: 'exec "foo bar"', code: 'quoted-command' },
    { text: 'limit nofile 9 1', code: 'soft-above-hard' },
    { text: 'limit nofile unlimited 1', code: 'soft-above-hard' },
    { text: 'expect daemon\nscript\n  webd\nend script\n', code: 'expect-with-script' },
    { text: 'script\n  webd\nend script\nexpect fork\n', code: 'expect-with-script' },
    { text: 'task\nrespawn\nexec x\n', code: 'respawn-of-task' },
    { text: 'respawn\ntask\nexec x\n', code: 'respawn-of-task' },
    { text: "description don't\nauthor can't\n", code: 'quote-over-lines' },
    { text: "exec echo don't\nenv A=can't\n", code: 'quote-over-lines' },
  ])('$text: $code, and the job is accepted', ({ text, code }) => {
    const { conf, diagnostics } = parseConf(text);
    expect(conf).toBeDefined();
    expect(diagnostics).toMatchObject([{ severity: 'warning', code }]);
  });

  test.each([
    'start on runlevel [06]',
    'exec "foo bar" x',
    "exec 'foo'",
    'limit nofile 1 unlimited',
    'expect stop\nscript\n  x\nend script\n',
    'expect daemon\npre-start script\n  x\nend script\nexec x\n',
    'expect daemon\nexpect none\nscript\n  x\nend script\n',
    'expect daemon\nscript\n  x\nend script\nexec x\n',
    'task\nrespawn limit 5 10\nexec x\n',
    "description 'one\n two'\n",
    "env A='one\n two'\n",
    "exec echo don't can't\n",
    "exec echo don\\'t\nenv A=can\\'t\n",
    "script\n  echo don't\n  echo can't\nend script\n",
  ])('is not given for %j', (text) => {
    expect(parseConf(text).diagnostics).toEqual([]);
  });

  test.each([
    { text: 'nice 1\nexpect daemon\nscript\n  x\nend script\n', place: { line: 2, column: 1, length: 6 } },
    { text: 'task\n  respawn\nexec x\n', place: { line: 2, column: 3, length: 7 } },
    { text: "nice 1\nexec a \\\n don't\nauthor can't\n", place: { line: 3, column: 5, length: 1 } },
  ])('stands where the mistake is: $text', ({ text, place }) => {
    expect(parseConf(text, { file: 'a.conf' }).diagnostics).toMatchObject([{ file: 'a.conf', ...place }]);
  });

  test('about what a file says as a whole is not given for a file with errors', () => {
    const { diagnostics } = parseConf('task\nrespawn\nnice 99\n');
    expect(diagnostics.map(({ code }) => code)).toEqual(['illegal-nice']);
  });
});

describe('a diagnostic as text', () => {
  const text = 'respawn\n\tdecription foo\n';
  const [diagnostic] = errorsOf(text, { file: '/etc/init/a.conf' });

  test('has the form of the original', () => {
    expect(diagnostic && formatDiagnostic(diagnostic)).toBe('/etc/init/a.conf:2: Unknown stanza');
  });

  test('has an excerpt with a caret for people', () => {
    expect(diagnostic && formatExcerpt(diagnostic, text)).toBe(
      [
        'error: /etc/init/a.conf:2: Unknown stanza',
        '2 | \tdecription foo',
        '  | \t^^^^^^^^^^',
        'expected: a stanza',
        "hint: did you mean 'description'?",
      ].join('\n'),
    );
  });

  test('shows the quote that was never closed', () => {
    const broken = 'exec "x\n';
    expect(errorsOf(broken).map((error) => formatExcerpt(error, broken))).toEqual([
      ['error: 2: Unterminated quoted string', '1: the quote is opened here', '1 | exec "x', '  |      ^'].join('\n'),
    ]);
  });

  test('has colours only where they are asked for', () => {
    expect(diagnostic && formatExcerpt(diagnostic, text, { colour: true })).toContain('\u001b[31m^^^^^^^^^^\u001b[0m');
  });
});
