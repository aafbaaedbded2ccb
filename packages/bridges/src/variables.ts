import { ConditionError } from './condition-error.js';

/** What a match may have that is no plain text. */
const NOT_PLAIN = /[*?[\]$]/;

const split = (arg: string): readonly [name: string, value: string] => {
  const equals = arg.indexOf('=');
  if (equals <= 0) throw new ConditionError('no-variable-name', `'${arg}' has no variable: expected NAME=VALUE`);
  const name = arg.slice(0, equals);
  if (name.endsWith('!')) {
    throw new ConditionError('not-plain', `'${arg}' says what it is not: expected ${name.slice(0, -1)}=VALUE`);
  }
  return [name, arg.slice(equals + 1)];
};

/**
 * The variables of a match, which are to be acted on: each once, with a plain value.
 * @param names those that there are; a name's value is the name that it stands for
 * @param notPlain what makes a value a pattern
 * @throws ConditionError
 */
export const readVariables = <Name extends string>(
  args: readonly string[],
  names: ReadonlyMap<string, Name>,
  notPlain: RegExp = NOT_PLAIN,
): ReadonlyMap<Name, string> => {
  const found = new Map<Name, string>();
  for (const arg of args) {
    const [given, value] = split(arg);
    const name = names.get(given);
    if (name === undefined) {
      const known = [...names.keys()].join(', ');
      throw new ConditionError('unknown-variable', `unknown variable ${given}: expected one of ${known}`);
    }
    if (found.has(name)) throw new ConditionError('repeated-variable', `${name} is given twice`);
    if (notPlain.test(value)) {
      throw new ConditionError('not-plain', `${given}=${value} is a pattern: expected the value itself`);
    }
    found.set(name, value);
  }
  return found;
};
