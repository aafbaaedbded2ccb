import type { EventOperator } from '@maverick/conf';
import { compilePattern, type Pattern } from './matching.js';

/** One operand of a condition: `NAME ARG…`. */
export interface Operand {
  readonly name: string;
  readonly patterns: readonly Pattern[];
}

type Node =
  | { readonly kind: 'operand'; readonly operand: number }
  | { readonly kind: 'and' | 'or'; readonly left: number; readonly right: number };

/**
 * A `start on` or `stop on` expression, made ready to be asked. Which operands are true is kept elsewhere: by class for
 * `start on`, by instance for `stop on`.
 */
export interface Condition {
  /** Left to right. */
  readonly operands: readonly Operand[];
  /** Operands by the name of the event that they wait for. */
  readonly byName: ReadonlyMap<string, readonly number[]>;
  /** Operators after their operands; the root comes last. */
  readonly nodes: readonly Node[];
}

/** What an operand's truth is read from. */
export type IsTrue = (operand: number) => boolean;

/**
 * Variables that a condition may call by another name than the event has, by event. A socket's path is no `PATH` in the event, for
 * the job's own would be gone: what starts a job is in its environment. @see spec: bridges.md 2
 */
const OTHER_NAMES: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map([
  ['socket', { PATH: 'SOCKET_PATH' }],
]);

const compileArguments = ({ name, args }: Extract<EventOperator, { kind: 'match' }>): readonly Pattern[] => {
  const others = OTHER_NAMES.get(name);
  const patterns = args.map(compilePattern);
  if (others === undefined) return patterns;
  return patterns.map((pattern) => {
    const key = pattern.key === undefined ? undefined : (others[pattern.key] ?? pattern.key);
    return key === undefined ? pattern : { ...pattern, key };
  });
};

/** Without recursion, because a file may nest as deep as it likes. */
export const compileCondition = (root: EventOperator): Condition => {
  const operands: Operand[] = [];
  const byName = new Map<string, number[]>();
  const nodes: Node[] = [];
  const finished: number[] = [];
  const work: { readonly operator: EventOperator; readonly visited: boolean }[] = [{ operator: root, visited: false }];
  for (let step = work.pop(); step; step = work.pop()) {
    const { operator, visited } = step;
    if (operator.kind === 'match') {
      const operand = operands.push({ name: operator.name, patterns: compileArguments(operator) }) - 1;
      const same = byName.get(operator.name);
      if (same) same.push(operand);
      else byName.set(operator.name, [operand]);
      finished.push(nodes.push({ kind: 'operand', operand }) - 1);
    } else if (visited) {
      const right = finished.pop() ?? 0;
      const left = finished.pop() ?? 0;
      finished.push(nodes.push({ kind: operator.kind, left, right }) - 1);
    } else {
      work.push({ operator, visited: true });
      work.push({ operator: operator.right, visited: false }, { operator: operator.left, visited: false });
    }
  }
  return { operands, byName, nodes };
};

const valuesOf = ({ nodes }: Condition, isTrue: IsTrue): readonly boolean[] => {
  const values: boolean[] = [];
  for (const node of nodes) {
    if (node.kind === 'operand') values.push(isTrue(node.operand));
    else {
      const left = values[node.left] === true;
      const right = values[node.right] === true;
      values.push(node.kind === 'and' ? left && right : left || right);
    }
  }
  return values;
};

export const isFulfilled = (condition: Condition, isTrue: IsTrue): boolean =>
  valuesOf(condition, isTrue).at(-1) === true;

/** The operands that make the expression true, left to right; a false part is left out with all that is below it. */
export const fulfilling = (condition: Condition, isTrue: IsTrue): readonly number[] => {
  const values = valuesOf(condition, isTrue);
  const found: number[] = [];
  const work = [condition.nodes.length - 1];
  for (let index = work.pop(); index !== undefined; index = work.pop()) {
    const node = condition.nodes[index];
    if (!node || values[index] !== true) continue;
    if (node.kind === 'operand') found.push(node.operand);
    else work.push(node.right, node.left);
  }
  return found;
};
