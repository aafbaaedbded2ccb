/**
 * State expressions: `while`.
 *
 * Here only the order of tokens is checked, one by one, so that an expression with a fault ends where the fault is;
 * the grammar makes the tree.
 */

import type { ErrorCode } from './diagnostic.js';
import type { ParenthesisToken, WordToken } from './token.js';

/** What the last token was: only a term can be followed by matches. */
type Last = 'operator' | 'term' | 'group';

export class StateExpressionGate {
  private readonly groups: ParenthesisToken[] = [];
  private last: Last = 'operator';

  get depth(): number {
    return this.groups.length;
  }

  get openGroup(): ParenthesisToken | undefined {
    return this.groups[0];
  }

  word({ raw, value }: WordToken): ErrorCode | undefined {
    if (raw === 'and' || raw === 'or') {
      if (this.last === 'operator') return 'expected-job';
      this.last = 'operator';
      return undefined;
    }
    if (raw === 'not') return this.last === 'operator' ? undefined : 'expected-operator';
    if (this.last !== 'operator') return this.last === 'term' && value.includes('=') ? undefined : 'expected-operator';
    if (value === '') return 'expected-token';
    if (value.includes('=')) return 'expected-job';
    this.last = 'term';
    return undefined;
  }

  open(token: ParenthesisToken): ErrorCode | undefined {
    this.groups.push(token);
    return this.last === 'operator' ? undefined : 'expected-operator';
  }

  close(): ErrorCode | undefined {
    if (this.last === 'operator') return 'expected-job';
    this.last = 'group';
    return this.groups.pop() ? undefined : 'mismatched-parentheses';
  }

  finish(): ErrorCode | undefined {
    if (this.last === 'operator') return 'expected-job';
    return this.groups.length > 0 ? 'mismatched-parentheses' : undefined;
  }
}
