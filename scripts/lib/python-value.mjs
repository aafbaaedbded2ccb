const ESCAPES = { n: '\n', t: '\t', r: '\r' };
const WORDS = { True: true, False: false, None: null };

/** Reads what Python's `repr` writes of the values that a D-Bus client has: the types of `dbus` are those below them. */
class Reader {
  #text;
  #at = 0;

  constructor(text) {
    this.#text = text;
  }

  whole() {
    const value = this.#value();
    if (this.#at !== this.#text.length) this.#fail('the end');
    return value;
  }

  #fail(expected) {
    throw new Error(`expected ${expected} at ${this.#at} of: ${this.#text.slice(0, 200)}`);
  }

  #skip(pattern) {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#at += found[0].length;
    return found?.[0];
  }

  #value() {
    const char = this.#text[this.#at];
    if (char === "'" || char === '"') return this.#string(char);
    if (char === '[') return this.#items(']');
    if (char === '(') return this.#items(')');
    if (char === '{') return this.#dictionary();
    const number = this.#skip(/-?\d+/y);
    if (number !== undefined) return Number(number);
    const word = this.#skip(/[A-Za-z_.0-9]+/y) ?? this.#fail('a value');
    if (word in WORDS) return WORDS[word];
    if (this.#text[this.#at] !== '(') this.#fail('(');
    const [value] = this.#items(')');
    return value;
  }

  #string(quote) {
    this.#at += 1;
    let text = '';
    for (let char = this.#text[this.#at++]; char !== quote; char = this.#text[this.#at++]) {
      if (char === undefined) this.#fail('the end of a string');
      if (char !== '\\') text += char;
      else {
        const escaped = this.#text[this.#at++];
        text += ESCAPES[escaped] ?? escaped;
      }
    }
    return text;
  }

  /** Keyword arguments (`signature=…`) tell nothing that the value does not. */
  #items(end) {
    this.#at += 1;
    const items = [];
    while (this.#skip(/\s*/y) !== undefined && this.#text[this.#at] !== end) {
      const keyword = this.#skip(/[a-z_]+=/y);
      const value = this.#value();
      if (keyword === undefined) items.push(value);
      this.#skip(/\s*,/y);
    }
    this.#at += 1;
    return items;
  }

  #dictionary() {
    this.#at += 1;
    const entries = {};
    while (this.#skip(/\s*/y) !== undefined && this.#text[this.#at] !== '}') {
      const key = this.#value();
      this.#skip(/\s*:\s*/y);
      entries[key] = this.#value();
      this.#skip(/\s*,/y);
    }
    this.#at += 1;
    return entries;
  }
}

/** The value of a Python literal: tuples are arrays, dictionaries objects. @throws Error for what is none */
export const pythonValue = (text) => new Reader(text).whole();
