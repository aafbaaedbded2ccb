import type { EventOperator, JobDefinition, StateExpression } from '@maverick/conf';

type Operation = 'and' | 'or' | 'not';
type Leaf<E> = Extract<E, { readonly kind: 'match' | 'term' }>;
/** An expression with its operators after their operands: JSON has no depth to spare, and a file may nest as it likes. */
export type Postfix<E> = readonly (Leaf<E> | Operation)[];

type Expression = EventOperator | StateExpression;

/** A definition that is as flat as JSON wants it. */
export interface FlatDefinition extends Omit<JobDefinition, 'startOn' | 'stopOn' | 'while'> {
  readonly startOn?: Postfix<EventOperator>;
  readonly stopOn?: Postfix<EventOperator>;
  readonly while?: Postfix<StateExpression>;
}

/** Read from the root, right before left, it is the postfix order backwards. */
const toPostfix = <E extends Expression>(root: E): Postfix<E> => {
  const backwards: (Leaf<E> | Operation)[] = [];
  const work: Expression[] = [root];
  for (let node = work.pop(); node; node = work.pop()) {
    if (node.kind === 'match' || node.kind === 'term') {
      backwards.push(node as Leaf<E>);
      continue;
    }
    backwards.push(node.kind);
    if (node.kind === 'not') work.push(node.operand);
    else work.push(node.left, node.right);
  }
  return backwards.reverse();
};

/** @throws Error where an operator lacks an operand, or an operand its operator */
export const fromPostfix = <E extends Expression>(postfix: Postfix<E>): E => {
  const finished: Expression[] = [];
  const take = (): Expression => {
    const operand = finished.pop();
    if (!operand) throw new Error('an expression lacks an operand');
    return operand;
  };
  for (const item of postfix) {
    if (typeof item === 'object') finished.push(item);
    else if (item === 'not') finished.push({ kind: item, operand: take() } as StateExpression);
    else {
      const right = take();
      finished.push({ kind: item, left: take(), right } as Expression);
    }
  }
  const root = take();
  if (finished.length > 0) throw new Error('an expression lacks an operator');
  return root as E;
};

/** Each setting stays in its place, so that a definition that comes back reads the same. */
export const flatten = (conf: JobDefinition): FlatDefinition => {
  const { startOn, stopOn, while: states } = conf;
  return {
    ...conf,
    ...(startOn && { startOn: toPostfix(startOn) }),
    ...(stopOn && { stopOn: toPostfix(stopOn) }),
    ...(states && { while: toPostfix(states) }),
  } as FlatDefinition;
};

export const unflatten = (flat: FlatDefinition): JobDefinition => {
  const { startOn, stopOn, while: states } = flat;
  return {
    ...flat,
    ...(startOn && { startOn: fromPostfix(startOn) }),
    ...(stopOn && { stopOn: fromPostfix(stopOn) }),
    ...(states && { while: fromPostfix(states) }),
  } as JobDefinition;
};
