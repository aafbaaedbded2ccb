import type { Engine, Explanation, SessionId } from '@maverick/engine';
import { journalLines } from '@maverick/graph';
import type { CommandContext } from '../command.js';
import { conditionWords } from '../condition.js';
import { idOf } from '../daemon-session.js';
import { InitctlError } from '../errors.js';
import { journalPlace } from '../journal-place.js';
import { timeOption } from '../journal-time.js';
import { engineAt, REPLAYED_KINDS } from '../past-engine.js';

/** What was explained: a job, or an instance of it, or an event. */
export interface PastExplanation {
  readonly job: string | null;
  readonly instance: string | null;
  readonly event: string | null;
  readonly explanation: Explanation;
}

const explainJob = (
  engine: Engine,
  session: SessionId,
  at: number,
  [job = '', ...env]: readonly string[],
): PastExplanation | undefined => {
  if (env.length === 0) {
    const explanation = engine.explain({ session, job }, at);
    return explanation && { job, instance: null, event: null, explanation };
  }
  const named = engine.instanceName(session, job, env);
  const explanation = named.ok ? engine.explain({ session, job, instance: named.name }, at) : undefined;
  return named.ok && explanation ? { job, instance: named.name, event: null, explanation } : undefined;
};

/** Explain from the journal how it was once. */
export const explainPast = async (context: CommandContext): Promise<PastExplanation> => {
  const { operands, options, output } = context;
  const { now } = await context.machine();
  const moment = timeOption(options, 'at', now) ?? '';
  // Of a part of a time its beginning counts, so that it sorts before the whole.
  if (moment > now().toISOString()) throw new InitctlError('time-to-come', { moment });
  const place = await journalPlace(context);
  // The newest lines, which a daemon has at hand, are no beginning.
  if (place.kind !== 'files') throw new InitctlError('journal-not-readable', {});
  const { engine, at, lostLines } = engineAt(journalLines(place.dir, { kinds: REPLAYED_KINDS }), moment);
  if (lostLines > 0) output.error(`${lostLines} lines of the journal were lost: it may have been otherwise`);
  const session = idOf(options.get('in-session') ?? '');
  const ofJob = options.has('event') ? undefined : explainJob(engine, session, at, operands);
  if (ofJob) return ofJob;
  const condition = conditionWords(operands);
  const explanation = engine.explain({ session, condition }, at);
  if (!explanation) throw new InitctlError('missing-event-name', {});
  return { job: null, instance: null, event: condition.join(' '), explanation };
};
