/**
 * The Earley parser over the compiled grammar: one stanza at a time, never over a whole file or a script.
 */

import nearley from 'nearley';
import rules from './generated/grammar.js';
import type { GrammarStanza } from './grammar-actions.js';
import type { StanzaToken } from './token.js';

const GRAMMAR = nearley.Grammar.fromCompiled(rules);

/** A token as nearley sees it: literals of the grammar compare with `text`. */
type GrammarToken = StanzaToken & { readonly text: string };

/** Hands the tokens of one stanza to nearley. */
class TokenQueue {
  private readonly tokens: readonly StanzaToken[];
  private at = 0;

  constructor(tokens: readonly StanzaToken[]) {
    this.tokens = tokens;
  }

  next(): GrammarToken | undefined {
    const token = this.tokens[this.at];
    this.at += 1;
    return token && { ...token, text: token.type === 'word' ? token.raw : token.type };
  }

  // nearley resets its lexer for each chunk of text; the tokens are here already.
  reset(): void {}

  save(): object {
    return {};
  }

  formatError(): string {
    return '';
  }
}

/**
 * Parse the tokens of one stanza, its name's words first.
 * @returns `undefined` if the grammar does not take them
 */
export const parseStanza = (tokens: readonly StanzaToken[]): GrammarStanza | undefined => {
  // nearley calls `next` for tokens of any shape, but its types know only tokens with a text as `value`.
  const lexer = new TokenQueue(tokens) as unknown as nearley.Lexer;
  const parser = new nearley.Parser(GRAMMAR, { keepHistory: false, lexer });
  // Its own report lists every state of the parse, which can be huge, and nobody reads it.
  Object.assign(parser, { reportError: () => '' });
  try {
    parser.feed('');
  } catch {
    return undefined;
  }
  const results = parser.results as readonly GrammarStanza[];
  if (results.length > 1) throw new Error(`grammar: ${results.length} ways to read a stanza`);
  return results[0];
};
