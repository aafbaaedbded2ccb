/**
 * Changing one stanza of a file and nothing else: for tools that keep configurations which people write, too.
 */

import { parseConf } from './parse.js';
import { print, type Source, type SourceNode } from './source.js';
import type { StanzaName } from './stanzas.js';

/** The text given for a stanza is not exactly one stanza, of the name that was asked for. */
export class EditError extends Error {
  static {
    Object.defineProperty(EditError.prototype, 'name', { value: 'EditError' });
  }
  readonly code = 'not-one-stanza';
  /** The text that was given. */
  readonly text: string;

  constructor(text: string, expected: string) {
    super(`expected ${expected}, got ${JSON.stringify(text)}`);
    this.text = text;
  }
}

const withLineEnd = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

/** The text as whole lines, if it is one stanza of the name. */
const checkedStanza = (text: string, name?: StanzaName): string => {
  const { conf, source } = parseConf(text);
  const [node, ...more] = source.nodes;
  const fits = conf && node?.kind === 'stanza' && more.length === 0 && (name === undefined || node.name === name);
  if (!fits) throw new EditError(text, name === undefined ? 'one stanza' : `one stanza '${name}'`);
  return withLineEnd(text);
};

const reparse = ({ file }: Source, text: string): Source => parseConf(text, file === undefined ? {} : { file }).source;

const isStanza = (node: SourceNode, name: StanzaName): boolean => node.kind === 'stanza' && node.name === name;

/**
 * Add a stanza at the end.
 * @throws {EditError} if `stanza` is not exactly one stanza
 */
export const insertStanza = (source: Source, stanza: string): Source =>
  reparse(source, withLineEnd(print(source)) + checkedStanza(stanza));

/** Take away every stanza of a name. */
export const removeStanza = (source: Source, name: StanzaName): Source =>
  reparse(source, print({ nodes: source.nodes.filter((node) => !isStanza(node, name)) }));

/**
 * Put a stanza in the place of the last one of its name, which is the one that counts; without one, add it at the end.
 * @throws {EditError} if `stanza` is not exactly one stanza `name`
 */
export const setStanza = (source: Source, name: StanzaName, stanza: string): Source => {
  const text = checkedStanza(stanza, name);
  const place = source.nodes.findLastIndex((node) => isStanza(node, name));
  if (place < 0) return insertStanza(source, stanza);
  return reparse(source, source.nodes.map((node, index) => (index === place ? text : node.text)).join(''));
};
