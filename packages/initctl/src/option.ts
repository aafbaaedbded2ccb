import { InitctlError } from './errors.js';

/** What an option sets. */
export type OptionKey =
  | 'session'
  | 'system'
  | 'dest'
  | 'user'
  | 'priority'
  | 'help'
  | 'version'
  | 'no-wait'
  | 'enumerate'
  | 'ignore-events'
  | 'warn'
  | 'table'
  | 'retain'
  /** Taken because somebody may give it, and without effect. */
  | 'ignored'
  | 'event-env'
  | 'ending'
  | 'cancel'
  | 'warn-only'
  | 'when'
  | 'no-sync'
  | 'force'
  | 'poweroff'
  | 'wtmp-only'
  | 'file'
  | 'noscript'
  | 'initctl-path'
  | 'upstart-path'
  | 'outfile'
  | 'restrict'
  | 'startup-event'
  | `color-${ColorOf}`
  | 'no-gui'
  | 'separator'
  | 'destination'
  | 'json'
  | 'long'
  | 'tree'
  | 'follow'
  | 'lines'
  | 'sort'
  | 'interval'
  | 'for'
  | 'timeout'
  | 'confdir'
  | 'global'
  | 'in-session'
  | 'chroot'
  | 'of-job'
  | 'what'
  | 'event'
  | 'of-session'
  | 'since'
  | 'boot'
  | 'journal-dir'
  | 'html'
  | 'svg'
  | 'causes'
  | 'whole'
  | 'of-boot'
  | 'format'
  | 'effects'
  | 'depth'
  | 'ungrouped'
  | 'exit'
  | 'at'
  | 'proof'
  | 'bound'
  | 'watch'
  | 'junit'
  | 'event'
  | 'after'
  | 'ready'
  | 'processes'
  | 'recorded'
  | 'until'
  | 'against'
  | 'fallback'
  | 'service-dir';

/** What `initctl2dot` gives a colour. */
export type ColorOf = 'emits' | 'start-on' | 'stop-on' | 'event' | 'text' | 'event-text' | 'job-text' | 'bg' | 'job';

/** One row of an option table. */
export interface Option {
  readonly key: OptionKey;
  /** One character, without its dash. */
  readonly short?: string;
  /** Without its dashes. */
  readonly long?: string;
  /** The name of its argument in the help text; an option without one takes no argument. */
  readonly argument?: string;
  /** What an option without argument sets its key to. Default: the empty string. */
  readonly value?: string;
  /** Help text; an option without one is not shown. */
  readonly help?: string;
}

/** The options that were given, and what they were set to. Where several set the same key, the last one counts. */
export type OptionValues = ReadonlyMap<OptionKey, string>;

/** Every argument that an option was given, in order. */
export type OptionOccurrences = ReadonlyMap<OptionKey, readonly string[]>;

export interface ParsedOptions {
  readonly values: OptionValues;
  readonly occurrences: OptionOccurrences;
  /** What is neither an option nor an option's argument, in order. */
  readonly operands: readonly string[];
  /** `--help` or `--version` was met: nothing after it was looked at. */
  readonly ending: 'help' | 'version' | undefined;
}

const isEnding = (key: OptionKey): key is 'help' | 'version' => key === 'help' || key === 'version';

/** `-` alone and the empty string are operands. */
const looksLikeOption = (argument: string): boolean => argument.length > 1 && argument.startsWith('-');

/** One walk over an argument list. */
class OptionScan {
  readonly values = new Map<OptionKey, string>();
  readonly occurrences = new Map<OptionKey, string[]>();
  readonly operands: string[] = [];
  ending: 'help' | 'version' | undefined;
  readonly #arguments: readonly string[];
  readonly #options: readonly Option[];
  /** Positions that an earlier option took as its argument. */
  readonly #taken = new Set<number>();

  constructor(argumentList: readonly string[], options: readonly Option[]) {
    this.#arguments = argumentList;
    this.#options = options;
  }

  run(operandEndsOptions: boolean): void {
    let optionsEnded = false;
    for (const [position, argument] of this.#arguments.entries()) {
      if (this.#taken.has(position)) continue;
      if (optionsEnded || !looksLikeOption(argument)) {
        this.operands.push(argument);
        optionsEnded ||= operandEndsOptions;
      } else if (argument === '--') {
        optionsEnded = true;
      } else {
        this.#option(position, argument);
        if (this.ending !== undefined) return;
      }
    }
  }

  #option(position: number, argument: string): void {
    if (argument.startsWith('--')) this.#long(position, argument);
    else this.#cluster(position, argument);
  }

  #long(position: number, argument: string): void {
    const equals = argument.indexOf('=');
    const name = argument.slice(2, equals === -1 ? undefined : equals);
    const option = this.#options.find(({ long }) => long === name);
    if (option === undefined) throw new InitctlError('invalid-option', { option: argument });
    if (equals === -1) this.#apply(option, position, argument);
    else if (option.argument === undefined) throw new InitctlError('unexpected-argument', { option: argument });
    else this.#set(option.key, argument.slice(equals + 1));
  }

  /** `-nq`, and `-iX` where the first of the cluster takes an argument. */
  #cluster(position: number, argument: string): void {
    for (const [index, letter] of [...argument.slice(1)].entries()) {
      const option = this.#options.find(({ short }) => short === letter);
      if (option === undefined) throw new InitctlError('invalid-option', { option: `-${letter}` });
      const rest = argument.slice(1 + letter.length);
      if (option.argument !== undefined && index === 0 && rest !== '') {
        this.#set(option.key, rest);
        return;
      }
      this.#apply(option, position, argument);
      if (this.ending !== undefined) return;
    }
  }

  #apply(option: Option, position: number, argument: string): void {
    if (isEnding(option.key)) this.ending = option.key;
    else this.#set(option.key, option.argument === undefined ? (option.value ?? '') : this.#take(position, argument));
  }

  #set(key: OptionKey, value: string): void {
    this.values.set(key, value);
    this.occurrences.set(key, [...(this.occurrences.get(key) ?? []), value]);
  }

  /** The next operand is the option's argument, even if other options stand between them. */
  #take(after: number, option: string): string {
    let optionsEnded = false;
    for (let position = after + 1; position < this.#arguments.length; position++) {
      const candidate = this.#arguments[position] ?? '';
      if (this.#taken.has(position)) continue;
      if (!optionsEnded && candidate === '--') {
        optionsEnded = true;
      } else if (optionsEnded || !looksLikeOption(candidate)) {
        this.#taken.add(position);
        return candidate;
      }
    }
    throw new InitctlError('missing-argument', { option });
  }
}

/**
 * Sort an argument list into options and operands, as libnih does: short options cluster, `--long=X` and `--long X`,
 * no abbreviations, `--` ends the options, `-` alone is an operand. Of two options of the same name in the table the
 * first one counts.
 * @param operandEndsOptions true before the command: what follows the first operand is the command's
 * @throws InitctlError `invalid-option`, `missing-argument`, `unexpected-argument`
 */
export const parseOptions = (
  argumentList: readonly string[],
  options: readonly Option[],
  operandEndsOptions = false,
): ParsedOptions => {
  const scan = new OptionScan(argumentList, options);
  scan.run(operandEndsOptions);
  return { values: scan.values, occurrences: scan.occurrences, operands: scan.operands, ending: scan.ending };
};
