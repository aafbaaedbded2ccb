/**
 * Shell patterns as `fnmatch(3)` of the GNU C library matches them without flags: `*` crosses `/`, a leading dot is
 * nothing special, `\` quotes. Characters compare by code point, as in the C locale.
 *
 * @see fnmatch(3), glob(7)
 */

const CLASSES: ReadonlyMap<string, RegExp> = new Map([
  ['alnum', /[A-Za-z0-9]/],
  ['alpha', /[A-Za-z]/],
  ['blank', /[ \t]/],
  ['cntrl', /\p{Cc}/u],
  ['digit', /[0-9]/],
  ['graph', /[!-~]/],
  ['lower', /[a-z]/],
  ['print', /[ -~]/],
  ['punct', /[!-/:-@[-`{-~]/],
  ['space', /[\t-\r ]/],
  ['upper', /[A-Z]/],
  ['xdigit', /[A-Fa-f0-9]/],
]);

/** One character position of a pattern. */
type Item =
  | { readonly kind: 'star' | 'any' | 'never' }
  | { readonly kind: 'char'; readonly char: string }
  | { readonly kind: 'set'; readonly negated: boolean; readonly members: readonly Member[] };
type Member = RegExp | { readonly low: string; readonly high: string };

const NEVER: Item = { kind: 'never' };

const code = (char: string): number => char.codePointAt(0) ?? 0;

const isMember = (char: string, member: Member): boolean =>
  member instanceof RegExp ? member.test(char) : code(member.low) <= code(char) && code(char) <= code(member.high);

/** Reads `[…]`, whose `[` is at `start`. Without an end it is an ordinary `[`. */
class SetReader {
  private readonly chars: readonly string[];
  private readonly start: number;
  private readonly members: Member[] = [];
  at: number;

  constructor(chars: readonly string[], start: number) {
    this.chars = chars;
    this.start = start;
    this.at = start + 1;
  }

  read(): Item {
    const negated = this.peek() === '!' || this.peek() === '^';
    if (negated) this.at += 1;
    const first = this.at;
    while (this.at < this.chars.length && !(this.peek() === ']' && this.at > first)) {
      const item = this.member();
      if (item) return item;
    }
    if (this.at >= this.chars.length) {
      this.at = this.start + 1;
      return { kind: 'char', char: '[' };
    }
    this.at += 1;
    return { kind: 'set', negated, members: this.members };
  }

  private peek(offset = 0): string | undefined {
    return this.chars[this.at + offset];
  }

  /** Reads one member; returns an item only where the whole pattern can't match. */
  private member(): Item | undefined {
    if (this.peek() === '[' && this.peek(1) === ':') {
      const name = this.className();
      if (name !== undefined) {
        const members = CLASSES.get(name);
        if (!members) return NEVER;
        this.members.push(members);
        return undefined;
      }
    }
    const low = this.endpoint();
    if (low === undefined) return NEVER;
    if (this.peek() !== '-' || this.peek(1) === ']' || this.peek(1) === undefined) {
      this.members.push({ low, high: low });
      return undefined;
    }
    this.at += 1;
    const high = this.endpoint();
    if (high === undefined) return NEVER;
    this.members.push({ low, high });
    return undefined;
  }

  private className(): string | undefined {
    let end = this.at + 2;
    while (/^[a-z]$/.test(this.chars[end] ?? '')) end += 1;
    if (this.chars[end] !== ':' || this.chars[end + 1] !== ']') return undefined;
    const name = this.chars.slice(this.at + 2, end).join('');
    this.at = end + 2;
    return name;
  }

  /** One character of a set: plain, quoted, or in the forms `[.x.]` and `[=x=]`. */
  private endpoint(): string | undefined {
    const char = this.peek();
    if (char === '\\') {
      this.at += 2;
      return this.peek(-1);
    }
    const mark = this.peek(1);
    if (char === '[' && (mark === '.' || mark === '=') && this.peek(3) === mark && this.peek(4) === ']') {
      this.at += 5;
      return this.peek(-3);
    }
    this.at += 1;
    return char;
  }
}

const compile = (pattern: string): readonly Item[] => {
  const chars = Array.from(pattern);
  const items: Item[] = [];
  let at = 0;
  while (at < chars.length) {
    const char = chars[at] ?? '';
    if (char === '[') {
      const reader = new SetReader(chars, at);
      items.push(reader.read());
      at = reader.at;
      continue;
    }
    at += 1;
    if (char === '*') items.push({ kind: 'star' });
    else if (char === '?') items.push({ kind: 'any' });
    else if (char !== '\\') items.push({ kind: 'char', char });
    else {
      const quoted = chars[at];
      items.push(quoted === undefined ? NEVER : { kind: 'char', char: quoted });
      at += 1;
    }
  }
  return items;
};

const matchesItem = (item: Item, char: string): boolean => {
  switch (item.kind) {
    case 'any':
      return true;
    case 'char':
      return item.char === char;
    case 'set':
      return item.members.some((member) => isMember(char, member)) !== item.negated;
    case 'star':
    case 'never':
      return false;
  }
};

/** Walks back only to the last `*`: at worst pattern length × text length steps. */
const matchItems = (items: readonly Item[], text: readonly string[]): boolean => {
  let item = 0;
  let at = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    const current = items[item];
    if (current?.kind === 'star') {
      star = item;
      resume = at;
      item += 1;
    } else if (current && matchesItem(current, text[at] ?? '')) {
      item += 1;
      at += 1;
    } else if (star >= 0) {
      item = star + 1;
      resume += 1;
      at = resume;
    } else return false;
  }
  return items.slice(item).every((rest) => rest.kind === 'star');
};

const SPECIAL = /[*?[\\]/;

/** The plain text that a pattern begins with: where that differs, nothing else need be looked at. */
const plainStart = (pattern: string): string => pattern.slice(0, pattern.search(SPECIAL));

/**
 * The test of whether a text as a whole matches the shell pattern `pattern`, for many texts.
 * An unclosed `[` is an ordinary character; a `\` at the very end, or an unknown `[:class:]`, matches nothing.
 */
export const globMatcher = (pattern: string): ((text: string) => boolean) => {
  if (!SPECIAL.test(pattern)) return (text) => text === pattern;
  const start = plainStart(pattern);
  const items = compile(pattern.slice(start.length));
  return (text) => text.startsWith(start) && matchItems(items, Array.from(text.slice(start.length)));
};

/** Whether `text` as a whole matches the shell pattern `pattern`. @see globMatcher */
export const matchGlob = (pattern: string, text: string): boolean => {
  if (!SPECIAL.test(pattern)) return pattern === text;
  return text.startsWith(plainStart(pattern)) && globMatcher(pattern)(text);
};
