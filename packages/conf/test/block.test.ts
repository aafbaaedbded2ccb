import { describe, expect, test } from 'vitest';
import { removeIndent } from '../src/block.js';
import { confOf, placesOf } from './helpers.js';

describe('the indent of a script', () => {
  test.each([
    { name: 'is taken from every line', lines: ['    if x\n', '        y\n', '    fi\n'], text: 'if x\n    y\nfi\n' },
    { name: 'is what all lines share', lines: ['    a\n', '  b\n'], text: '  a\nb\n' },
    { name: 'stays where a tab meets blanks', lines: ['\ta\n', '    b\n'], text: '\ta\n    b\n' },
    { name: 'stays because of one empty line', lines: ['  a\n', '\n', '  b\n'], text: '  a\n\n  b\n' },
    { name: 'is nothing in an empty script', lines: [], text: '' },
  ])('$name', ({ lines, text }) => {
    expect(removeIndent(lines)).toBe(text);
  });
});

describe('a script block', () => {
  test.each([
    { name: 'may end with the file', text: 'script\n  echo one\nend script' },
    { name: 'may have a comment at its beginning', text: 'script # why\n  echo one\nend script\n' },
    { name: 'may have a comment at its end', text: 'script\n  echo one\n\t end \t script#done\n' },
    { name: 'may follow an escaped line break', text: 'script \\\n\n  echo one\nend script\n' },
  ])('$name', ({ text }) => {
    expect(confOf(text)).toEqual({ processes: { main: { script: true, command: 'echo one\n' } } });
  });

  test('keeps quotes, comments, backslashes and CRs as they are', () => {
    const body = '\'"#\\ \\\n  x # y\r\nendscript\nend scripts\nend script x\nEnd script\n';
    expect(confOf(`script\n${body}end script\nrespawn\n`)).toEqual({
      processes: { main: { script: true, command: body } },
      respawn: true,
    });
  });

  test('ends at the first end script, wherever it stands', () => {
    expect(placesOf('script\ncat <<X\nend script\nX\nend script\n')).toEqual([
      '4:1: Unknown stanza',
      '5:1: Unknown stanza',
    ]);
  });

  test.each([
    { text: 'script\n  a\n  b', places: ['3:4: Unterminated block'] },
    { text: 'script', places: ['1:7: Unterminated block'] },
    { text: 'respawn\nscript\n', places: ['3:1: Unterminated block'] },
    { text: 'script now\nbogus\nend script\ntask x\n', places: ['1:8: Unexpected token', '4:6: Unexpected token'] },
  ])('$text: $places', ({ text, places }) => {
    expect(placesOf(text)).toEqual(places);
  });
});
