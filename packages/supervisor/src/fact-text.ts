import type { Cause, Effect, InstanceRef, SessionId } from '@maverick/engine';
import type { Moment, SupervisorNotice } from './event.js';

/** What the journal tells beside inputs. */
export type Fact = Effect | SupervisorNotice;

/** A process's definition and environment are long, and follow from the inputs. */
const FOLLOWS: ReadonlySet<string> = new Set(['definition', 'env']);

/** What is asked for again and again with the same argument, in a row: only the last answer is kept. */
const remembered = <A, B>(make: (of: A) => B): ((of: A) => B) => {
  let last: { readonly of: A; readonly made: B } | undefined;
  return (of) => {
    if (last === undefined || last.of !== of) last = { of, made: make(of) };
    return last.made;
  };
};

/** Wall clock as a journal has it. Many lines are of the same millisecond, and this takes as long as the rest of a line. */
export const timeText = remembered((wall: number): string => new Date(wall).toISOString());

/** So many strings are kept, and none that is longer: names of keys, states, roles and events come again and again. */
const MOST_QUOTED = 512;
const LONGEST_QUOTED = 32;

/** As {@link remembered}, for short strings, of which many are kept. */
const rememberedShort = (make: (of: string) => string): ((of: string) => string) => {
  const known = new Map<string, string>();
  return (of) => {
    const before = known.get(of);
    if (before !== undefined) return before;
    const made = make(of);
    if (of.length > LONGEST_QUOTED) return made;
    if (known.size >= MOST_QUOTED) known.clear();
    known.set(of, made);
    return made;
  };
};

const stringText = rememberedShort((value) => JSON.stringify(value));
const keyText = rememberedShort((key) => `,${JSON.stringify(key)}:`);

/** All facts that an input brings about are of one moment. */
const momentText = remembered(
  ({ at, wall }: Moment): string => `{"at":${JSON.stringify(at)},"time":"${timeText(wall)}","what":`,
);

/** The engine's reference to an instance is one object as long as the instance lives. */
const instanceText = remembered(
  ({ session, job, instance }: InstanceRef): string =>
    `"session":${stringText(session)},"job":${JSON.stringify(job)},"instance":${JSON.stringify(instance)}`,
);

/** A cause is one object for everything that comes of it. */
const causeText = remembered((cause: Cause): string => {
  const { instance, ...numbers } = cause;
  const text = JSON.stringify(numbers);
  return instance === undefined ? text : `${text.slice(0, -1)},"instance":{${instanceText(instance)}}}`;
});

/** Environments are most of what is not a string or a number. */
const arrayText = (values: readonly unknown[]): string => {
  let text = '';
  for (const value of values) {
    if (typeof value !== 'string') return JSON.stringify(values);
    text += text === '' ? stringText(value) : `,${stringText(value)}`;
  }
  return `[${text}]`;
};

/** @returns undefined for what JSON leaves out */
const valueText = (value: unknown): string | undefined => {
  if (typeof value === 'string') return stringText(value);
  return Array.isArray(value) ? arrayText(value) : JSON.stringify(value);
};

/**
 * The line for an effect of the engine or for the supervisor's own news, as JSON. The engine's reference to an instance is spread
 * over three keys: readers filter by `job` without looking deeper. An exception is told by its text.
 *
 * It is put together by hand, and what it has in common with the line before is kept: a fifth of the time of an object and
 * `JSON.stringify`.
 * @throws what `JSON.stringify` throws for a value that it can't write
 */
export const factText = (fact: Fact, moment: Moment): string => {
  let text = momentText(moment) + stringText(fact.kind);
  if ('instance' in fact && fact.instance !== undefined) text += `,${instanceText(fact.instance)}`;
  const isSpawn = fact.kind === 'spawn';
  // Facts are plain objects; a list of what is in each would cost as much as the rest.
  for (const key in fact) {
    if (key === 'kind' || key === 'instance' || key === 'cause' || (isSpawn && FOLLOWS.has(key))) continue;
    const value: unknown = fact[key as keyof Fact];
    const written = valueText(key === 'error' ? String(value) : value);
    if (written !== undefined) text += keyText(key) + written;
  }
  return 'cause' in fact ? `${text},"cause":${causeText(fact.cause)}}` : `${text}}`;
};

/** Of which session a fact tells, as far as it says so itself. */
export const factSession = (fact: Fact): SessionId | undefined => {
  if ('session' in fact && fact.session !== undefined) return fact.session;
  if ('instance' in fact && fact.instance !== undefined) return fact.instance.session;
  return 'cause' in fact ? fact.cause.instance?.session : undefined;
};
