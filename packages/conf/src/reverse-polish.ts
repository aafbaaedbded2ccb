/**
 * Event expressions as lists and as text.
 *
 * A list is in Reverse Polish order, so that a client needs no recursion; the functions here use none either, for an
 * expression may be as deep as its file is long.
 *
 * @see specification of the language, section 3.4; D-Bus properties `start_on` and `stop_on`
 */

import { postOrder } from './expression-tree.js';
import type { EventOperator, StateExpression } from './job-conf.js';

/** The original's form: `[['a', 'K=v'], ['b'], ['/AND']]`. */
export type ReversePolish = readonly (readonly string[])[];

/** The form of the 2010 plan, an array of variants: `[['a', ['K=v']], ['b', []], 'AND']`. */
export type ReversePolishVariants = readonly (readonly [name: string, args: readonly string[]] | 'AND' | 'OR')[];

const OPERATOR_WORDS = { and: '/AND', or: '/OR' } as const;

/** The list of an expression; empty if there is none. */
export const toRpn = (operator: EventOperator | null | undefined): ReversePolish =>
  operator
    ? postOrder(operator).map((node) =>
        node.kind === 'match' ? [node.name, ...node.args] : [OPERATOR_WORDS[node.kind]],
      )
    : [];

/** The list of an expression in the form of the 2010 plan; empty if there is none. */
export const toRpnVariants = (operator: EventOperator | null | undefined): ReversePolishVariants =>
  operator
    ? postOrder(operator).map((node) => {
        if (node.kind === 'match') return [node.name, node.args] as const;
        return node.kind === 'and' ? 'AND' : 'OR';
      })
    : [];

/** Build an expression from its parts. @returns `undefined` unless exactly one tree comes of them */
const assemble = (parts: readonly (EventOperator | 'and' | 'or' | undefined)[]): EventOperator | undefined => {
  const stack: EventOperator[] = [];
  for (const part of parts) {
    if (part === undefined) return undefined;
    if (typeof part === 'object') {
      stack.push(part);
      continue;
    }
    const right = stack.pop();
    const left = stack.pop();
    if (!left || !right) return undefined;
    stack.push({ kind: part, left, right });
  }
  return stack.length === 1 ? stack[0] : undefined;
};

/**
 * The expression of a list.
 * @returns `null` for the empty list, which means that there is none; `undefined` if the list is no expression
 */
export const fromRpn = (list: ReversePolish): EventOperator | null | undefined =>
  list.length === 0
    ? null
    : assemble(
        list.map(([name, ...args]) => {
          // An operator stands alone; with arguments it is an event that somebody called so.
          if (name === '/AND' && args.length === 0) return 'and';
          if (name === '/OR' && args.length === 0) return 'or';
          return name === undefined ? undefined : { kind: 'match', name, args };
        }),
      );

/** The expression of a list in the form of the 2010 plan; results as {@link fromRpn}. */
export const fromRpnVariants = (list: ReversePolishVariants): EventOperator | null | undefined =>
  list.length === 0
    ? null
    : assemble(
        list.map((part) => {
          if (part === 'AND') return 'and';
          if (part === 'OR') return 'or';
          return { kind: 'match', name: part[0], args: part[1] };
        }),
      );

/**
 * An expression as `initctl show-config` shows it: each operation of two sides in parentheses, words as they are. The text is not
 * safe to parse again if a value has blanks.
 */
export const showExpression = (expression: EventOperator | StateExpression): string => {
  const out: string[] = [];
  const pending: (EventOperator | StateExpression | string)[] = [expression];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (typeof part === 'string') out.push(part);
    else if (part.kind === 'match') out.push([part.name, ...part.args].join(' '));
    else if (part.kind === 'term') out.push([part.job, ...part.args].join(' '));
    else if (part.kind === 'not') pending.push(part.operand, 'not ');
    else pending.push(')', part.right, ` ${part.kind} `, part.left, '(');
  }
  return out.join('');
};
