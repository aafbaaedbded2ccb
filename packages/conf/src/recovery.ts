/**
 * Where to go on after a stanza with an error, so that every error of a file is found and none that only follows from
 * another.
 */

import type { FindStanza } from './expression-reader.js';
import { type Point, pointAt } from './lexer.js';
import { stanzaFamilies } from './stanza-family.js';
import type { ReadStanza, UnreadStanza } from './stanza-reader.js';

const STANZA_LINE = new RegExp(
  `(?<=\\n)[ \\t\\r]*(?:${[...stanzaFamilies('all').keys()].join('|')})(?=[ \\t\\r\\n#]|(?![\\s\\S]))`,
  'g',
);
const BLOCK_END = /(?<=\n)[ \t\r]*end[ \t\r]+script[ \t\r]*(?:#[^\n]*)?(?:\n|(?![\s\S]))/g;

export class Recovery {
  private readonly text: string;
  /** No `end script` stands behind this offset, so that nobody looks again. */
  private noBlockEndAfter = Number.POSITIVE_INFINITY;

  constructor(text: string) {
    this.text = text;
  }

  /** The next line after the point's own that begins with a stanza's name. */
  readonly findStanza: FindStanza = (after) => {
    const lineEnd = this.text.indexOf('\n', after.offset);
    if (lineEnd < 0) return undefined;
    STANZA_LINE.lastIndex = lineEnd + 1;
    const found = STANZA_LINE.exec(this.text);
    return found ? pointAt(this.text, found.index, after) : undefined;
  };

  /**
   * The point behind a stanza with an error.
   * @param name where it begins
   * @param reached how far it was read
   */
  after(stanza: ReadStanza | UnreadStanza, name: Point, reached: Point): Point {
    if (!stanza.ok && stanza.fault.code === 'unterminated-block') return reached;
    if (!stanza.ok && stanza.block) return this.blockEnd(name) ?? this.lineEnd(reached);
    if (stanza.ok && stanza.expression?.resume !== undefined) {
      const { resume } = stanza.expression;
      return resume === 'end' ? pointAt(this.text, this.text.length, reached) : resume;
    }
    return this.lineEnd(isBroken(stanza) ? name : reached);
  }

  /** Behind the `end script` that follows. */
  private blockEnd(from: Point): Point | undefined {
    if (from.offset >= this.noBlockEndAfter) return undefined;
    BLOCK_END.lastIndex = from.offset;
    const found = BLOCK_END.exec(this.text);
    if (found) return pointAt(this.text, found.index + found[0].length, from);
    this.noBlockEndAfter = Math.min(this.noBlockEndAfter, from.offset);
    return undefined;
  }

  /** Behind the logical line, without regard to quotes. */
  private lineEnd(from: Point): Point {
    let at = this.text.indexOf('\n', from.offset);
    while (at > 0 && this.isEscaped(at, from.offset)) at = this.text.indexOf('\n', at + 1);
    return pointAt(this.text, at < 0 ? this.text.length : at + 1, from);
  }

  private isEscaped(newline: number, from: number): boolean {
    let at = newline - 1;
    if (this.text.charAt(at) === '\r') at -= 1;
    let slashes = 0;
    for (; at >= from && this.text.charAt(at) === '\\'; at -= 1) slashes += 1;
    return slashes % 2 === 1;
  }
}

/** Whether the stanza ran into a quote that is never closed, and so to the end of the file. */
const isBroken = (stanza: ReadStanza | UnreadStanza): boolean =>
  stanza.ok
    ? stanza.tokens.some(({ type }) => type === 'broken')
    : stanza.fault.code === 'unterminated-quote' || stanza.fault.code === 'trailing-slash';
