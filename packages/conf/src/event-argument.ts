/**
 * The arguments of an event in `start on` / `stop on`, taken apart.
 *
 * @see specification of the language, sections 3.5 and 8.2 (B21)
 */

/** One argument: a pattern for the variable at its position, or for the variable of a name. */
export type EventArgument =
  | { readonly kind: 'positional'; readonly pattern: string }
  | { readonly kind: 'named'; readonly key: string; readonly negated: boolean; readonly pattern: string };

/**
 * Take an argument apart at its first `=`; a `!` before it negates. The pattern is unexpanded.
 * The original looks for `!=` anywhere first, and so takes `K=a!=b` for a negation of the key `K=a`.
 */
export const parseEventArgument = (argument: string): EventArgument => {
  const equals = argument.indexOf('=');
  if (equals < 0) return { kind: 'positional', pattern: argument };
  const negated = argument.charAt(equals - 1) === '!';
  const key = argument.slice(0, negated ? equals - 1 : equals);
  return { kind: 'named', key, negated, pattern: argument.slice(equals + 1) };
};
