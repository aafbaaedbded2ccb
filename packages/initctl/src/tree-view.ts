import type { InstanceStatus, JobProperties, UpstartClient } from '@maverick/dbus/client';
import { instanceAnswer } from './answers.js';
import { cellsOf, cutMark, fitCells, padCells, padCellsBefore, printable, showsUnicode } from './cells.js';
import { type Colour, type Paint, painter, stateColour } from './colours.js';
import type { CommandContext } from './command.js';
import { conditionText } from './condition.js';
import { statusLine } from './status-line.js';
import { buildTree, type TreeNode } from './tree.js';

/** Lines that lead from a node to what is below it. */
interface Branches {
  readonly middle: string;
  readonly last: string;
  readonly past: string;
  readonly none: string;
  /** Behind a job whose children are above. */
  readonly above: string;
}

const UNICODE: Branches = { middle: '├─ ', last: '└─ ', past: '│  ', none: '   ', above: ' ↑' };
const ASCII: Branches = { middle: '|- ', last: '`- ', past: '|  ', none: '   ', above: ' ^' };

/** One line of the table. */
interface Row {
  readonly branch: string;
  readonly label: string;
  readonly labelColour: Colour | undefined;
  readonly state: string;
  readonly stateColour: Colour | undefined;
  readonly pid: string;
  readonly note: string;
}

const BY_HAND = 'started by hand';

const titleOf = (node: TreeNode): string => {
  if (node.kind === 'event') return node.event;
  return node.kind === 'by-hand' ? BY_HAND : node.job.name;
};

/** The condition where the tree does not say it all, and what the job is. */
const noteOf = ({ startOn = [], while: states, description }: JobProperties, via: string): string => {
  const [only = [], ...more] = startOn;
  const isPlain = more.length === 0 && (only.length <= 1 || (via === 'started' && only.length === 2));
  const condition = [...(isPlain ? [] : [conditionText(startOn)]), ...(states ? [`while ${states}`] : [])].join(' ');
  return [condition, description].filter((part) => part !== '').join(' — ');
};

const stateCells = (status: InstanceStatus | undefined): Pick<Row, 'state' | 'stateColour' | 'pid'> => {
  const goal = status?.goal ?? 'stop';
  const state = status?.state ?? 'waiting';
  const pid = status?.processes[0]?.pid;
  return {
    state: `${goal}/${state}`,
    stateColour: stateColour(goal, state),
    pid: pid === undefined ? '' : String(pid),
  };
};

const NO_STATE = { state: '', stateColour: undefined, pid: '' } as const;

/** Draws a tree as rows. */
class Drawing {
  readonly rows: Row[] = [];
  readonly #branches: Branches;

  constructor(branches: Branches) {
    this.#branches = branches;
  }

  draw(node: TreeNode, branch = '', below = ''): void {
    const named = node.kind === 'job' ? node.instances.filter(({ name }) => name !== '') : [];
    this.rows.push(this.#row(node, branch, named.length));
    const children = node.kind === 'job' && node.repeated ? [] : node.children;
    const shown = node.kind === 'job' && node.repeated ? [] : named;
    for (const [index, status] of shown.entries()) {
      const isLast = index === shown.length - 1 && children.length === 0;
      this.rows.push({
        branch: below + (isLast ? this.#branches.last : this.#branches.middle),
        label: `(${printable(status.name)})`,
        labelColour: undefined,
        ...stateCells(status),
        note: '',
      });
    }
    for (const [index, child] of children.entries()) {
      const isLast = index === children.length - 1;
      this.draw(
        child,
        below + (isLast ? this.#branches.last : this.#branches.middle),
        below + (isLast ? this.#branches.none : this.#branches.past),
      );
    }
  }

  #row(node: TreeNode, branch: string, named: number): Row {
    const label = printable(titleOf(node));
    if (node.kind !== 'job') return { branch, label, labelColour: 'event', ...NO_STATE, note: '' };
    const several = { ...NO_STATE, state: named === 1 ? '1 instance' : `${named} instances` };
    const state = named === 0 ? stateCells(node.instances[0]) : several;
    return {
      branch,
      label: node.repeated ? label + this.#branches.above : label,
      labelColour: node.repeated ? 'faint' : 'bold',
      ...state,
      note: node.repeated ? '' : printable(noteOf(node.job, node.via)),
    };
  }
}

const GAP = '  ';

const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map(cellsOf));

const coloured = (paint: Paint, colour: Colour | undefined, text: string): string =>
  colour === undefined ? text : paint(colour, text);

/** Rows as aligned lines, none wider than the screen. */
const tableLines = (rows: readonly Row[], columns: number, paint: Paint, mark: string): string[] => {
  const labelCells = Math.min(widest(rows.map(({ branch, label }) => branch + label)), Math.floor(columns / 2));
  const stateWidth = widest(rows.map(({ state }) => state));
  const pidWidth = widest(rows.map(({ pid }) => pid));
  const noteCells = columns - labelCells - stateWidth - pidWidth - 3 * GAP.length - 1;
  return rows.map(({ branch, label, labelColour, state, stateColour: colour, pid, note }) => {
    const shown = fitCells(label, labelCells - cellsOf(branch), mark);
    const first = branch + coloured(paint, labelColour, shown);
    if (state === '' && note === '') return first.trimEnd();
    const cells = [
      padCells(first, labelCells),
      padCells(coloured(paint, colour, state), stateWidth),
      padCellsBefore(pid, pidWidth),
      paint('faint', fitCells(note, noteCells, mark)),
    ];
    return cells.join(GAP).trimEnd();
  });
};

/** For a pipe: the status lines as ever, two blanks deeper on each level. */
const plainLines = (node: TreeNode, depth = 0): string[] => {
  const indent = '  '.repeat(depth);
  const own =
    node.kind === 'job'
      ? (node.instances.length === 0 ? [undefined] : node.instances).map((status) => statusLine(node.job.name, status))
      : [titleOf(node)];
  return [
    ...own.flatMap((text) => text.split('\n')).map((line) => indent + line),
    ...node.children.flatMap((child) => plainLines(child, depth + 1)),
  ];
};

const treeAnswer = (node: TreeNode): unknown => {
  const children = node.children.map(treeAnswer);
  if (node.kind === 'event') return { kind: 'event', event: node.event, children };
  if (node.kind === 'by-hand') return { kind: 'by-hand', children };
  const { job, via, repeated, instances } = node;
  return {
    kind: 'job',
    job: job.name,
    description: job.description,
    via: via || null,
    repeated,
    instances: instances.map((status) => instanceAnswer(job.name, status)),
    children,
  };
};

/** `list --tree`: what starts what. A terminal gets a table with colours, a pipe plain lines. */
export const listTree = async (context: CommandContext, upstart: UpstartClient): Promise<void> => {
  const [definitions, listed] = await Promise.all([upstart.definitions(), upstart.list()]);
  const roots = buildTree(
    definitions.map(({ properties }) => properties),
    listed,
  );
  const draw = (): string => {
    if (!context.isTerminal(1)) return roots.flatMap((root) => plainLines(root)).join('\n');
    const drawing = new Drawing(showsUnicode(context.env) ? UNICODE : ASCII);
    for (const root of roots) drawing.draw(root);
    const paint = painter(context.hasColours(1));
    return tableLines(drawing.rows, context.columns(), paint, cutMark(context.env)).join('\n');
  };
  context.output.answer(() => ({ tree: roots.map(treeAnswer) }), draw);
};
