import type { QueuedEvent } from './event.js';
import { holdByOperand, releaseFromOperand } from './event-queue.js';
import type { Input, SessionId } from './input.js';
import { displayName, type Instance } from './instance.js';
import { answer, failure } from './reply.js';
import { clearTimer, emitEffect, log, openedSession, sessionOf, setTimer, type World } from './world.js';

/**
 * Starts that wait for a word: the `starting` event of a job is held, as half a condition would hold it, until somebody answers
 * or the time is over. A respawn is no start (in the original's semantics nothing tells them apart).
 */

type InputOf<K extends Input['kind']> = Extract<Input, { readonly kind: K }>;

const isAsked = (world: World, { ref, respawning }: Instance): boolean => {
  const { confirming } = sessionOf(world, ref.session);
  if (!confirming || respawning || confirming.always.includes(ref.job)) return false;
  return confirming.jobs.length === 0 || confirming.jobs.includes(ref.job);
};

/** Hold the `starting` event of an instance, where its start is to be confirmed. */
export const holdStart = (world: World, instance: Instance, event: QueuedEvent): void => {
  if (!isAsked(world, instance)) return;
  const { ref, id } = instance;
  const limit = sessionOf(world, ref.session).confirming?.timeoutMs ?? 0;
  const until = world.now + limit;
  const timer = limit === 0 ? undefined : setTimer(world, until, { kind: 'confirm', instance: id });
  instance.unconfirmed = timer === undefined ? {} : { timer };
  holdByOperand(event);
  emitEffect(world, { kind: 'start-held', instance: ref, ...(timer === undefined ? {} : { until }) });
  log(world, 'info', `${displayName(ref)} waits for its start to be confirmed`, ref);
};

/** Let go of a start that waits for a word; what becomes of it is for its goal to say. */
export const releaseStart = (world: World, instance: Instance, said: 'yes' | 'no' | 'time-over'): void => {
  const { unconfirmed, blocker, ref } = instance;
  if (!unconfirmed) return;
  instance.unconfirmed = undefined;
  clearTimer(world, unconfirmed.timer);
  emitEffect(world, { kind: 'start-answered', instance: ref, answer: said });
  if (blocker !== undefined) releaseFromOperand(world, blocker);
};

/** The starts of a session that wait for a word, in the order of their jobs. */
export const unconfirmedIn = (world: World, session: SessionId): Instance[] =>
  [...sessionOf(world, session).classes.values()].flatMap(({ instances }) =>
    [...instances.values()].filter(({ unconfirmed }) => unconfirmed !== undefined),
  );

const releaseAll = (world: World, session: SessionId): void => {
  for (const instance of unconfirmedIn(world, session)) releaseStart(world, instance, 'yes');
};

/** Have starts confirmed from now on, or no longer: then those that wait go on. */
export const confirmStarts = (
  world: World,
  { session: id, on, jobs, timeoutMs, request }: InputOf<'confirm'>,
): void => {
  const session = openedSession(world, id);
  session.confirming = on ? { jobs, timeoutMs, always: [] } : undefined;
  if (!on) releaseAll(world, id);
  if (request !== undefined) answer(world, request, { ok: true });
};

/** Take an answer for one start. */
export const answerStart = (world: World, input: InputOf<'answer-start'>): void => {
  const { session: id, job, instance: name, answer: said, request } = input;
  const session = sessionOf(world, id);
  const instance = session.classes.get(job)?.instances.get(name);
  if (!instance?.unconfirmed) {
    const named = name === '' ? job : `${job} (${name})`;
    answer(world, request, failure('UnknownInstance', `No start waits to be confirmed: ${named}`));
    return;
  }
  const { confirming } = session;
  if (said === 'always' && confirming) {
    session.confirming = { ...confirming, always: [...confirming.always, job] };
  }
  if (said === 'quit') session.confirming = undefined;
  // The change of its goal lets go of it.
  if (said === 'no') world.rules.halt(world, instance);
  else releaseStart(world, instance, 'yes');
  if (said === 'quit') releaseAll(world, id);
  answer(world, request, { ok: true, instance: instance.ref });
};
