import type { SoughtEvent } from './condition.js';

/** The key of a match rule that asks for the same as a variable of the event. */
const KEYS: ReadonlyMap<string, { readonly key: string; readonly isValid: RegExp }> = new Map([
  ['SIGNAL', { key: 'member', isValid: /^[A-Za-z_]\w*$/ }],
  ['INTERFACE', { key: 'interface', isValid: /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/ }],
  ['OBJPATH', { key: 'path', isValid: /^(\/|(\/\w+)+)$/ }],
  ['SENDER', { key: 'sender', isValid: /^(:[\w-]+(\.[\w-]+)+|org\.freedesktop\.DBus)$/ }],
]);

/** Only strings are compared by the bus: a value that a number, a boolean or a path may have is the daemon's to compare. */
const STRING_ONLY = /^(?!(TRUE|FALSE|-?\d+(\.\d+)?|\/.*)$)/s;
/** The bus compares no more. */
const MOST_ARGUMENTS = 64;
const PATTERN = /[*?[\]$\\]/;

const quoted = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;

/** What a match says in the words of the bus; `''` for what it can't say, undefined for what never comes. */
const partOf = (name: string, value: string): string | undefined => {
  if (PATTERN.test(value)) return '';
  const known = KEYS.get(name);
  if (known !== undefined) return known.isValid.test(value) ? `${known.key}=${quoted(value)}` : undefined;
  const argument = /^ARG(\d+)$/.exec(name)?.[1];
  if (argument === undefined || Number(argument) >= MOST_ARGUMENTS || !STRING_ONLY.test(value)) return '';
  return `arg${Number(argument)}=${quoted(value)}`;
};

/** Of matches by position the first is the signal's name; more of them the daemon compares. */
const variableOf = (arg: string, position: number): readonly [name: string, value: string] | undefined => {
  const equals = arg.indexOf('=');
  if (equals < 0) return position === 0 ? ['SIGNAL', arg] : undefined;
  const name = arg.slice(0, equals);
  return name.endsWith('!') ? undefined : [name, arg.slice(equals + 1)];
};

/**
 * The match rule for the signals that a condition may fit: as narrow as a bus can compare, never narrower than the condition.
 * @returns undefined for a condition that no signal can fit
 * @see D-Bus specification, "Match Rules"
 */
export const matchRule = ({ args }: Pick<SoughtEvent, 'args'>): string | undefined => {
  const parts = ["type='signal'"];
  for (const [position, arg] of args.entries()) {
    const variable = variableOf(arg, position);
    const part = variable === undefined ? '' : partOf(...variable);
    if (part === undefined) return undefined;
    // A key that is there twice is refused by the bus.
    if (part !== '' && !parts.some((other) => other.split('=')[0] === part.split('=')[0])) parts.push(part);
  }
  return parts.join(',');
};
