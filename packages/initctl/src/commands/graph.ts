import {
  bootGraph,
  type DependencyGraph,
  graphDot,
  graphHtml,
  graphMermaid,
  graphText,
  groupsOf,
  restrictGraph,
} from '@maverick/graph';
import { readBoot } from '../boot-history.js';
import { printable } from '../cells.js';
import type { CommandContext, CommandHandler } from '../command.js';
import { readConfigurationGraph } from '../configuration-graph-source.js';
import { InitctlError } from '../errors.js';
import { numberOption, WHOLE } from '../numbers.js';
import { formatByName, writeResult } from '../write-result.js';

/** Graphviz is large: it is read for what needs it only. */
const svgOf = async (graph: DependencyGraph, grouped: boolean): Promise<string> => {
  const { renderSvg } = await import('@maverick/graph/svg');
  return renderSvg(graphDot(graph, grouped));
};

const textOf = (graph: DependencyGraph): string => graphText(graph).split('\n').map(printable).join('\n');

/** What each format makes of a graph: a whole file. */
const FORMATS = {
  text: textOf,
  dot: graphDot,
  mermaid: graphMermaid,
  json: (graph) => `${JSON.stringify(answerOf(graph))}\n`,
  svg: svgOf,
  html: async (graph, grouped) => graphHtml(graph, await svgOf(graph, grouped)),
} as const satisfies Record<string, (graph: DependencyGraph, grouped: boolean) => string | Promise<string>>;

type Format = keyof typeof FORMATS;

const answerOf = (graph: DependencyGraph) => ({ ...graph, groups: groupsOf(graph) });

/** What `-o` writes by the end of the file's name. */
const BY_NAME = {
  '.dot': 'dot',
  '.gv': 'dot',
  '.mmd': 'mermaid',
  '.svg': 'svg',
  '.html': 'html',
  '.htm': 'html',
  '.json': 'json',
} as const satisfies Record<string, Format>;

const formatOf = (context: CommandContext): Format => {
  const { options } = context;
  const value = options.get('format') ?? (options.has('json') ? 'json' : (formatByName(context, BY_NAME) ?? 'text'));
  if (!Object.hasOwn(FORMATS, value)) {
    throw new InitctlError('illegal-choice', { option: '--format', value, choices: Object.keys(FORMATS).join(', ') });
  }
  if (options.has('json') && value !== 'json') {
    throw new InitctlError('two-formats', { one: '--json', other: `--format=${value}` });
  }
  return value as Format;
};

const readGraph = async (context: CommandContext): Promise<DependencyGraph> => {
  const { options } = context;
  if (!['of-boot', 'boot', 'journal-dir'].some((key) => options.has(key as 'boot'))) {
    return readConfigurationGraph(context);
  }
  const { history, isPresent } = await readBoot(context);
  return bootGraph(history, isPresent);
};

/** Without `--causes` and `--effects` it is both. */
const restricted = (context: CommandContext, graph: DependencyGraph): DependencyGraph => {
  const { operands, options } = context;
  const [name] = operands;
  const [causes, effects] = [options.has('causes'), options.has('effects')];
  if (name === undefined) {
    if (causes || effects || options.has('depth')) throw new InitctlError('missing-job-name', {});
    return graph;
  }
  const depth = numberOption(options, 'depth', WHOLE);
  const scope = {
    name,
    causes: causes || !effects,
    effects: effects || !causes,
    ...(depth === undefined ? {} : { depth }),
  };
  const found = restrictGraph(graph, scope);
  if (found === undefined) throw new InitctlError('not-in-graph', { name });
  return found;
};

/** `graph [JOB|EVENT]`: what leads to what, by the job files or in a boot, in one of several formats. */
export const graph: CommandHandler = async (context) => {
  const format = formatOf(context);
  const shown = restricted(context, await readGraph(context));
  const isPrinted = !context.options.has('outfile');
  // An answer that was asked for as JSON is one of those that --quiet hides.
  if (isPrinted && format === 'json') return context.output.message(JSON.stringify(answerOf(shown)));
  writeResult(context, await FORMATS[format](shown, !context.options.has('ungrouped')));
};
