import { describe, expect, test } from 'vitest';
import { complete } from '../src/completions.js';
import { STANZA_ROWS } from '../src/stanzas.js';

const textsFor = (line: string): readonly string[] => complete(line).map(({ text }) => text);

describe('completions', () => {
  test('of an empty line are all stanzas', () => {
    expect(textsFor('')).toEqual(STANZA_ROWS.map(({ name }) => name));
  });

  test.each([
    { line: 'des', texts: ['description'] },
    { line: '  kill', texts: ['kill timeout', 'kill signal'] },
    { line: 'kill ', texts: ['timeout', 'signal'] },
    { line: 'pre-start s', texts: ['script'] },
    { line: 'console ', texts: ['none', 'log', 'output', 'owner'] },
    { line: 'console lo', texts: ['log'] },
    { line: 'expect f', texts: ['fork', 'fd'] },
    { line: 'respawn limit ', texts: ['unlimited'] },
    { line: 'respawn limit 5 ', texts: [] },
    { line: 'description ', texts: [] },
    { line: 'exec ', texts: [] },
    { line: 'bogus ', texts: [] },
  ])('of "$line"', ({ line, texts }) => {
    expect(textsFor(line)).toEqual(texts);
  });

  test('say what the stanza is', () => {
    expect(complete('watchd')).toEqual([
      {
        text: 'watchdog',
        synopsis: 'watchdog SECONDS',
        help: 'The longest time between two signs of life of the main process',
        extension: true,
      },
    ]);
  });
});
