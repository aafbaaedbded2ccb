import type { ExpectedEvent } from '@maverick/engine';
import { cellsOf, printable } from '../cells.js';
import { painter } from '../colours.js';
import type { CommandContext, CommandHandler } from '../command.js';
import { conditionWords } from '../condition.js';
import { InitctlError } from '../errors.js';
import { isGone } from '../instance-status.js';
import { type FoundJob, findInstance, findJob } from '../job-reference.js';
import { wrapText } from '../text-wrap.js';

/** A line for each sentence; a terminal gets what is too wide for it on more of them, further in. */
const linesOf = (context: CommandContext, sentences: readonly string[]): string[] => {
  const paint = painter(context.hasColours(1));
  const [first = '', ...others] = sentences.map(printable);
  const wrapped = (text: string): string[] =>
    context.isTerminal(1) ? wrapText(text, context.columns(), 2, cellsOf) : [text];
  return [...wrapped(first).map((line) => paint('bold', line)), ...others.flatMap(wrapped)];
};

const UNKNOWN_JOB = 'com.ubuntu.Upstart0_6.Error.UnknownJob';

/** A word that nobody knows as an event is more likely a job that is misspelt. */
const isKnown = ({
  unfinished,
  sources,
  listeners,
}: Pick<Partial<ExpectedEvent>, 'unfinished' | 'sources' | 'listeners'>): boolean =>
  [unfinished, sources, listeners].some((list) => list !== undefined && list.length > 0);

/** @param otherwise what is wrong if it is no event either */
const explainEvent = async (context: CommandContext, otherwise?: unknown): Promise<void> => {
  const { output } = context;
  const operands = conditionWords(context.operands);
  if (operands.length === 0) throw new InitctlError('missing-event-name', {});
  const { init1 } = await context.connect();
  const { sentences, details } = await init1.explainCondition(operands);
  if (otherwise !== undefined && !isKnown(details as Omit<Partial<ExpectedEvent>, 'kind'>)) throw otherwise;
  output.answer(
    () => ({ job: null, instance: null, event: operands.join(' '), sentences, details }),
    () => linesOf(context, sentences).join('\n'),
  );
};

/** Why a job, or the instance that is named, is as it is. */
const explainJob = async (context: CommandContext, found: FoundJob): Promise<void> => {
  const { reference, upstart } = found;
  const namesInstance = reference.kind === 'self' || reference.env.length > 0;
  const instance = namesInstance ? (await (await findInstance(found)).status()).name : undefined;
  const { sentences, details } = await upstart.init1.explain(reference.job, instance);
  context.output.answer(
    () => ({ job: reference.job, instance: instance ?? null, event: null, sentences, details }),
    () => linesOf(context, sentences).join('\n'),
  );
};

const explainThen = async (context: CommandContext): Promise<void> => {
  if (context.operands.length === 0) throw new InitctlError('missing-job-name', {});
  const { explainPast } = await import('./explain-past.js');
  const { explanation, ...about } = await explainPast(context);
  const { sentences, ...details } = explanation;
  context.output.answer(
    () => ({ ...about, sentences, details }),
    () => linesOf(context, sentences).join('\n'),
  );
};

/** `explain JOB|EVENT [KEY=VALUE]...` */
export const explain: CommandHandler = async (context) => {
  try {
    if (context.options.has('at')) return await explainThen(context);
    if (context.options.has('event')) return await explainEvent(context);
    const found = await findJob(context).catch(async (error: unknown) => {
      if (!(error instanceof Error && error.name === UNKNOWN_JOB)) throw error;
      await explainEvent(context, error);
    });
    if (found) await explainJob(context, found);
  } catch (error) {
    if (isGone(error)) throw new InitctlError('not-this-daemon', { what: 'why a job is as it is' }, { cause: error });
    throw error;
  }
};
