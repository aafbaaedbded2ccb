import type { ArgumentKind, StanzaRule } from '../src/stanza-rule.js';
import { STANZA_ROWS, type StanzaRow } from '../src/stanzas.js';
import { fc } from './fast-check.js';

/** Text that hits the rules of the language more often than any text would. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(...'"\'\\#()\n\r\t \0=;$', '\\\n', '\\\r\n', ' and ', ' or ', ' not ', '\ufeff', '\u2028'),
      fc.constantFrom('script\n', 'end script\n', '\nstart on ', '\nwhile ', '\nexec ', '\nlimit ', '\nend', 'x'),
      fc.constantFrom(...STANZA_ROWS.map(({ name }) => `\n${name} `)),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

const integer = (min: number, max: number) => fc.integer({ min, max }).map(String);
const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_./-]{0,8}$/).filter((text) => !/^(?:and|or|not)$/.test(text));
const limit = fc.oneof(fc.constant('unlimited'), integer(0, 1e6));

/** Legal words of each kind. */
const WORDS = {
  text: fc.oneof(name, fc.constant('""'), fc.constant('"two words"')),
  name,
  seconds: integer(0, 1000),
  signal: fc.oneof(fc.constantFrom('TERM', 'SIGHUP'), integer(0, 64)),
  exitStatus: fc.oneof(fc.constantFrom('TERM', 'SIGHUP'), integer(0, 255)),
  umask: fc.integer({ min: 0, max: 0o777 }).map((mask) => mask.toString(8)),
  nice: integer(-20, 19),
  oom: fc.oneof(fc.constant('never'), integer(-17, 15)),
  oomScore: fc.oneof(fc.constant('never'), integer(-1000, 1000)),
  resource: fc.constantFrom('nofile', 'core', 'as'),
  limit,
  count: integer(0, 1000),
  unlimited: fc.constant('unlimited'),
  expect: fc.constantFrom('none', 'stop', 'fork', 'daemon', 'notify'),
  descriptor: integer(3, 100),
  console: fc.constantFrom('none', 'log', 'output', 'owner'),
  bytes: integer(1, 1e6),
  transport: fc.constantFrom('pipe', 'pty'),
  format: fc.constantFrom('text', 'json'),
} as const satisfies { readonly [Kind in ArgumentKind]: fc.Arbitrary<string> };

const matches = fc.array(fc.tuple(name, fc.constantFrom('=', '!='), name), { maxLength: 2 });
const event = fc
  .tuple(name, fc.array(name, { maxLength: 2 }), matches)
  .map(([first, positional, named]) => [first, ...positional, ...named.map((parts) => parts.join(''))].join(' '));
const term = fc
  .tuple(name, matches)
  .map(([first, named]) => [first, ...named.map((parts) => parts.join(''))].join(' '));

const compound = (operand: fc.Arbitrary<string>, negated: boolean): fc.Arbitrary<string> =>
  fc.letrec<{ any: string; chain: string; group: string }>((tie) => ({
    any: fc.oneof({ maxDepth: 4 }, operand, tie('group'), tie('chain')),
    chain: fc
      .tuple(tie('any'), fc.constantFrom('and', 'or'), tie('group'))
      .map(([left, operator, right]) => `${left} ${operator} ${right}`),
    group: fc
      .tuple(tie('any'), fc.constantFrom('(', negated ? 'not (' : '( ', '(\n'))
      .map(([inner, open]) => `${open}${inner} )`),
  })).any;

const words = (rule: StanzaRule): fc.Arbitrary<string> =>
  fc.oneof(
    ...rule.forms.map((form) =>
      fc
        .tuple(
          ...form.map(({ kind, repeat }) =>
            repeat ? fc.array(WORDS[kind], { minLength: 1, maxLength: 3 }).map((list) => list.join(' ')) : WORDS[kind],
          ),
        )
        .map((list) => list.join(' ')),
    ),
  );

const bodyOf = (row: StanzaRow): fc.Arbitrary<string> => {
  switch (row.body) {
    case 'words':
      return words(row);
    case 'command':
      return fc.constantFrom('x', '/bin/true -a "b c"', 'a \\\n b');
    case 'block':
      return fc.constantFrom('\nend script', '\n  a\n  b\nend script', ' # c\nx\n\n  end script # d');
    case 'events':
      return compound(event, false);
    case 'states':
      return compound(term, true);
  }
};

/** A legal stanza of a row of the table. */
export const stanzaOf = (row: StanzaRow): fc.Arbitrary<string> =>
  bodyOf(row).map((body) => `${row.name}${body.startsWith('\n') ? '' : ' '}${body}\n`);

/** A row of the table with a legal stanza of it. */
export const legalStanza: fc.Arbitrary<{ readonly row: StanzaRow; readonly text: string }> = fc
  .constantFrom(...STANZA_ROWS)
  .chain((row) => stanzaOf(row).map((text) => ({ row, text })));
/** A legal file. */
export const legalFile: fc.Arbitrary<string> = fc
  .array(legalStanza, { maxLength: 8 })
  .map((list) => list.map(({ text }) => text).join(''));
