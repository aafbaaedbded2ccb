/**
 * Walking expressions without recursion: one may be as deep as its file is long.
 */

import type { EventOperator, StateExpression } from './job-conf.js';

type Expression = EventOperator | StateExpression;

/** What an expression is made of: the matches of an {@link EventOperator}, the terms of a {@link StateExpression}. */
export type LeafOf<Tree extends Expression> = Extract<Tree, { readonly kind: 'match' | 'term' }>;

const isLeaf = <Tree extends Expression>(node: Tree): node is LeafOf<Tree> =>
  node.kind === 'match' || node.kind === 'term';

const isNegation = ({ kind }: Expression): boolean => kind === 'not';

/**
 * The nodes of an expression, operands before their operator and from left to right.
 * @param isShut of which nodes the operands are left out. Default: of none
 */
export const postOrder = <Tree extends Expression>(
  tree: Tree,
  isShut: (node: Expression) => boolean = () => false,
): readonly Tree[] => {
  const nodes: Expression[] = [];
  const pending: Expression[] = [tree];
  for (let node = pending.pop(); node; node = pending.pop()) {
    nodes.push(node);
    if (isShut(node)) continue;
    if (node.kind === 'not') pending.push(node.operand);
    else if (node.kind === 'and' || node.kind === 'or') pending.push(node.left, node.right);
  }
  // The operands of an expression are of its own kind.
  return nodes.reverse() as Tree[];
};

/** The leaves of an expression, from left to right. */
export const leavesOf = <Tree extends Expression>(tree: Tree | undefined): readonly LeafOf<Tree>[] =>
  tree ? postOrder(tree).filter(isLeaf) : [];

/** The leaves that have to hold for the expression to hold, or some of them; what is below a `not` need not. From left to right. */
export const neededLeavesOf = <Tree extends Expression>(tree: Tree | undefined): readonly LeafOf<Tree>[] =>
  tree ? postOrder<Tree>(tree, isNegation).filter(isLeaf) : [];

/**
 * Whether an expression can hold, if `can` says which leaves can. A `not` always can: what it denies need not be.
 */
export const canHold = <Tree extends Expression>(tree: Tree, can: (leaf: LeafOf<Tree>) => boolean): boolean => {
  const values: boolean[] = [];
  for (const node of postOrder(tree)) {
    if (isLeaf(node)) values.push(can(node));
    else if (node.kind === 'not') values.splice(-1, 1, true);
    else {
      const right = values.pop() ?? false;
      const left = values.pop() ?? false;
      values.push(node.kind === 'and' ? left && right : left || right);
    }
  }
  return values[0] ?? false;
};
