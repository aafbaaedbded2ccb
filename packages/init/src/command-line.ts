import { DEFAULT_OPTIONS, OPTIONS, type OptionRule, type Options, type Question } from './option-table.js';

/** What a command line asks for. */
export type Parsed =
  /** `ignored`: words that mean nothing here. Like the original, which gets the kernel's command line, we pass over them. */
  | { readonly kind: 'run'; readonly options: Options; readonly ignored: readonly string[] }
  | { readonly kind: Question }
  /** `options`: what stands before the mistake. */
  | { readonly kind: 'error'; readonly message: string; readonly options: Options };

type Step = { readonly options: Options } | Exclude<Parsed, { kind: 'run' }>;

const mistake = (options: Options, message: string): Parsed & { kind: 'error' } => ({
  kind: 'error',
  message,
  options,
});

const findRule = (word: string): OptionRule | undefined =>
  OPTIONS.find(({ long, short }) => word === long || word === short);

/** `--name=value` is `--name` and its value; a short option has no such form. */
const splitWord = (word: string): { readonly name: string; readonly inline?: string } => {
  const equals = word.startsWith('--') ? word.indexOf('=') : -1;
  return equals === -1 ? { name: word } : { name: word.slice(0, equals), inline: word.slice(equals + 1) };
};

const applyRule = (rule: OptionRule, options: Options, value: string | undefined): Step => {
  if (rule.kind === 'question') return { kind: rule.question };
  if (rule.kind === 'flag') return { options: rule.apply(options) };
  if (value === undefined) return mistake(options, `${rule.long} needs an argument: ${rule.argument}`);
  const applied = rule.apply(options, value);
  return applied === undefined
    ? mistake(options, `${rule.long}: '${value}' is none of what it takes (${rule.help})`)
    : { options: applied };
};

const withCommand = (options: Options, argv: readonly string[]): Step => {
  if (argv.length === 0) return mistake(options, '-- needs a command after it');
  if (options.program !== undefined)
    return mistake(options, '--job and a command after -- exclude each other: end with the one or the other');
  return { options: { ...options, program: { kind: 'command', argv } } };
};

/**
 * Read the command line, without the program's name. What follows `--` is a command that the daemon runs for.
 */
export const parseCommandLine = (args: readonly string[]): Parsed => {
  const rest = [...args];
  const ignored: string[] = [];
  let options = DEFAULT_OPTIONS;
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') {
      const step = withCommand(options, rest);
      return 'kind' in step ? step : { kind: 'run', options: step.options, ignored };
    }
    const { name, inline } = splitWord(word);
    const rule = findRule(name);
    if (rule === undefined) {
      ignored.push(word);
      continue;
    }
    const step = applyRule(rule, options, rule.kind === 'valued' ? (inline ?? rest.shift()) : undefined);
    if ('kind' in step) return step;
    options = step.options;
  }
  return { kind: 'run', options, ignored };
};
