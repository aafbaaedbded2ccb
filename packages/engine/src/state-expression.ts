import type { StateExpression } from '@maverick/conf';
import { compilePattern, type Pattern } from './matching.js';

/** One term of a `while`: a job, asked whether it is up. */
export interface StateTerm {
  readonly job: string;
  readonly patterns: readonly Pattern[];
  /** Under an even number of `not`. A negative term means "not there at all" (rule S4). */
  readonly positive: boolean;
}

type Node =
  | { readonly kind: 'term'; readonly term: number }
  | { readonly kind: 'not'; readonly operand: number }
  | { readonly kind: 'and' | 'or'; readonly left: number; readonly right: number };

/** A `while` expression, made ready to be asked. */
export interface StateCondition {
  /** Left to right. */
  readonly terms: readonly StateTerm[];
  /** Operators after their operands; the root comes last. */
  readonly nodes: readonly Node[];
  /** The same for two expressions that read the same. */
  readonly text: string;
}

interface Step {
  readonly expression: StateExpression;
  readonly positive: boolean;
  readonly visited: boolean;
}

const below = ({ expression, positive }: Step): Step[] => {
  switch (expression.kind) {
    case 'term':
      return [];
    case 'not':
      return [{ expression: expression.operand, positive: !positive, visited: false }];
    case 'and':
    case 'or':
      return [
        { expression: expression.left, positive, visited: false },
        { expression: expression.right, positive, visited: false },
      ];
  }
};

/** Without recursion, because a file may nest as deep as it likes. */
export const compileStates = (root: StateExpression): StateCondition => {
  const terms: StateTerm[] = [];
  const nodes: Node[] = [];
  const finished: number[] = [];
  const finish = (node: Node) => {
    finished.push(nodes.push(node) - 1);
  };
  const work: Step[] = [{ expression: root, positive: true, visited: false }];
  for (let step = work.pop(); step; step = work.pop()) {
    const { expression, positive, visited } = step;
    if (expression.kind === 'term') {
      const patterns = expression.args.map(compilePattern);
      finish({ kind: 'term', term: terms.push({ job: expression.job, patterns, positive }) - 1 });
    } else if (!visited) work.push({ ...step, visited: true }, ...below(step).reverse());
    else if (expression.kind === 'not') finish({ kind: 'not', operand: finished.pop() ?? 0 });
    else {
      const right = finished.pop() ?? 0;
      finish({ kind: expression.kind, left: finished.pop() ?? 0, right });
    }
  }
  return { terms, nodes, text: JSON.stringify([terms, nodes]) };
};

/** Whether the expression holds, given which of its terms do. */
export const holds = ({ nodes }: StateCondition, termHolds: (term: number) => boolean): boolean => {
  const values: boolean[] = [];
  for (const node of nodes) {
    if (node.kind === 'term') values.push(termHolds(node.term));
    else if (node.kind === 'not') values.push(values[node.operand] !== true);
    else {
      const left = values[node.left] === true;
      const right = values[node.right] === true;
      values.push(node.kind === 'and' ? left && right : left || right);
    }
  }
  return values.at(-1) === true;
};

/** The term that names the instances of a job with `instance` (rule S10). */
export const bindingTerm = ({ terms }: StateCondition): number => terms.findIndex(({ positive }) => positive);
