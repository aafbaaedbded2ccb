/**
 * Event expressions: `start on` and `stop on`.
 *
 * A shift-reduce machine that takes one token after the other. It stops where the original stops and says what the
 * original says, which a table of expected tokens could not; the grammar accepts the same expressions with the same trees.
 *
 * @see init(5), "Event Definition"; specification of the language, section 3.3
 */

import type { ErrorCode } from './diagnostic.js';
import type { EventOperator } from './job-conf.js';
import type { ParenthesisToken, WordToken } from './token.js';

interface EventEntry {
  readonly kind: 'event';
  readonly name: string;
  readonly args: string[];
  /** An argument with `=` was seen: only such may follow. */
  named: boolean;
}
interface OperatorEntry {
  readonly kind: 'and' | 'or';
  readonly left: EventOperator;
}
interface GroupEntry {
  readonly kind: 'group';
  readonly token: ParenthesisToken;
}

export class EventExpressionReader {
  private readonly stack: (EventEntry | OperatorEntry | GroupEntry)[] = [];
  private readonly groups: ParenthesisToken[] = [];
  private tree: EventOperator | undefined;

  /** How many groups are open. */
  get depth(): number {
    return this.groups.length;
  }

  /** The outermost open parenthesis. */
  get openGroup(): ParenthesisToken | undefined {
    return this.groups[0];
  }

  /** The finished expression. */
  get result(): EventOperator | undefined {
    return this.tree;
  }

  /** Take a word. @returns the error that it makes */
  word(token: WordToken): ErrorCode | undefined {
    if (token.raw === 'and' || token.raw === 'or') return this.operator(token.raw);
    const top = this.stack.at(-1);
    if (token.value === '') return 'expected-token';
    const named = token.value.includes('=');
    if (top?.kind !== 'event') {
      this.stack.push({ kind: 'event', name: token.value, args: [], named: false });
      return undefined;
    }
    if (top.named && !named) return 'expected-variable';
    top.args.push(token.value);
    top.named ||= named;
    return undefined;
  }

  private operator(kind: 'and' | 'or'): ErrorCode | undefined {
    const error = this.collect();
    if (error) return error;
    // collect() leaves a tree or an error.
    if (this.tree) this.stack.push({ kind, left: this.tree });
    this.tree = undefined;
    return undefined;
  }

  open(token: ParenthesisToken): ErrorCode | undefined {
    this.groups.push(token);
    if (this.tree || this.stack.at(-1)?.kind === 'event') return 'expected-operator';
    this.stack.push({ kind: 'group', token });
    return undefined;
  }

  close(): ErrorCode | undefined {
    const error = this.collect();
    if (error) return error;
    if (this.stack.pop() === undefined) return 'mismatched-parentheses';
    this.groups.pop();
    return undefined;
  }

  /** The expression is over. */
  finish(): ErrorCode | undefined {
    return this.collect() ?? (this.stack.length > 0 ? 'mismatched-parentheses' : undefined);
  }

  /** Put together what stands on the stack down to the innermost open group. */
  private collect(): ErrorCode | undefined {
    for (let top = this.stack.at(-1); top && top.kind !== 'group'; top = this.stack.at(-1)) {
      this.stack.pop();
      if (top.kind === 'event') {
        if (this.tree) return 'expected-operator';
        this.tree = { kind: 'match', name: top.name, args: top.args };
      } else {
        if (!this.tree) return 'expected-event';
        this.tree = { kind: top.kind, left: top.left, right: this.tree };
      }
    }
    return this.tree ? undefined : 'expected-event';
  }
}
