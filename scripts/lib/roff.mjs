/** Pages of the manual from Markdown, as far as the documentation of this repository uses it. */
import { lexer } from 'marked';

const escapeText = (text) => text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('…', '...');

/** A line that begins with a dot or an apostrophe would be a request. */
const guardLine = (line) => (/^[.']/.test(line) ? `\\&${line}` : line);

const INLINE = {
  text: ({ tokens, text }) => (tokens ? inline(tokens) : escapeText(unescapeHtml(text))),
  escape: ({ text }) => escapeText(unescapeHtml(text)),
  codespan: ({ text }) => `\\fB${escapeText(unescapeHtml(text))}\\fR`,
  strong: ({ tokens }) => `\\fB${inline(tokens)}\\fR`,
  em: ({ tokens }) => `\\fI${inline(tokens)}\\fR`,
  link: ({ tokens }) => inline(tokens),
  br: () => ' ',
  html: ({ text }) => (/^<br/.test(text) ? ' or ' : ''),
};

const unescapeHtml = (text) =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

const inline = (tokens) =>
  tokens
    .map((token) => {
      const render = INLINE[token.type];
      if (render === undefined) throw new Error(`no roff for inline ${token.type}: ${token.raw}`);
      return render(token);
    })
    .join('');

const lines = (text) => text.split('\n').map((line) => guardLine(line.trim()));

const codeLines = (text) => text.split('\n').map((line) => guardLine(escapeText(line)));

/** A row of a table: what stands first, and the rest as its text. */
const tableRow = (header) => (cells) => {
  const [first, ...rest] = cells;
  const named = rest.flatMap(({ tokens }, index) => {
    const text = inline(tokens).trim();
    if (text === '') return [];
    const title = inline(header[index + 1].tokens);
    return [index === 0 || title === '' ? text : `(${title}: ${text})`];
  });
  return ['.TP', ...lines(inline(first.tokens) || '\\&'), ...lines(named.join(' ') || '\\&')];
};

const BLOCKS = {
  space: () => [],
  html: () => [],
  heading: ({ depth, tokens }) =>
    depth === 1 ? [] : [`${depth === 2 ? '.SH' : '.SS'} "${inline(tokens).replaceAll('"', '\\(dq')}"`],
  paragraph: ({ tokens }) => ['.PP', ...lines(inline(tokens))],
  text: ({ tokens, text }) => lines(tokens ? inline(tokens) : escapeText(text)),
  code: ({ text }) => ['.PP', '.RS 4', '.nf', ...codeLines(text), '.fi', '.RE'],
  list: ({ items }) => items.flatMap(({ tokens }) => ['.IP \\(bu 2', ...blocks(tokens)]),
  table: ({ header, rows }) => rows.flatMap(tableRow(header)),
};

const blocks = (tokens) =>
  tokens.flatMap((token) => {
    const render = BLOCKS[token.type];
    if (render === undefined) throw new Error(`no roff for ${token.type}: ${token.raw}`);
    return render(token);
  });

/**
 * A page of the manual.
 * @param title the name of the page, such as `initctl`
 * @param summary what stands behind the name
 * @param markdown its sections; a heading of the first level is left out
 */
export const manPage = ({ title, section, summary, markdown }) =>
  [
    '.\\" Generated from the tables and pages of the documentation: do not edit. See scripts/generate-docs.mjs.',
    `.TH ${title.toUpperCase()} ${section} "" "Maverick" "Upstart 1.13.2"`,
    '.SH NAME',
    `${escapeText(title)} \\- ${escapeText(summary)}`,
    ...blocks(lexer(markdown)),
    '',
  ].join('\n');
