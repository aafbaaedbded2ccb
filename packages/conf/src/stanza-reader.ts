/**
 * Reads one stanza from the pieces of a file: its name, its row of the stanza table, and its tokens.
 *
 * @see specification of the language, sections 1.1 and 1.6
 */

import { readBlock } from './block.js';
import type { ErrorCode } from './diagnostic.js';
import { type ExpressionText, type FindStanza, readEvents, readStates } from './expression-reader.js';
import type { PieceStream, Point } from './lexer.js';
import { type StanzaFamily, stanzaFamilies } from './stanza-family.js';
import { STANZA_ROWS, type StanzaRow } from './stanzas.js';
import { suggest } from './suggest.js';
import { type Fault, faultAt, faultOfBroken, type StanzaToken, type WordToken } from './token.js';
import { beginsWord, readCommand, readWord } from './word.js';

/** A stanza as read: what its row says about its arguments is still to be decided. */
export interface ReadStanza {
  readonly ok: true;
  readonly row: StanzaRow;
  /** The name's words. */
  readonly name: readonly WordToken[];
  readonly tokens: readonly StanzaToken[];
  /** Set for a stanza with an expression. */
  readonly expression?: ExpressionText;
  /** Where a missing word should stand. */
  readonly end: Point;
}
export interface UnreadStanza {
  readonly ok: false;
  readonly fault: Fault;
  /** Lines up to `end script` belong to it. */
  readonly block: boolean;
}

const unread = (fault: Fault, block = false): UnreadStanza => ({ ok: false, fault, block });

const FIRST_WORDS: readonly string[] = [...stanzaFamilies('all').keys()];

/** What another release, another fork or another program calls a stanza. */
const FORMER_NAMES: ReadonlyMap<string, string> = new Map([
  ['on', 'start on'],
  ['pid', 'expect fork, expect daemon or expect notify'],
  ['daemon', 'expect daemon'],
  ['service', 'no stanza: a job without task is a service'],
  ['user', 'setuid'],
  ['group', 'setgid'],
  ['normalexit', 'normal exit'],
  ['respawnlimit', 'respawn limit'],
  ['oom_adj', 'oom'],
  ['console_log', 'console log'],
  ['end', 'script: this `end script` has no beginning'],
]);

const EXTENSIONS = STANZA_ROWS.filter((row) => row.extension).map((row) => ({ row, words: row.name.split(' ') }));

/** The row of an extension that strict reading left out. */
const extensionOf = (words: readonly string[]): StanzaRow | undefined =>
  EXTENSIONS.find((extension) => extension.words.every((word, index) => word === words[index]))?.row;

/** Nobody reads more suggestions, and a file of nothing but errors shall cost no more than another. */
const MAX_SUGGESTIONS = 100;

export class StanzaReader {
  private suggestions = 0;
  private readonly stream: PieceStream;
  private readonly findStanza: FindStanza;
  private readonly families: ReadonlyMap<string, StanzaFamily>;

  constructor(stream: PieceStream, families: ReadonlyMap<string, StanzaFamily>, findStanza: FindStanza) {
    this.stream = stream;
    this.families = families;
    this.findStanza = findStanza;
  }

  /** Read the stanza ahead. The stream must lex words; afterwards the rest of the line, if any, is ahead. */
  read(): ReadStanza | UnreadStanza {
    const name = readWord(this.stream);
    if (name.type === 'broken') return unread(faultOfBroken(name));
    const family = this.families.get(name.raw);
    if (!family) return this.unknownName(name);
    return family.keywords.size === 0 && family.plain
      ? this.readBody(family.plain, [name], [])
      : this.readKeyword(name, family);
  }

  private suggest(word: string, known: readonly string[]): string | undefined {
    this.suggestions += 1;
    return this.suggestions > MAX_SUGGESTIONS ? undefined : suggest(word, known);
  }

  private unknownName(name: WordToken): UnreadStanza {
    this.stream.skipBlanks();
    const after = this.stream.point;
    const next = beginsWord(this.stream.ahead) ? readWord(this.stream) : undefined;
    const words = next?.type === 'word' ? [name.raw, next.raw] : [name.raw];
    const meant = this.suggest(name.raw, FIRST_WORDS);
    const place = after.line === name.line ? name : { ...after, length: 0 };
    const hint = hintFor(words, meant);
    const block = (words.length === 1 && meant === 'script') || words[1] === 'script';
    return unread(faultAt('unknown-stanza', place, { expected: ['a stanza'], ...hint }), block);
  }

  private readKeyword(name: WordToken, family: StanzaFamily): ReadStanza | UnreadStanza {
    this.stream.skipBlanks();
    const { plain, keywords, rawKeyword } = family;
    const expected = [...keywords.keys()];
    if (!beginsWord(this.stream.ahead)) {
      if (plain) return this.readBody(plain, [name], []);
      return unread(faultAt('expected-token', { ...this.stream.point, length: 0 }, { expected }));
    }
    const keyword = readWord(this.stream);
    if (keyword.type === 'broken') return unread(faultOfBroken(keyword));
    const row = keywords.get(rawKeyword ? keyword.raw : keyword.value);
    if (row) return this.readBody(row, [name, keyword], []);
    if (plain && !rawKeyword) return this.readBody(plain, [name], [keyword]);
    const near = this.suggest(keyword.raw, expected);
    const hint = hintFor([name.raw, keyword.raw], near === undefined ? undefined : `${name.raw} ${near}`);
    const block = keyword.raw === 'script' || near === 'script';
    return unread(faultAt('unknown-stanza', keyword, { expected, ...hint }), block);
  }

  private readBody(row: StanzaRow, name: readonly WordToken[], tokens: StanzaToken[]): ReadStanza | UnreadStanza {
    switch (row.body) {
      case 'words':
        this.readWords(tokens);
        return { ok: true, row, name, tokens, end: this.stream.point };
      case 'command':
        return this.readCommand(row, name);
      case 'block':
        return this.readBlock(row, name);
      case 'events':
      case 'states':
        return this.readExpression(row, name);
    }
  }

  private readWords(tokens: StanzaToken[]): void {
    for (;;) {
      this.stream.skipBlanks();
      if (!beginsWord(this.stream.ahead)) return;
      const token = readWord(this.stream);
      tokens.push(token);
      if (token.type === 'broken') return;
    }
  }

  private readCommand(row: StanzaRow, name: readonly WordToken[]): ReadStanza | UnreadStanza {
    this.stream.enter('command');
    this.stream.skipBlanks();
    const token = readCommand(this.stream);
    this.stream.enter('words');
    if (token.type === 'broken') return unread(faultOfBroken(token));
    if (token.value === '') return unread(missing('expected-token', this.stream.point, ['a command']));
    return { ok: true, row, name, tokens: [token], end: this.stream.point };
  }

  private readBlock(row: StanzaRow, name: readonly WordToken[]): ReadStanza | UnreadStanza {
    this.stream.skipBlanks();
    if (beginsWord(this.stream.ahead)) {
      const surplus = readWord(this.stream);
      const hint = "the script begins on the next line; a command on one line is 'exec'";
      return unread(faultAt('unexpected-token', surplus, { expected: ['end of line'], hint }), true);
    }
    if (this.stream.ahead?.type === 'comment') this.stream.next();
    this.stream.enter('block');
    this.stream.next();
    const token = readBlock(this.stream);
    if (token.type !== 'broken') return { ok: true, row, name, tokens: [token], end: this.stream.point };
    const first = name[0];
    const message = 'the block begins here';
    const related = first && { line: first.line, column: first.column, length: first.length, message };
    return unread({ ...faultOfBroken(token), expected: ['end script'], ...(related ? { related } : {}) }, true);
  }

  private readExpression(row: StanzaRow, name: readonly WordToken[]): ReadStanza {
    this.stream.enter('expression');
    const read = row.body === 'states' ? readStates : readEvents;
    const expression = read(this.stream, this.findStanza);
    this.stream.enter('words');
    return { ok: true, row, name, tokens: expression.tokens, expression, end: this.stream.point };
  }
}

const missing = (code: ErrorCode, point: Point, expected: readonly string[]): Fault =>
  faultAt(code, { ...point, length: 0 }, { expected });

const hintFor = (words: readonly string[], meant: string | undefined): { readonly hint?: string } => {
  const extension = extensionOf(words);
  if (extension) return { hint: `'${extension.name}' is an extension, which strict reading of 1.13 refuses` };
  const former = FORMER_NAMES.get(words[0] ?? '');
  if (former !== undefined) return { hint: `the stanza is ${former}` };
  return meant === undefined ? {} : { hint: `did you mean '${meant}'?` };
};
