import { printable } from '../cells.js';
import { painter } from '../colours.js';
import type { CommandHandler } from '../command.js';
import { InitctlError } from '../errors.js';
import { isGone } from '../instance-status.js';
import { findInstance, findJob } from '../job-reference.js';

/** `explain JOB [KEY=VALUE]...`: why a job, or the instance that is named, is as it is. */
export const explain: CommandHandler = async (context) => {
  const found = await findJob(context);
  const { reference, upstart } = found;
  const namesInstance = reference.kind === 'self' || reference.env.length > 0;
  const instance = namesInstance ? (await (await findInstance(found)).status()).name : undefined;
  try {
    const { sentences, details } = await upstart.init1.explain(reference.job, instance);
    const paint = painter(context.hasColours(1));
    context.output.answer(
      () => ({ job: reference.job, instance: instance ?? null, sentences, details }),
      () => sentences.map((line, index) => (index === 0 ? paint('bold', printable(line)) : printable(line))).join('\n'),
    );
  } catch (error) {
    if (isGone(error)) throw new InitctlError('not-this-daemon', { what: 'why a job is as it is' }, { cause: error });
    throw error;
  }
};
