/**
 * State expressions: `while`.
 *
 * A shift-reduce machine that takes one token after the other, so that an expression with a fault ends where the fault
 * is. The grammar accepts the same expressions with the same trees.
 */

import type { ErrorCode } from './diagnostic.js';
import type { StateExpression } from './job-conf.js';
import type { ParenthesisToken, WordToken } from './token.js';

/** What the last token was: only a term can be followed by matches. */
type Last = 'operator' | 'term' | 'group';

/** One operand and the operators before it that wait for it: `not` binds tightest, the others to the left. */
interface Level {
  left?: StateExpression;
  operator?: 'and' | 'or';
  /** How many `not` stand before the operand to come. */
  negations: number;
}

export class StateExpressionReader {
  private readonly groups: ParenthesisToken[] = [];
  /** The levels of the open groups; the innermost is {@link level}. */
  private readonly outer: Level[] = [];
  private level: Level = { negations: 0 };
  private term: { readonly kind: 'term'; readonly job: string; readonly args: string[] } | undefined;
  private last: Last = 'operator';

  get depth(): number {
    return this.groups.length;
  }

  get openGroup(): ParenthesisToken | undefined {
    return this.groups[0];
  }

  /** The finished expression. */
  get result(): StateExpression | undefined {
    return this.level.left;
  }

  word({ raw, value }: WordToken): ErrorCode | undefined {
    if (raw === 'and' || raw === 'or') return this.operator(raw);
    if (raw === 'not') return this.negation();
    if (this.last !== 'operator') return this.match(value);
    if (value === '') return 'expected-token';
    if (value.includes('=')) return 'expected-job';
    this.term = { kind: 'term', job: value, args: [] };
    this.operand(this.term);
    this.last = 'term';
    return undefined;
  }

  private operator(kind: 'and' | 'or'): ErrorCode | undefined {
    if (this.last === 'operator') return 'expected-job';
    this.last = 'operator';
    this.level.operator = kind;
    return undefined;
  }

  private negation(): ErrorCode | undefined {
    if (this.last !== 'operator') return 'expected-operator';
    this.level.negations += 1;
    return undefined;
  }

  private match(value: string): ErrorCode | undefined {
    if (this.last !== 'term' || !value.includes('=')) return 'expected-operator';
    this.term?.args.push(value);
    return undefined;
  }

  open(token: ParenthesisToken): ErrorCode | undefined {
    this.groups.push(token);
    if (this.last !== 'operator') return 'expected-operator';
    this.outer.push(this.level);
    this.level = { negations: 0 };
    return undefined;
  }

  close(): ErrorCode | undefined {
    if (this.last === 'operator') return 'expected-job';
    this.last = 'group';
    const group = this.level.left;
    const outer = this.outer.pop();
    if (!this.groups.pop() || !outer || !group) return 'mismatched-parentheses';
    this.level = outer;
    this.operand(group);
    return undefined;
  }

  finish(): ErrorCode | undefined {
    if (this.last === 'operator') return 'expected-job';
    return this.groups.length > 0 ? 'mismatched-parentheses' : undefined;
  }

  /** Put an operand behind what waits for it. */
  private operand(operand: StateExpression): void {
    const { level } = this;
    let right = operand;
    for (; level.negations > 0; level.negations -= 1) right = { kind: 'not', operand: right };
    level.left = level.left && level.operator ? { kind: level.operator, left: level.left, right } : right;
  }
}
