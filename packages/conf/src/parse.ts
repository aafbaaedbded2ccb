/**
 * From the text of a job file to its settings, its lossless source and its diagnostics.
 *
 * @see init(5), "Configuration File Format"
 */

import { decide } from './decide.js';
import { type Diagnostic, ERRORS } from './diagnostic.js';
import { parseStanza } from './grammar.js';
import { JobBuilder, needsQuotes, type StanzaValues } from './job-builder.js';
import type { JobConf } from './job-conf.js';
import { PieceStream, type Point, pointAt } from './lexer.js';
import { Recovery } from './recovery.js';
import type { Source, SourceNode } from './source.js';
import { stanzaFamilies } from './stanza-family.js';
import { type ReadStanza, StanzaReader } from './stanza-reader.js';
import { type Fault, faultAt, faultOfBroken } from './token.js';
import { warningsOf } from './warnings.js';
import { beginsWord } from './word.js';

export interface ParseOptions {
  /** The file's name, for diagnostics. */
  readonly file?: string;
  /** Refuse what Upstart 1.13 doesn't know. The original's bugs stay mended. */
  readonly strict?: '1.13';
  /**
   * How the form of a stanza is decided. `table` (the default) asks the stanza table and the expression machine, and
   * the grammar only for `while`; `grammar` asks the grammar for every stanza. Both read the same language.
   */
  readonly recognizer?: 'table' | 'grammar';
  /** Take no stanza at all, only blank lines and comments: `/etc/init.conf`. */
  readonly stanzas?: 'all' | 'none';
}

export interface ParsedConf {
  /** What the file says; `undefined` if it has any error: a file counts as a whole or not at all. */
  readonly conf: JobConf | undefined;
  /** The whole text with its structure, also of a file with errors. */
  readonly source: Source;
  /** Every error and warning; the first error is the one that the original reports. */
  readonly diagnostics: readonly Diagnostic[];
}

type Interpretation =
  | { readonly ok: true; readonly values: StanzaValues }
  | { readonly ok: false; readonly fault: Fault };

/** UTF-8's byte order mark, decoded as UTF-8 or byte by byte. */
const BYTE_ORDER_MARKS = ['\ufeff', '\u00ef\u00bb\u00bf'];

class Parser {
  private readonly text: string;
  private readonly options: ParseOptions;
  private readonly stream: PieceStream;
  private readonly reader: StanzaReader;
  private readonly builder = new JobBuilder();
  private readonly nodes: SourceNode[] = [];
  private readonly diagnostics: Diagnostic[] = [];
  private readonly recovery: Recovery;
  private nul: number;

  constructor(text: string, options: ParseOptions) {
    this.text = text;
    this.options = options;
    this.stream = new PieceStream(text);
    this.recovery = new Recovery(text);
    const families = stanzaFamilies(options.stanzas === 'none' ? 'none' : options.strict ? 'original' : 'all');
    this.reader = new StanzaReader(this.stream, families, this.recovery.findStanza);
    this.nul = text.indexOf('\0');
  }

  run(): ParsedConf {
    this.skipMark();
    while (this.stream.ahead) this.logicalLine();
    const { file } = this.options;
    const failed = this.diagnostics.some(({ severity }) => severity === 'error');
    return {
      conf: failed ? undefined : this.builder.finish(),
      source: { ...(file === undefined ? {} : { file }), nodes: this.nodes },
      diagnostics: this.diagnostics,
    };
  }

  private skipMark(): void {
    const mark = BYTE_ORDER_MARKS.find((candidate) => this.text.startsWith(candidate));
    if (mark === undefined) return;
    const start = { offset: 0, line: 1, column: 1 };
    this.stream.seek({ offset: mark.length, line: 1, column: mark.length + 1 });
    this.nodes.push({ kind: 'mark', text: mark, start, mends: ['B19'] });
  }

  private logicalLine(): void {
    const start = this.stream.point;
    if (this.stream.ahead?.type === 'blank') this.stream.next();
    // The original takes an escaped line break here for the beginning of the stanza's name.
    if (this.stream.ahead?.type === 'continuation') this.stream.mark('B20');
    this.stream.skipBlanks();
    if (beginsWord(this.stream.ahead)) this.stanza(start);
    else this.gap(start);
  }

  private gap(start: Point): void {
    const kind = this.stream.ahead?.type === 'comment' ? 'comment' : 'blank';
    this.endLine();
    this.nodes.push({ kind, text: this.textFrom(start), start, mends: this.stream.takeMends() });
    this.reportNul(start);
  }

  private stanza(start: Point): void {
    const name = this.stream.point;
    const read = this.reader.read();
    const result = read.ok ? this.interpret(read) : read;
    if (read.ok && result.ok) {
      this.accept(read, result.values, start);
    } else {
      if (!result.ok) this.report(result.fault);
      this.stream.takeMends();
      this.stream.seek(this.recovery.after(read, name, this.stream.point));
      this.nodes.push({ kind: 'broken', text: this.textFrom(start), start });
    }
    this.reportNul(start);
  }

  private accept(stanza: ReadStanza, values: StanzaValues, start: Point): void {
    const { row } = stanza;
    this.builder.apply(row.name, values);
    if (row.name === 'apparmor load' && needsQuotes(values[0])) this.stream.mark('B16');
    if (row.body !== 'block') this.endLine();
    const tokens = [...stanza.name, ...stanza.tokens];
    const mends = this.stream.takeMends();
    this.nodes.push({ kind: 'stanza', name: row.name, tokens, mends, text: this.textFrom(start), start });
    for (const warning of warningsOf(stanza)) this.diagnostics.push({ ...warning, ...this.fileField() });
  }

  private interpret(stanza: ReadStanza): Interpretation {
    const { row, expression } = stanza;
    if (expression?.fault) return { ok: false, fault: expression.fault };
    if (this.options.recognizer === 'grammar' || row.body === 'states') return this.interpretByGrammar(stanza);
    if (expression?.operator) return { ok: true, values: [expression.operator] };
    return row.body === 'words' ? this.interpretWords(stanza) : interpretBody(stanza);
  }

  private interpretByGrammar(stanza: ReadStanza): Interpretation {
    const { row, name, tokens, end } = stanza;
    const parsed = parseStanza([...name, ...tokens]);
    if (parsed?.kind === 'expression') return { ok: true, values: [parsed.tree] };
    const byTable = row.body === 'words' ? this.interpretWords(stanza) : interpretBody(stanza);
    if (parsed && parsed.name === row.name && parsed.tokens.length === tokens.length) return byTable;
    const place = name[0] ?? { ...end, length: 0 };
    return byTable.ok ? { ok: false, fault: faultAt('unknown-stanza', place) } : byTable;
  }

  private interpretWords({ row, tokens, end }: ReadStanza): Interpretation {
    const decision = decide(row, tokens, end, this.options.strict !== undefined);
    if (decision.ok) for (const bug of decision.mends) this.stream.mark(bug);
    return decision;
  }

  private report(fault: Fault): void {
    const { code, expected = [], ...rest } = fault;
    this.diagnostics.push({ severity: 'error', code, message: ERRORS[code], ...this.fileField(), expected, ...rest });
  }

  private reportNul(start: Point): void {
    const { offset } = this.stream.point;
    if (this.nul < 0 || this.nul >= offset) return;
    const place = pointAt(this.text, this.nul, start);
    this.report(faultAt('nul-character', { ...place, length: 1 }, { expected: ['text'], bug: 'B19' }));
    this.nul = this.text.indexOf('\0', offset);
  }

  private fileField(): { readonly file?: string } {
    return this.options.file === undefined ? {} : { file: this.options.file };
  }

  private endLine(): void {
    if (this.stream.ahead?.type === 'comment') this.stream.next();
    if (this.stream.ahead?.type === 'newline') this.stream.next();
  }

  private textFrom(start: Point): string {
    return this.text.slice(start.offset, this.stream.point.offset);
  }
}

const interpretBody = ({ row, tokens, end }: ReadStanza): Interpretation => {
  const token = tokens[0];
  if (token?.type === 'command' || token?.type === 'block') return { ok: true, values: [token.value] };
  if (token?.type === 'broken') return { ok: false, fault: faultOfBroken(token) };
  return { ok: false, fault: faultAt('expected-token', { ...end, length: 0 }, { expected: [row.body] }) };
};

/**
 * Parse a job file. Any text is fine: what is wrong with it becomes diagnostics, and nothing is thrown.
 * @param text the whole file, decoded by the caller
 */
export const parseConf = (text: string, options: ParseOptions = {}): ParsedConf => new Parser(text, options).run();
