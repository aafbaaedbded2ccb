import { matchGlob } from '@maverick/conf';
import type { QueuedEvent } from './event.js';
import { type Condition, isFulfilled, type Operand } from './event-operator.js';
import { explainStartOn, explainStopOn, JOB_EVENTS, missingOf, operandText, sourcesOf } from './explain-condition.js';
import type { ConditionExplanation, EventListener, ExpectedEvent, ExpectingJob } from './explanation.js';
import type { SessionId } from './input.js';
import { compilePattern, matches, NO_VARIABLES, type Pattern } from './matching.js';
import { sessionOf, type World } from './world.js';

/** Events that need not be there, asked for as conditions spell them: `started db`, `net-up IFACE=eth*`. */

/** The first argument of a job's event is the job. */
const patternsOf = (name: string, args: readonly string[]): readonly Pattern[] =>
  args.map((arg, index) => {
    const pattern = compilePattern(arg);
    return index === 0 && pattern.key === undefined && JOB_EVENTS.has(name) ? { ...pattern, key: 'JOB' } : pattern;
  });

/** Whether one event could be meant by both; what only one of them names is left open. */
const isCompatible = (asked: readonly Pattern[], { name, patterns }: Operand): boolean =>
  patterns.every(({ key, negated, value }, place) => {
    const named = key ?? (place === 0 && JOB_EVENTS.has(name) ? 'JOB' : undefined);
    const other = asked.find((one, index) => (named === undefined ? index === place && !one.key : one.key === named));
    if (!other || other.negated || value.includes('$')) return true;
    return (matchGlob(value, other.value) || (!negated && matchGlob(other.value, value))) !== negated;
  });

const heard = (condition: Condition, name: string, asked: readonly Pattern[]): number[] =>
  (condition.byName.get(name) ?? []).filter((index) => {
    const operand = condition.operands[index];
    return operand !== undefined && isCompatible(asked, operand);
  });

/** What a condition would lack if the event came now; nothing if it would be met. */
const missingThen = (condition: Condition, now: ConditionExplanation, matched: readonly number[]): string => {
  const isMet = (operand: number): boolean => matched.includes(operand) || now.operands[operand]?.met === true;
  return isFulfilled(condition, isMet) ? '' : missingOf(condition, isMet);
};

const listenersFor = (world: World, session: SessionId, name: string, asked: readonly Pattern[]): EventListener[] =>
  [...sessionOf(world, session).classes.values()].flatMap((jobClass) => {
    const { startOn } = jobClass.definition;
    const matched = startOn ? heard(startOn, name, asked) : [];
    const [common] = matched.length > 0 ? explainStartOn(world, jobClass) : [];
    const states = [...jobClass.instances.values()].map(({ state }) => state);
    const about = { job: jobClass.name, states } as const;
    const starts: EventListener[] =
      startOn && common ? [{ ...about, stanza: 'start on', missing: missingThen(startOn, common, matched) }] : [];
    const stops = [...jobClass.instances.values()].flatMap((instance): EventListener[] => {
      const { stopOn } = instance.definition;
      const hears = stopOn ? heard(stopOn, name, asked) : [];
      const now = hears.length > 0 ? explainStopOn(world, instance) : undefined;
      if (!stopOn || !now) return [];
      const missing = missingThen(stopOn, now, hears);
      return [{ ...about, instance: instance.ref.instance, stanza: 'stop on', missing }];
    });
    return [...starts, ...stops];
  });

/** The events of that name that have not finished. */
export const unfinishedEvents = (
  world: World,
  session: SessionId,
  [name = '', ...args]: readonly string[],
): readonly QueuedEvent[] => {
  const patterns = patternsOf(name, args);
  return [...world.events.values()].filter(
    (event) => event.session === session && event.name === name && matches(patterns, event.env, NO_VARIABLES),
  );
};

/** What is known of an event that may come: who brings it about, and what would come of it. */
export const expectedEvent = (
  world: World,
  session: SessionId,
  [name = '', ...args]: readonly string[],
): Pick<ExpectedEvent, 'text' | 'sources' | 'listeners'> => {
  const patterns = patternsOf(name, args);
  return {
    text: operandText({ name, patterns: args.map(compilePattern) }),
    sources: sourcesOf(world, session, { name, patterns }),
    listeners: listenersFor(world, session, name, patterns),
  };
};

const TOLD = ['starting', 'started', 'stopping', 'stopped'] as const;

/** The jobs that do not run, and that an event of this one would start or help to. */
export const expecting = (world: World, session: SessionId, job: string): ExpectingJob[] =>
  TOLD.flatMap((event) =>
    listenersFor(world, session, event, [{ key: 'JOB', negated: false, value: job }]).flatMap((listener) =>
      listener.stanza === 'start on' && listener.states.length === 0
        ? [{ job: listener.job, event, missing: listener.missing }]
        : [],
    ),
  );
