/**
 * From the text of a job file to its settings, its lossless source and its diagnostics.
 *
 * @see init(5), "Configuration File Format"
 */

import { decide } from './decide.js';
import { type BugNumber, type Diagnostic, ERRORS, type Place } from './diagnostic.js';
import { JobBuilder, needsQuotes, type StanzaValues } from './job-builder.js';
import type { JobConf } from './job-conf.js';
import { PieceStream, type Point, pointAt } from './lexer.js';
import { PlainReader } from './plain-stanza.js';
import type { StanzaRecognizer } from './recognizer.js';
import { Recovery } from './recovery.js';
import type { Source, SourceNode } from './source.js';
import { stanzaFamilies } from './stanza-family.js';
import { type ReadStanza, StanzaReader } from './stanza-reader.js';
import type { StanzaName } from './stanzas.js';
import { type Fault, faultAt, faultOfBroken } from './token.js';
import { warningsOf, warningsOfJob, warningsOfLines } from './warnings.js';
import { beginsWord } from './word.js';

export interface ParseOptions {
  /** The file's name, for diagnostics. */
  readonly file?: string;
  /** Refuse what Upstart 1.13 doesn't know. The original's bugs stay mended. */
  readonly strict?: '1.13';
  /**
   * Decides the form of every stanza in the place of the stanza table and the expression machines:
   * `grammarRecognizer` of `@maverick/conf/grammar`. Both read the same language.
   */
  readonly recognizer?: StanzaRecognizer;
  /** Take no stanza at all, only blank lines and comments: `/etc/init.conf`. */
  readonly stanzas?: 'all' | 'none';
}

/** What a job file says, and what is wrong with it. */
export interface ReadConf {
  /** What the file says; `undefined` if it has any error: a file counts as a whole or not at all. */
  readonly conf: JobConf | undefined;
  /** Every error and warning; the first error is the one that the original reports. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface ParsedConf extends ReadConf {
  /** The whole text with its structure, also of a file with errors. */
  readonly source: Source;
}

type Interpretation =
  | { readonly ok: true; readonly values: StanzaValues }
  | { readonly ok: false; readonly fault: Fault };

/** UTF-8's byte order mark, decoded as UTF-8 or byte by byte. */
const START: Point = { offset: 0, line: 1, column: 1 };
const NO_MENDS: readonly BugNumber[] = [];
const BYTE_ORDER_MARKS = ['\ufeff', '\u00ef\u00bb\u00bf'];

class Parser {
  private readonly text: string;
  private readonly options: ParseOptions;
  private readonly stream: PieceStream;
  private readonly reader: StanzaReader;
  private readonly builder = new JobBuilder();
  /** The nodes of the source; `undefined` if nobody wants them. */
  private readonly nodes: SourceNode[] | undefined;
  private readonly diagnostics: Diagnostic[] = [];
  /** Where the stanzas stand that only the whole file shows to be wrong. */
  private readonly places = new Map<StanzaName, Place>();
  private readonly recovery: Recovery;
  /** Reads what is plain; `undefined` where every stanza has to be lexed. */
  private readonly plain: PlainReader | undefined;
  private point: Point = START;
  /** Where the first NUL stands, until it is reported. */
  private nul: number;

  constructor(text: string, options: ParseOptions, nodes?: SourceNode[]) {
    this.text = text;
    this.nodes = nodes;
    this.options = options;
    this.stream = new PieceStream(text);
    this.recovery = new Recovery(text);
    const families = stanzaFamilies(options.stanzas === 'none' ? 'none' : options.strict ? 'original' : 'all');
    this.reader = new StanzaReader(this.stream, families, this.recovery.findStanza);
    this.nul = text.indexOf('\0');
    if (this.nul < 0 && !options.recognizer) this.plain = new PlainReader(text, families);
  }

  run(): ReadConf {
    this.skipMark();
    while (this.point.offset < this.text.length) {
      if (this.plainLine()) continue;
      this.stream.seek(this.point);
      this.logicalLine();
      this.point = this.stream.point;
    }
    if (this.diagnostics.some(({ severity }) => severity === 'error')) {
      return { conf: undefined, diagnostics: this.diagnostics };
    }
    const conf = this.builder.finish();
    this.warn(warningsOfJob(conf, this.places));
    return { conf, diagnostics: this.diagnostics };
  }

  private skipMark(): void {
    const mark = BYTE_ORDER_MARKS.find((candidate) => this.text.startsWith(candidate));
    if (mark === undefined) return;
    this.point = { offset: mark.length, line: 1, column: mark.length + 1 };
    this.nodes?.push({ kind: 'mark', text: mark, start: START, mends: ['B19'] });
  }

  /** Take the line that begins here the short way. @returns false if it has to be lexed */
  private plainLine(): boolean {
    const start = this.point;
    const line = start.column === 1 ? this.plain?.read(start.offset, start.line) : undefined;
    if (!line || !this.plain) return false;
    const { end, endLine } = this.plain;
    if (line.kind === 'stanza') {
      const result = this.interpret(line.stanza);
      if (!result.ok) return false;
      this.apply(line.stanza, result.values);
      this.keep(line.stanza, start, end);
    } else this.nodes?.push({ kind: line.kind, text: this.text.slice(start.offset, end), start, mends: NO_MENDS });
    this.point = { offset: end, line: endLine, column: 1 };
    return true;
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
    const mends = this.stream.takeMends();
    this.nodes?.push({ kind, text: this.textFrom(start), start, mends });
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
      this.nodes?.push({ kind: 'broken', text: this.textFrom(start), start });
    }
    this.reportNul(start);
  }

  private accept(stanza: ReadStanza, values: StanzaValues, start: Point): void {
    this.apply(stanza, values);
    this.warn(warningsOfLines(stanza, this.text, this.stream.point));
    if (stanza.row.body !== 'block') this.endLine();
    this.keep(stanza, start, this.stream.point.offset);
  }

  private apply(stanza: ReadStanza, values: StanzaValues): void {
    const { row, name } = stanza;
    this.builder.apply(row.name, values);
    if (name[0] && (row.name === 'expect' || row.name === 'respawn')) this.places.set(row.name, name[0]);
    if (row.name === 'apparmor load' && needsQuotes(values[0])) this.stream.mark('B16');
    this.warn(warningsOf(stanza));
  }

  private warn(warnings: readonly Diagnostic[]): void {
    for (const warning of warnings) this.diagnostics.push({ ...warning, ...this.fileField() });
  }

  private keep({ row, name, tokens }: ReadStanza, start: Point, end: number): void {
    const mends = this.stream.takeMends();
    const text = this.text.slice(start.offset, end);
    this.nodes?.push({ kind: 'stanza', name: row.name, tokens: [...name, ...tokens], mends, text, start });
  }

  private interpret(stanza: ReadStanza): Interpretation {
    const { row, expression } = stanza;
    if (expression?.fault) return { ok: false, fault: expression.fault };
    if (this.options.recognizer) return this.interpretByGrammar(stanza, this.options.recognizer);
    const tree = expression?.operator ?? expression?.states;
    if (tree) return { ok: true, values: [tree] };
    return row.body === 'words' ? this.interpretWords(stanza) : interpretBody(stanza);
  }

  private interpretByGrammar(stanza: ReadStanza, recognize: StanzaRecognizer): Interpretation {
    const { row, name, tokens, end } = stanza;
    const parsed = recognize([...name, ...tokens]);
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
    // Where there is one there are many: a damaged file.
    this.nul = -1;
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
export const parseConf = (text: string, options: ParseOptions = {}): ParsedConf => {
  const { file } = options;
  const nodes: SourceNode[] = [];
  const read = new Parser(text, options, nodes).run();
  return { ...read, source: { ...(file === undefined ? {} : { file }), nodes } };
};

/** {@link parseConf} for whoever wants the settings and not the source: less than half the work of keeping both. */
export const readConf = (text: string, options: ParseOptions = {}): ReadConf => new Parser(text, options).run();
