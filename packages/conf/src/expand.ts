/**
 * Variable expansion: `$NAME`, `${NAME}`, `${NAME:-default}` and their kin, as in `instance` and in the values of
 * `start on` / `stop on`.
 *
 * One pass with an explicit stack, so that no input, however nested, can exhaust the call stack.
 *
 * @see init(5), "Event Definition"; specification of the language, section 7
 */

/** What went wrong; `message` is the original's text. */
export type ExpandError =
  | { readonly code: 'unknown-parameter'; readonly parameter: string; readonly message: string }
  | { readonly code: 'expected-operator' | 'mismatched-braces' | 'illegal-parameter'; readonly message: string };

/** The expanded text, or why there is none. */
export type Expansion =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly error: ExpandError };

/** Finds a variable's value; `undefined` if it is not set. */
export type EnvLookup = (name: string) => string | undefined;

export interface ExpandOptions {
  /**
   * `lazy` (the default) leaves the unused default of `${SET:-$UNSET}` alone. `eager` expands it as the original does
   * (its bug B14), which then fails.
   */
  readonly defaults?: 'lazy' | 'eager';
}

type Operator = ':-' | '-' | ':+' | '+';

/** Text under construction: the whole, the key of a `${…}`, or the argument behind an operator. */
interface Frame {
  readonly kind: 'text' | 'key' | 'argument';
  text: string;
  /** False inside a default that is not used: its variables are not looked up. */
  readonly live: boolean;
  readonly choice?: Choice;
}

/** What `${KEY operator argument}` comes to: the argument, or something that is known already. */
type Choice = { readonly argument: true } | { readonly argument: false; readonly value: string };

const ARGUMENT: Choice = { argument: true };

const choose = (operator: Operator, value: string | undefined): Choice => {
  const counts = operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
  const alternative = operator.endsWith('+');
  if (counts === alternative) return ARGUMENT;
  return { argument: false, value: alternative ? '' : (value ?? '') };
};

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;

const nameAt = (template: string, at: number): string => {
  NAME.lastIndex = at;
  return NAME.exec(template)?.[0] ?? '';
};

/** The way to write a `$` that is none. */
const LITERAL_DOLLAR = '\u0024{}';

class Expander {
  private readonly template: string;
  private readonly lookup: EnvLookup;
  private readonly eager: boolean;
  private readonly stack: Frame[] = [];
  private top: Frame = { kind: 'text', text: '', live: true };
  private at = 0;
  private error: ExpandError | undefined;

  constructor(template: string, lookup: EnvLookup, eager: boolean) {
    this.template = template;
    this.lookup = lookup;
    this.eager = eager;
  }

  run(): Expansion {
    while (this.at < this.template.length && !this.error) this.step();
    if (!this.error && this.stack.length > 0) this.fail('mismatched-braces', 'Mismatched braces');
    return this.error ? { ok: false, error: this.error } : { ok: true, value: this.top.text };
  }

  private step(): void {
    const char = this.template.charAt(this.at);
    if (char === '$') this.reference();
    else if (char === '}' && this.top.kind !== 'text') this.close();
    else if (this.top.kind === 'key' && (char === ':' || char === '-' || char === '+')) this.operator(char);
    else this.literal();
  }

  /** A run of characters without a meaning, or one whose meaning does not apply here. */
  private literal(): void {
    let end = this.at + 1;
    while (end < this.template.length && !'$}:-+'.includes(this.template.charAt(end))) end += 1;
    const text = this.template.slice(this.at, end);
    // The original looks up a name with a brace in it, which hides the mistake in `${NO{PE:-x}`.
    if (this.top.kind === 'key' && text.includes('{')) this.fail('illegal-parameter', 'Illegal parameter');
    this.top.text += text;
    this.at = end;
  }

  private reference(): void {
    if (this.template.startsWith(LITERAL_DOLLAR, this.at)) {
      this.top.text += '$';
      this.at += LITERAL_DOLLAR.length;
    } else if (this.template.charAt(this.at + 1) === '{') {
      this.push({ kind: 'key', text: '', live: this.top.live });
      this.at += 2;
    } else {
      const name = nameAt(this.template, this.at + 1);
      this.top.text += name === '' ? '$' : this.value(name);
      this.at += 1 + name.length;
    }
  }

  private operator(char: ':' | '-' | '+'): void {
    const text = char === ':' ? this.template.slice(this.at, this.at + 2) : char;
    if (text !== ':-' && text !== ':+' && text !== '-' && text !== '+') {
      this.fail('expected-operator', 'Expected operator');
      return;
    }
    const { text: key, live } = this.top;
    const choice = choose(text, live ? this.lookup(key) : undefined);
    this.pop();
    this.push({ kind: 'argument', text: '', live: live && (this.eager || choice.argument), choice });
    this.at += text.length;
  }

  private close(): void {
    const { kind, text, choice } = this.top;
    this.pop();
    if (kind === 'key') this.top.text += this.value(text);
    else this.top.text += choice === undefined || choice.argument ? text : choice.value;
    this.at += 1;
  }

  private value(name: string): string {
    if (!this.top.live) return '';
    const value = this.lookup(name);
    if (value === undefined) {
      this.error ??= { code: 'unknown-parameter', parameter: name, message: `Unknown parameter: ${name}` };
    }
    return value ?? '';
  }

  private push(frame: Frame): void {
    this.stack.push(this.top);
    this.top = frame;
  }

  private pop(): void {
    const below = this.stack.pop();
    if (below) this.top = below;
  }

  private fail(code: Exclude<ExpandError['code'], 'unknown-parameter'>, message: string): void {
    this.error ??= { code, message };
  }
}

/**
 * Expand the variables of `template`. Inserted values are not scanned again; backslashes and quotes mean nothing here.
 * @param lookup finds a variable's value
 * @returns the text, or the first error in the order of the text; never throws
 */
export const expand = (template: string, lookup: EnvLookup, options: ExpandOptions = {}): Expansion =>
  template.includes('$')
    ? new Expander(template, lookup, options.defaults === 'eager').run()
    : { ok: true, value: template };

/** A lookup over `KEY=VALUE` entries in which later entries win; entries without `=` are skipped. */
export const lookupIn = (env: readonly string[]): EnvLookup => {
  const values = new Map<string, string>();
  for (const entry of env) {
    const equals = entry.indexOf('=');
    if (equals >= 0) values.set(entry.slice(0, equals), entry.slice(equals + 1));
  }
  return (name) => values.get(name);
};
