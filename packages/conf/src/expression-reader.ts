/**
 * Reads the expression of `start on`, `stop on` or `while` from the pieces of a file: where it ends, how groups carry
 * it over lines, and what an unclosed group does.
 *
 * @see specification of the language, sections 3.2 and 3.3
 */

import type { ErrorCode } from './diagnostic.js';
import { EventExpressionReader } from './expression.js';
import type { EventOperator, StateExpression } from './job-conf.js';
import type { PieceStream, Point } from './lexer.js';
import { StateExpressionReader } from './state-expression.js';
import {
  type Fault,
  faultAt,
  faultOfBroken,
  type ParenthesisToken,
  type StanzaToken,
  type WordToken,
} from './token.js';
import { beginsWord, readWord } from './word.js';

/** Takes the tokens of an expression one by one and says which one is wrong. */
interface ExpressionMachine {
  readonly depth: number;
  /** The outermost open parenthesis. */
  readonly openGroup: ParenthesisToken | undefined;
  word(token: WordToken): ErrorCode | undefined;
  open(token: ParenthesisToken): ErrorCode | undefined;
  close(): ErrorCode | undefined;
  finish(): ErrorCode | undefined;
}

/** The tokens of an expression, and its fault if it has one. */
export interface ExpressionText {
  readonly tokens: readonly StanzaToken[];
  readonly fault?: Fault;
  /** The tree of an event expression. */
  readonly operator?: EventOperator;
  /** The tree of a state expression. */
  readonly states?: StateExpression;
  /** Where to go on after a fault inside a group: the next line with a stanza, if there is one. */
  readonly resume?: Point | 'end';
}

/** Finds the next line after a point that begins with a stanza's name. */
export type FindStanza = (after: Point) => Point | undefined;

const EXPECTED: { readonly [code in ErrorCode]?: readonly string[] } = {
  'expected-token': ['an event'],
  'expected-event': ['an event', "'('"],
  'expected-operator': ["'and'", "'or'"],
  'expected-job': ["a job's name", "'not'", "'('"],
  'expected-variable': ['KEY=VALUE', "'and'", "'or'"],
};

class ExpressionReader {
  private readonly stream: PieceStream;
  private readonly machine: ExpressionMachine;
  private readonly findStanza: FindStanza;
  private readonly tokens: StanzaToken[] = [];
  /** The line that is read has a token. */
  private begun = false;
  /** The first blank or comment line inside a group, where the original stops. */
  private gap: Point | undefined;

  constructor(stream: PieceStream, machine: ExpressionMachine, findStanza: FindStanza) {
    this.stream = stream;
    this.machine = machine;
    this.findStanza = findStanza;
  }

  read(): ExpressionText {
    for (;;) {
      this.stream.skipBlanks();
      const piece = this.stream.ahead;
      if (!piece) return this.finish();
      if (piece.type === 'newline' || piece.type === 'comment') {
        if (this.machine.depth === 0) return this.finish();
        this.lineEnd(piece.type);
        continue;
      }
      const fault = this.token();
      if (fault) return this.broken(fault.fault, fault.at);
    }
  }

  private lineEnd(type: 'newline' | 'comment'): void {
    if (!this.begun && !this.gap) {
      this.gap = this.stream.point;
      this.stream.mark('B3');
    }
    if (type === 'newline') this.begun = false;
    this.stream.next();
    // A comment is followed by its line's end, which is no further gap.
    if (type === 'comment') {
      this.stream.next();
      this.begun = false;
    }
  }

  private token(): { readonly fault: Fault; readonly at: Point } | undefined {
    const token = this.readToken();
    this.begun = true;
    this.tokens.push(token);
    if (token.type === 'broken') return { fault: faultOfBroken(token), at: token };
    const code = this.shift(token);
    if (code === undefined) return undefined;
    // The original has skipped the blanks behind a word with a misplaced value before it complains.
    this.stream.skipBlanks();
    const after = this.stream.point;
    const moved = code === 'expected-variable' && after.line !== token.line;
    const place = moved ? { ...after, length: 0 } : token;
    return { fault: faultAt(code, place, { expected: EXPECTED[code] ?? [] }), at: token };
  }

  private readToken(): Exclude<StanzaToken, { type: 'command' | 'block' }> {
    const { stream } = this;
    if (beginsWord(stream.ahead)) return readWord(stream);
    const type = stream.ahead?.type === 'open' ? '(' : ')';
    const token = { type, ...stream.point, length: 1 } as const;
    stream.next();
    return token;
  }

  private shift(token: WordToken | ParenthesisToken): ErrorCode | undefined {
    switch (token.type) {
      case 'word':
        return this.machine.word(token);
      case '(':
        return this.machine.open(token);
      case ')':
        return this.machine.close();
    }
  }

  private finish(): ExpressionText {
    const last = this.tokens.at(-1);
    const end = { ...this.stream.point, length: 0 };
    if (!last) return { tokens: this.tokens, fault: faultAt('expected-token', end, { expected: ['an event', "'('"] }) };
    const code = this.machine.finish();
    if (code === undefined) return { tokens: this.tokens };
    const place = code === 'mismatched-parentheses' ? end : last;
    return this.broken(faultAt(code, place, { expected: EXPECTED[code] ?? ["')'"] }), end);
  }

  /** A fault at a point. An open group may have made stanzas that follow into words, or into errors far away. */
  private broken(fault: Fault, at: Point): ExpressionText {
    const { tokens, gap } = this;
    const group = this.machine.openGroup;
    if (!group) return { tokens, fault };
    const related = { line: group.line, column: group.column, length: 1, message: 'the group is opened here' };
    const stanza = this.findStanza(group);
    const resume = stanza ?? 'end';
    const swallowed = stanza !== undefined && at.offset >= stanza.offset;
    const unclosed = swallowed || fault.code === 'mismatched-parentheses';
    if (unclosed && gap && !(stanza && stanza.offset < gap.offset)) {
      const place = { ...gap, length: 0 };
      return { tokens, resume, fault: faultAt('expected-token', place, { expected: ["')'"], related }) };
    }
    if (swallowed) return { tokens, resume, fault: unclosedGroup(group) };
    const mended = gap ? ({ bug: 'B3' } as const) : {};
    return { tokens, resume, fault: { ...fault, related: fault.related ?? related, ...mended } };
  }
}

const unclosedGroup = (group: ParenthesisToken): Fault =>
  faultAt('mismatched-parentheses', group, { expected: ["')'"], hint: 'the group is never closed', bug: 'B4' });

/** Read an event expression. The stream must lex expressions. */
export const readEvents = (stream: PieceStream, findStanza: FindStanza): ExpressionText => {
  const machine = new EventExpressionReader();
  const text = new ExpressionReader(stream, machine, findStanza).read();
  const operator = machine.result;
  return text.fault || !operator ? text : { ...text, operator };
};

/** Read a state expression. The stream must lex expressions. */
export const readStates = (stream: PieceStream, findStanza: FindStanza): ExpressionText => {
  const machine = new StateExpressionReader();
  const text = new ExpressionReader(stream, machine, findStanza).read();
  const states = machine.result;
  return text.fault || !states ? text : { ...text, states };
};
