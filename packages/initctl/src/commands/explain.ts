import { cellsOf, printable } from '../cells.js';
import { painter } from '../colours.js';
import type { CommandContext, CommandHandler } from '../command.js';
import { InitctlError } from '../errors.js';
import { isGone } from '../instance-status.js';
import { findInstance, findJob } from '../job-reference.js';
import { wrapText } from '../text-wrap.js';

/** A line for each sentence; a terminal gets what is too wide for it on more of them, further in. */
const linesOf = (context: CommandContext, sentences: readonly string[]): string[] => {
  const paint = painter(context.hasColours(1));
  const [first = '', ...others] = sentences.map(printable);
  const wrapped = (text: string): string[] =>
    context.isTerminal(1) ? wrapText(text, context.columns(), 2, cellsOf) : [text];
  return [...wrapped(first).map((line) => paint('bold', line)), ...others.flatMap(wrapped)];
};

/** `explain JOB [KEY=VALUE]...`: why a job, or the instance that is named, is as it is. */
export const explain: CommandHandler = async (context) => {
  const found = await findJob(context);
  const { reference, upstart } = found;
  const namesInstance = reference.kind === 'self' || reference.env.length > 0;
  const instance = namesInstance ? (await (await findInstance(found)).status()).name : undefined;
  try {
    const { sentences, details } = await upstart.init1.explain(reference.job, instance);
    context.output.answer(
      () => ({ job: reference.job, instance: instance ?? null, sentences, details }),
      () => linesOf(context, sentences).join('\n'),
    );
  } catch (error) {
    if (isGone(error)) throw new InitctlError('not-this-daemon', { what: 'why a job is as it is' }, { cause: error });
    throw error;
  }
};
