/**
 * A file as a lossless sequence of nodes: {@link print} gives the text back, character by character.
 */

import type { BugNumber } from './diagnostic.js';
import type { Point } from './lexer.js';
import type { StanzaName } from './stanzas.js';
import type { StanzaToken } from './token.js';

interface NodeBase {
  /** The node's whole lines, as they are in the file. */
  readonly text: string;
  /** Where its first line starts. */
  readonly start: Point;
}

/** A blank line, a line with only a comment, or a byte order mark. */
export interface GapNode extends NodeBase {
  readonly kind: 'blank' | 'comment' | 'mark';
  readonly mends: readonly BugNumber[];
}

/** A stanza: one logical line, or a block with its end. */
export interface StanzaNode extends NodeBase {
  readonly kind: 'stanza';
  readonly name: StanzaName;
  /** Its tokens in order, the name's words first. */
  readonly tokens: readonly StanzaToken[];
  /** The original's bugs without which it would read this stanza in the same way. */
  readonly mends: readonly BugNumber[];
}

/** Lines that are no stanza; a diagnostic says why. */
export interface BrokenNode extends NodeBase {
  readonly kind: 'broken';
}

export type SourceNode = GapNode | StanzaNode | BrokenNode;

/** A parsed file. */
export interface Source {
  /** The file's name as it was given to the parser. */
  readonly file?: string;
  readonly nodes: readonly SourceNode[];
}

/** The text of a source. `print(parseConf(text).source)` is `text`, whatever the text. */
export const print = (source: Source): string => source.nodes.map((node) => node.text).join('');
