/**
 * Changing one stanza of a file and nothing else: for tools that keep configurations which people write, too.
 */

import { parseConf } from './parse.js';
import { print, type Source, type SourceNode } from './source.js';
import type { StanzaName } from './stanzas.js';

/**
 * Why an edit can't be made. `not-one-stanza`: the text given is not exactly one stanza of the name that was asked for.
 * `unclosed-file`: the file ends with a script or a quotation that is never closed, so that whatever follows would be part of it.
 */
export type EditErrorCode = 'not-one-stanza' | 'unclosed-file';

/** An edit that can't be made; nothing was changed. */
export class EditError extends Error {
  static {
    Object.defineProperty(EditError.prototype, 'name', { value: 'EditError' });
  }
  readonly code: EditErrorCode;
  /** The text that was given. */
  readonly text: string;

  constructor(code: EditErrorCode, text: string, message: string) {
    super(message);
    this.code = code;
    this.text = text;
  }
}

const withLineEnd = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

/** The text as whole lines, if it is one stanza of the name. */
const checkedStanza = (text: string, name?: StanzaName): string => {
  const { conf, source } = parseConf(text);
  const [node, ...more] = source.nodes;
  const fits = conf && node?.kind === 'stanza' && more.length === 0 && (name === undefined || node.name === name);
  if (!fits) {
    const expected = name === undefined ? 'one stanza' : `one stanza '${name}'`;
    throw new EditError('not-one-stanza', text, `expected ${expected}, got ${JSON.stringify(text)}`);
  }
  return withLineEnd(text);
};

const reparse = ({ file }: Source, text: string): Source => parseConf(text, file === undefined ? {} : { file }).source;

const isStanza = (node: SourceNode, name: StanzaName): boolean => node.kind === 'stanza' && node.name === name;

/** What may have to stand between a file and a new stanza: an empty line ends a continued one. */
const GAPS = ['', '\n'] as const;

/**
 * Add a stanza at the end.
 * @throws {EditError} if `stanza` is not exactly one stanza, or the file ends with a script or a quotation that is never closed
 */
export const insertStanza = (source: Source, stanza: string): Source => {
  const text = checkedStanza(stanza);
  const before = withLineEnd(print(source));
  for (const gap of GAPS) {
    const edited = reparse(source, before + gap + text);
    const last = edited.nodes.at(-1);
    if (last?.kind === 'stanza' && last.text === text) return edited;
  }
  const message = 'the file ends with a script or a quotation that is never closed: close it first';
  throw new EditError('unclosed-file', stanza, message);
};

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
