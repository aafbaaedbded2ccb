import { describe, expect, test } from 'vitest';
import { EditError, insertStanza, removeStanza, setStanza } from '../src/edit.js';
import { parseConf } from '../src/parse.js';
import { print } from '../src/source.js';

const TEXT = '# My job\n\tnice 5 # low\n\nscript\n  nice\nend script\nnice 7';
const source = parseConf(TEXT).source;

describe('an edit changes one stanza only', () => {
  test.each([
    {
      name: 'sets the one that counts',
      edited: setStanza(source, 'nice', 'nice 9'),
      text: TEXT.replace('nice 7', 'nice 9\n'),
    },
    { name: 'sets one that is not there', edited: setStanza(source, 'task', 'task\n'), text: `${TEXT}\ntask\n` },
    { name: 'inserts at the end', edited: insertStanza(source, 'env A=1'), text: `${TEXT}\nenv A=1\n` },
    {
      name: 'removes all of a name',
      edited: removeStanza(source, 'nice'),
      text: '# My job\n\nscript\n  nice\nend script\n',
    },
    {
      name: 'sets a script',
      edited: setStanza(source, 'script', 'script\nx\nend script'),
      text: TEXT.replace('  nice', 'x'),
    },
  ])('$name', ({ edited, text }) => {
    expect(print(edited)).toBe(text);
    expect(edited).toEqual(parseConf(text).source);
  });

  test('also in a file with errors', () => {
    const broken = parseConf('bogus\nnice 99\nexec x\n').source;
    expect(print(setStanza(broken, 'exec', 'exec y'))).toBe('bogus\nnice 99\nexec y\n');
  });

  test.each(['nice 99', 'task', 'nice 1\nnice 2', '', '# nothing', 'bogus'])('%j is not one stanza nice', (text) => {
    expect(() => setStanza(source, 'nice', text)).toThrow(EditError);
  });

  test('an empty line keeps a new stanza apart from a continued one', () => {
    const edited = insertStanza(parseConf('exec x \\\n').source, 'nice 1');
    expect(print(edited)).toBe('exec x \\\n\nnice 1\n');
  });

  test('nothing can follow a script that is never closed', () => {
    expect(() => insertStanza(parseConf('script\n  x\n').source, 'nice 1')).toThrow(
      expect.objectContaining({ name: 'EditError', code: 'unclosed-file' }),
    );
  });
});
