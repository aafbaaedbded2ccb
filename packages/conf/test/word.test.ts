import { describe, expect, test } from 'vitest';
import { parseConf } from '../src/parse.js';
import { confOf, mainOf, placesOf } from './helpers.js';

describe('an argument', () => {
  test.each([
    { name: 'ends at a blank, a tab or a CR', text: '"a"\t\r\n', value: 'a' },
    { name: 'loses its quotes', text: '"two words"', value: 'two words' },
    { name: 'keeps the other kind of quote', text: `'say "hi"'`, value: 'say "hi"' },
    { name: 'joins quoted and plain parts', text: `"a b"c'd e'f`, value: 'a bcd ef' },
    { name: 'ends at a # in its middle', text: 'half#rest', value: 'half' },
    { name: 'keeps a # in quotes', text: "'a # b'", value: 'a # b' },
    { name: 'keeps blanks before the closing quote', text: '"pad  "', value: 'pad  ' },
    { name: 'makes one blank of line breaks in quotes', text: '"one \n\n   two"', value: 'one two' },
    { name: 'makes one blank of a line break before the closing quote', text: '"one\n"', value: 'one ' },
    { name: 'takes an escaped blank', text: 'one\\ two', value: 'one two' },
    { name: 'takes an escaped backslash', text: 'one\\\\two', value: 'one\\two' },
    { name: 'keeps the backslash before anything else', text: '"one\\ttwo"', value: 'one\\ttwo' },
    { name: 'keeps an escaped quote with its backslash', text: 'one\\"two', value: 'one\\"two' },
    { name: 'keeps an escaped # with its backslash', text: 'one\\#two', value: 'one\\#two' },
    { name: 'goes on behind an escaped line break', text: 'one\\\ntwo', value: 'one two' },
    { name: 'ends at an escaped line break with a blank behind', text: 'one\\\n ', value: 'one' },
    { name: 'ends at an escaped line break with nothing behind', text: 'one\\\n\n', value: 'one' },
    { name: 'may be empty in quotes', text: '""', value: '' },
    { name: 'takes a form feed for a letter', text: 'a\fb', value: 'a\fb' },
  ])('$name', ({ text, value }) => {
    expect(confOf(`description ${text}`)).toEqual({ description: value });
  });

  test.each([
    { text: '"one \\"two"', value: 'one \\"two', mends: ['B1'] },
    { text: '"one\n \\"two"', value: 'one \\"two', mends: ['B1'] },
    { text: '""', value: '', mends: ['B2'] },
    { text: 'one\\\r\ntwo', value: 'one two', mends: ['CRLF'] },
    { text: 'plain', value: 'plain', mends: [] },
  ])('$text is marked where the original reads something else', ({ text, value, mends }) => {
    const { conf, source } = parseConf(`description ${text}\n`);
    expect(conf).toEqual({ description: value });
    expect(source.nodes).toMatchObject([{ kind: 'stanza', mends }]);
  });
});

describe('a command', () => {
  test.each([
    { name: 'keeps the blanks between its words', text: 'one   two\tthree \t', value: 'one   two\tthree' },
    { name: 'keeps its quotes', text: `one "two" 'three'`, value: `one "two" 'three'` },
    { name: 'keeps its escapes', text: 'one\\ two\\\\ \\n', value: 'one\\ two\\\\ \\n' },
    { name: 'keeps the blank before an escape', text: 'one  \\two', value: 'one  \\two' },
    { name: 'makes one blank of an escaped line break', text: 'one \\\n     two\\\n three', value: 'one two three' },
    { name: 'begins behind escaped line breaks', text: '\\\n \\\n one', value: 'one' },
    { name: 'ends before an escaped line break', text: 'one \\\n', value: 'one' },
    {
      name: 'makes one blank of a line break in quotes',
      text: 'one "two\n   three" four',
      value: 'one "two three" four',
    },
    { name: 'ends at a #', text: 'curl http://x/#y', value: 'curl http://x/' },
    { name: 'may be an empty string in quotes', text: '""', value: '""' },
    { name: 'takes ; for a letter', text: 'one; respawn', value: 'one; respawn' },
  ])('$name', ({ text, value }) => {
    expect(mainOf(`exec ${text}\n`)).toBe(value);
  });
});

describe('a line', () => {
  test.each([
    { name: 'may end with CR LF', text: 'exec one\r\n\r\n# c\r\nrespawn\r\n' },
    { name: 'may end with the file', text: 'exec one\nrespawn' },
    { name: 'may begin with an escaped line break', text: '\\\nexec one\n\\\n\nrespawn\n' },
    { name: 'may follow a byte order mark', text: '\ufeffexec one\nrespawn\n' },
    { name: 'is not continued by a comment', text: 'exec one # c \\\nrespawn\n' },
  ])('$name', ({ text }) => {
    expect(confOf(text)).toEqual({ processes: { main: { script: false, command: 'one' } }, respawn: true });
  });

  test.each([
    { text: 'respawn\nexec one\\', place: '2:9: Trailing slash in file' },
    { text: 'description "two\n\nrespawn\n', place: '4:1: Unterminated quoted string' },
    { text: 'exec ok\ndescription "two\\', place: '2:17: Trailing slash in file' },
    { text: 'desc"ription x\n', place: '2:1: Unterminated quoted string' },
    { text: 'exec a\0b\n', place: '1:7: NUL character in file' },
    { text: '# a\n# b\0\n', place: '2:4: NUL character in file' },
  ])('$text is an error at $place', ({ text, place }) => {
    expect(placesOf(text)[0]).toBe(place);
  });
});
