/** What decides the form of a stanza in the place of the stanza table. */

import type { EventOperator, StateExpression } from './job-conf.js';
import type { StanzaName } from './stanzas.js';
import type { StanzaToken } from './token.js';

/** What a stanza is recognized as: the tokens behind its name, or the tree of its expression. */
export type RecognizedStanza =
  | { readonly kind: 'tokens'; readonly name: StanzaName; readonly tokens: readonly StanzaToken[] }
  | { readonly kind: 'expression'; readonly name: StanzaName; readonly tree: EventOperator | StateExpression };

/** Takes the tokens of one stanza, its name's words first; `undefined` if they are none. */
export type StanzaRecognizer = (tokens: readonly StanzaToken[]) => RecognizedStanza | undefined;
