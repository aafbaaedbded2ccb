/**
 * The Earley parser over the compiled grammar: one stanza at a time, never over a whole file or a script.
 *
 * The main entry does not load it: the table and the expression machines read the same language in a fraction of the
 * time. It is the language's definition to check them against, and to build other tools on.
 *
 * @module @maverick/conf/grammar
 */

import nearley from 'nearley';
import rules from './generated/grammar.js';
import type { RecognizedStanza, StanzaRecognizer } from './recognizer.js';
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

/** Recognizes stanzas by the grammar: the option `recognizer` of `parseConf`. */
export const grammarRecognizer: StanzaRecognizer = (tokens) => {
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
  const results = parser.results as readonly RecognizedStanza[];
  if (results.length > 1) throw new Error(`grammar: ${results.length} ways to read a stanza`);
  return results[0];
};
