// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are Upstart's, not JavaScript's.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { insertStanza, removeStanza, setStanza } from '../src/edit.js';
import { expand } from '../src/expand.js';
import { matchGlob } from '../src/glob.js';
import { grammarRecognizer } from '../src/grammar.js';
import { mergeConf } from '../src/merge.js';
import { parseConf } from '../src/parse.js';
import { fromRpn, toRpn } from '../src/reverse-polish.js';
import { print, type Source } from '../src/source.js';
import { STANZA_ROWS } from '../src/stanzas.js';
import { hostileText, legalFile, legalStanza } from './arbitraries.js';
import { fc } from './fast-check.js';
import { confOf } from './helpers.js';

/** `FUZZ=1000000 npx vitest run --project @maverick/conf properties` runs longer. */
const numRuns = Number(process.env['FUZZ'] ?? 1000);
const anyText = fc.oneof(hostileText, fc.string({ unit: 'binary' }), legalFile);

describe('for any text', () => {
  test('printing what was parsed gives the text back', () => {
    fc.assert(
      fc.property(anyText, (text) => print(parseConf(text).source) === text),
      { numRuns },
    );
  });

  test('there is a job or an error, never both, and errors are inside the file', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { conf, diagnostics } = parseConf(text);
        const lines = text.split('\n');
        expect(conf === undefined).toBe(diagnostics.some(({ severity }) => severity === 'error'));
        for (const { line, column, length } of diagnostics) {
          expect(line).toBeGreaterThan(0);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeGreaterThan(0);
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
          expect(length).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns },
    );
  });

  test('every token stands where it says', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const node of parseConf(text).source.nodes) {
          if (node.kind !== 'stanza') continue;
          for (const token of node.tokens) {
            const source = text.slice(token.offset, token.offset + token.length);
            if (token.type === 'word') expect(source).toBe(token.raw);
            expect(text.slice(0, token.offset).split('\n').length).toBe(token.line);
          }
        }
      }),
      { numRuns },
    );
  });

  test('the grammar and the table read the same', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(parseConf(text, { recognizer: grammarRecognizer })).toEqual(parseConf(text));
      }),
      { numRuns },
    );
  });

  test('expansion and matching end', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'${}:-+AB*?[]!\\') }), fc.string(), (template, value) => {
        expand(template, (name) => (name === 'A' ? value : undefined));
        matchGlob(template, value);
      }),
      { numRuns },
    );
  });
});

/** Each grows with its argument in a way that could cost more than linear time, or too deep a recursion. */
const HOSTILE: Readonly<Record<string, (size: number) => string>> = {
  'a long or': (size) => `start on ${'a or '.repeat(size)}a\n`,
  'a long while': (size) => `while ${'not a or '.repeat(size / 10)}a\n`,
  'nested groups': (size) => `start on ${'('.repeat(size)}a${')'.repeat(size)}\n`,
  'nested groups of while': (size) => `while ${'('.repeat(size / 10)}a${')'.repeat(size / 10)}\n`,
  'unclosed groups': (size) => 'start on (a or\n'.repeat(size / 10),
  'unclosed groups of while': (size) => 'while (a or\n'.repeat(size / 10),
  'open quotes': (size) => `${'exec "\n'.repeat(size / 10)}exec '\n`,
  'open scripts': (size) => 'script x\n'.repeat(size / 10),
  'unknown scripts': (size) => 'bogus script\n'.repeat(size / 20),
  'many entries': (size) => 'env A=b\nemits a\n'.repeat(size / 10),
  'many digits': (size) => `nice ${'9'.repeat(size)}\nlimit nofile ${'9'.repeat(size)} 1\n`,
  'many continuations': (size) => `exec a${'\\\n'.repeat(size)}b\n`,
  'many backslashes': (size) => `bogus ${'\\'.repeat(size)}\nexec ${'\\'.repeat(size)}\n`,
  'many quotes behind a continuation': (size) => `exec a \\\n${"'b'c ".repeat(size / 5)}\n`,
  'many blanks': (size) => `${' '.repeat(size)}\nscript\n${' '.repeat(size)}end x\nend script\n`,
};

test.each(Object.keys(HOSTILE))('%s of 100 kB ends', (name) => {
  const text = HOSTILE[name]?.(100_000) ?? '';
  expect(print(parseConf(text).source)).toBe(text);
});

describe('for any legal file', () => {
  test('there is a job', () => {
    fc.assert(
      fc.property(legalFile, (text) => {
        confOf(text);
      }),
      { numRuns },
    );
  });

  test('an empty override changes nothing', () => {
    fc.assert(
      fc.property(legalFile, fc.constantFrom('maverick', '1.13'), (text, mergeRules) => {
        const conf = confOf(text);
        expect(mergeConf(conf, {}, { mergeRules })).toMatchObject({ conf, overridden: [] });
        expect(mergeConf(conf, {}, { mergeRules }).conf).toEqual(conf);
      }),
      { numRuns },
    );
  });

  test('by the rules of 1.13 an override counts as if it followed the file', () => {
    fc.assert(
      fc.property(legalFile, legalFile, (text, override) => {
        const merged = mergeConf(confOf(text), confOf(override), { mergeRules: '1.13' }).conf;
        expect(merged).toEqual(confOf(text + override));
      }),
      { numRuns },
    );
  });

  test('expressions survive as lists', () => {
    fc.assert(
      fc.property(legalFile, (text) => {
        const { startOn = null } = confOf(text);
        expect(fromRpn(toRpn(startOn))).toEqual(startOn);
      }),
      { numRuns },
    );
  });
});

describe('for any file', () => {
  const file = fc.oneof(legalFile, anyText);
  const nodesWithout = (source: Source, name: string): readonly string[] =>
    source.nodes.filter((node) => node.kind !== 'stanza' || node.name !== name).map(({ text }) => text);

  test('removing a stanza leaves everything else', () => {
    fc.assert(
      fc.property(file, fc.constantFrom(...STANZA_ROWS), (text, { name }) => {
        const { source } = parseConf(text);
        expect(print(removeStanza(source, name))).toBe(nodesWithout(source, name).join(''));
      }),
      { numRuns },
    );
  });

  test('setting a stanza changes that stanza alone', () => {
    fc.assert(
      fc.property(legalFile, legalStanza, (text, { row, text: stanza }) => {
        const edited = setStanza(parseConf(text).source, row.name, stanza);
        expect(nodesWithout(edited, row.name)).toEqual(nodesWithout(parseConf(text).source, row.name));
        const last = edited.nodes.findLast((node) => node.kind === 'stanza' && node.name === row.name);
        expect(last?.text).toBe(stanza);
      }),
      { numRuns },
    );
  });

  test('inserting a stanza adds it at the end and changes nothing before it', () => {
    fc.assert(
      fc.property(legalFile, legalStanza, (text, { row, text: stanza }) => {
        const edited = insertStanza(parseConf(text).source, stanza);
        expect(print(edited)).toBe(text + stanza);
        expect(edited.nodes.at(-1)).toMatchObject({ kind: 'stanza', name: row.name });
      }),
      { numRuns },
    );
  });
});

const corpus = new URL('../../../../shared/corpus/', import.meta.url);

test.runIf(existsSync(corpus))('the grammar and the table read real job files in the same way', () => {
  const golden = JSON.parse(readFileSync(new URL('golden.json', corpus), 'utf8')) as Record<string, unknown>;
  for (const path of Object.keys(golden)) {
    const text = readFileSync(new URL(path.split('/').map(encodeURIComponent).join('/'), corpus), 'latin1');
    expect(parseConf(text, { recognizer: grammarRecognizer }), path).toEqual(parseConf(text));
  }
});
