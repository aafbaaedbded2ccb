/**
 * The short way to read a stanza: most of them stand on one line (or are a block), without a backslash, and with every
 * quote closed on its line. Such text means what it looks like, and nothing has to be lexed piece by piece.
 *
 * What is anything else, or wrong in any way, is left to the lexer. Both ways read the same.
 */

import { removeIndent } from './block.js';
import { EventExpressionReader } from './expression.js';
import type { ExpressionText } from './expression-reader.js';
import type { StanzaFamily } from './stanza-family.js';
import type { ReadStanza } from './stanza-reader.js';
import type { StanzaRow } from './stanzas.js';
import { StateExpressionReader } from './state-expression.js';
import type { ParenthesisToken, StanzaToken, WordToken } from './token.js';

/** What was read at the beginning of a line: a stanza, or a line without one. */
export type PlainLine = PlainStanza | { readonly kind: 'blank' | 'comment' };
interface PlainStanza {
  readonly kind: 'stanza';
  readonly stanza: ReadStanza;
}

// Nothing follows the outer repetitions, so none of these ever tries another way.
const WORD = /(?:[^ \t\r\n#"'\\]+|"[^"\\\n]*"|'[^'\\\n]*')+/y;
const OPERAND = /(?:[^ \t\r\n#"'\\()]+|"[^"\\\n]*"|'[^'\\\n]*')+/y;
const COMMAND = /(?:[^\n#"'\\]+|"[^"\\\n]*"|'[^'\\\n]*')+/y;
const BLOCK_END = /\n[ \t\r]*end[ \t\r]+script[ \t\r]*(?:#[^\n]*)?(?:\n|(?![\s\S]))/g;
const QUOTED = /"([^"]*)"|'([^']*)'/g;
const QUOTE = /["']/;

/** A regular expression keeps a note of every turn that it takes, so its text must have an end. */
const MAX_LINE = 10_000;

const LINE_FEED = 10;
const HASH = 35;
const OPEN = 40;
const CLOSE = 41;

const isBlank = (code: number): boolean => code === 32 || code === 9 || code === 13;

export class PlainReader {
  private readonly text: string;
  private readonly families: ReadonlyMap<string, StanzaFamily>;
  private at = 0;
  private line = 1;
  private lineStart = 0;
  /** Where the line after the stanza begins, and its number. */
  end = 0;
  endLine = 1;

  constructor(text: string, families: ReadonlyMap<string, StanzaFamily>) {
    this.text = text;
    this.families = families;
  }

  /** Read what the line at `offset` begins. @returns `undefined` if it is not plain; then nothing is known of it */
  read(offset: number, line: number): PlainLine | undefined {
    const lineEnd = this.text.indexOf('\n', offset);
    if ((lineEnd < 0 ? this.text.length : lineEnd) - offset > MAX_LINE) return undefined;
    this.at = offset;
    this.lineStart = offset;
    this.line = line;
    this.skipBlanks();
    if (this.atLineEnd()) {
      const kind = this.text.charCodeAt(this.at) === HASH ? 'comment' : 'blank';
      this.takeLine();
      return { kind };
    }
    const stanza = this.stanza();
    return stanza && { kind: 'stanza', stanza };
  }

  private stanza(): ReadStanza | undefined {
    const name = this.word(WORD);
    const family = name && this.families.get(name.raw);
    if (!family) return undefined;
    const { plain, keywords, rawKeyword } = family;
    if (keywords.size === 0) return plain && this.body(plain, [name], []);
    this.skipBlanks();
    if (this.atLineEnd()) return plain && this.body(plain, [name], []);
    const keyword = this.word(WORD);
    if (!keyword) return undefined;
    const row = keywords.get(rawKeyword ? keyword.raw : keyword.value);
    if (row) return this.body(row, [name, keyword], []);
    return plain && !rawKeyword ? this.body(plain, [name], [keyword]) : undefined;
  }

  private body(row: StanzaRow, name: readonly WordToken[], tokens: StanzaToken[]): ReadStanza | undefined {
    switch (row.body) {
      case 'words':
        return this.words(row, name, tokens);
      case 'command':
        return this.command(row, name);
      case 'block':
        return this.block(row, name);
      case 'events':
      case 'states':
        return this.expression(row, name);
    }
  }

  private words(row: StanzaRow, name: readonly WordToken[], tokens: StanzaToken[]): ReadStanza | undefined {
    for (this.skipBlanks(); !this.atLineEnd(); this.skipBlanks()) {
      const word = this.word(WORD);
      if (!word) return undefined;
      tokens.push(word);
    }
    return this.finish(row, name, tokens);
  }

  private command(row: StanzaRow, name: readonly WordToken[]): ReadStanza | undefined {
    this.skipBlanks();
    const start = this.at;
    COMMAND.lastIndex = start;
    if (!COMMAND.test(this.text)) return undefined;
    let end = COMMAND.lastIndex;
    this.at = end;
    if (!this.atLineEnd()) return undefined;
    while (end > start && isBlank(this.text.charCodeAt(end - 1))) end -= 1;
    const value = this.text.slice(start, end);
    const token = { type: 'command', value, ...this.pointOf(start), length: end - start } as const;
    return this.finish(row, name, [token]);
  }

  private block(row: StanzaRow, name: readonly WordToken[]): ReadStanza | undefined {
    this.skipBlanks();
    if (!this.atLineEnd()) return undefined;
    const lineEnd = this.text.indexOf('\n', this.at);
    if (lineEnd < 0) return undefined;
    BLOCK_END.lastIndex = lineEnd;
    const found = BLOCK_END.exec(this.text);
    if (!found) return undefined;
    const start = lineEnd + 1;
    const body = this.text.slice(start, found.index + 1);
    const lines = body === '' ? [] : body.slice(0, -1).split('\n');
    const value = body.startsWith(' ') || body.startsWith('\t') || body.startsWith('\r') ? removeIndentOf(lines) : body;
    const line = this.line + 1;
    const token = { type: 'block', value, offset: start, line, column: 1, length: body.length } as const;
    this.end = found.index + found[0].length;
    this.endLine = line + lines.length + 1;
    return { ok: true, row, name, tokens: [token], end: { offset: this.end, line: this.endLine, column: 1 } };
  }

  private expression(row: StanzaRow, name: readonly WordToken[]): ReadStanza | undefined {
    const events = row.body === 'events' ? new EventExpressionReader() : undefined;
    const states = events ? undefined : new StateExpressionReader();
    const machine = events ?? states;
    const tokens: StanzaToken[] = [];
    for (this.skipBlanks(); machine && !this.atLineEnd(); this.skipBlanks()) {
      const token = this.parenthesis() ?? this.word(OPERAND);
      if (!token || this.shift(machine, token)) return undefined;
      tokens.push(token);
    }
    if (tokens.length === 0 || !machine || machine.finish()) return undefined;
    return this.finish(row, name, tokens, { tokens, ...treeOf(events, states) });
  }

  /** @returns whether the token is wrong */
  private shift(machine: EventExpressionReader | StateExpressionReader, token: WordToken | ParenthesisToken): boolean {
    if (token.type === 'word') return machine.word(token) !== undefined;
    return (token.type === '(' ? machine.open(token) : machine.close()) !== undefined;
  }

  private parenthesis(): ParenthesisToken | undefined {
    const code = this.text.charCodeAt(this.at);
    if (code !== OPEN && code !== CLOSE) return undefined;
    const token = { type: code === OPEN ? '(' : ')', ...this.pointOf(this.at), length: 1 } as const;
    this.at += 1;
    return token;
  }

  private finish(
    row: StanzaRow,
    name: readonly WordToken[],
    tokens: readonly StanzaToken[],
    expression?: ExpressionText,
  ): ReadStanza {
    const end = this.pointOf(this.at);
    this.takeLine();
    return expression ? { ok: true, row, name, tokens, expression, end } : { ok: true, row, name, tokens, end };
  }

  private word(pattern: RegExp): WordToken | undefined {
    const start = this.at;
    pattern.lastIndex = start;
    if (!pattern.test(this.text)) return undefined;
    this.at = pattern.lastIndex;
    const raw = this.text.slice(start, this.at);
    const value = QUOTE.test(raw) ? raw.replace(QUOTED, '$1$2') : raw;
    const column = start - this.lineStart + 1;
    return { type: 'word', value, raw, offset: start, line: this.line, column, length: raw.length };
  }

  private skipBlanks(): void {
    while (isBlank(this.text.charCodeAt(this.at))) this.at += 1;
  }

  /** Whether nothing but a comment is left of the line. */
  private atLineEnd(): boolean {
    if (this.at >= this.text.length) return true;
    const code = this.text.charCodeAt(this.at);
    return code === LINE_FEED || code === HASH;
  }

  private takeLine(): void {
    const lineEnd = this.text.indexOf('\n', this.at);
    this.end = lineEnd < 0 ? this.text.length : lineEnd + 1;
    this.endLine = lineEnd < 0 ? this.line : this.line + 1;
  }

  private pointOf(offset: number): { readonly offset: number; readonly line: number; readonly column: number } {
    return { offset, line: this.line, column: offset - this.lineStart + 1 };
  }
}

const removeIndentOf = (lines: readonly string[]): string => removeIndent(lines.map((line) => `${line}\n`));

const treeOf = (
  events: EventExpressionReader | undefined,
  states: StateExpressionReader | undefined,
): Pick<ExpressionText, 'operator' | 'states'> => {
  if (events?.result) return { operator: events.result };
  return states?.result ? { states: states.result } : {};
};
