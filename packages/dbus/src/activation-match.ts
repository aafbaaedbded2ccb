import { type EventOperator, matchGlob } from '@maverick/conf';
import type { JobView } from '@maverick/engine';

/** The event that asks for the owner of a bus name. The name comes first, for conditions that give it by position. */
export const ACTIVATION_EVENT = 'dbus-activation';

const nameOf = (entry: string): string => entry.split('=', 1)[0] ?? '';
const textOf = (entry: string | undefined): string | undefined => entry?.slice(entry.indexOf('=') + 1);

/** A pattern with a variable of the job is for the engine to expand: here it counts as one that may fit. */
const fits = (pattern: string, value: string | undefined): boolean =>
  value !== undefined && (pattern.includes('$') || matchGlob(pattern, value));

/** Whether the arguments of an operand fit an event, by position up to the first name, then by name. */
const argumentsFit = (args: readonly string[], env: readonly string[]): boolean =>
  args.every((arg, index) => {
    const [, name, negated, pattern] = /^([A-Za-z_][A-Za-z0-9_]*)(!?)=(.*)$/s.exec(arg) ?? [];
    if (name === undefined || pattern === undefined) return fits(arg, textOf(env[index]));
    const value = textOf(env.find((entry) => nameOf(entry) === name));
    return negated === '!' ? pattern.includes('$') || !fits(pattern, value) : fits(pattern, value);
  });

/** Whether a condition has an operand for this event. No recursion: it may be as deep as a file is long. */
const asksFor = (condition: EventOperator | undefined, env: readonly string[]): boolean => {
  const pending: EventOperator[] = condition ? [condition] : [];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (node.kind !== 'match') pending.push(node.left, node.right);
    else if (node.name === ACTIVATION_EVENT && argumentsFit(node.args, env)) return true;
  }
  return false;
};

/** The jobs whose `start on` has a place for this activation. */
export const jobsFor = (jobs: readonly JobView[], env: readonly string[]): string[] =>
  jobs.filter(({ definition }) => asksFor(definition.startOn ?? undefined, env)).map(({ name }) => name);
