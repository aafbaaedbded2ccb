import { ProtocolError } from './protocol-error.js';

/** One complete type: its letter (`(` a struct, `{` a dictionary entry) and what is inside. */
export interface TypeTree {
  readonly type: string;
  readonly child: readonly TypeTree[];
}

const BASIC = 'ybnqiuxtdsogh';
/** Arrays in arrays, and structs in structs, at most. @see D-Bus specification, "Valid Signatures" */
const MAX_DEPTH = 32;
const MAX_LENGTH = 255;
/** Signatures come from peers, too: what is remembered must have a bound. */
const MAX_CACHED = 512;

interface Cursor {
  readonly text: string;
  at: number;
}

const bad = (text: string, reason: string): ProtocolError => new ProtocolError(`bad signature '${text}': ${reason}`);

const parseDictEntry = (cursor: Cursor, arrays: number, structs: number): TypeTree => {
  const key = parseType(cursor, arrays, structs + 1);
  if (!BASIC.includes(key.type)) throw bad(cursor.text, 'the key of a dictionary must have a basic type');
  const value = parseType(cursor, arrays, structs + 1);
  if (cursor.text[cursor.at++] !== '}') throw bad(cursor.text, "expected '}'");
  return { type: '{', child: [key, value] };
};

const parseStruct = (cursor: Cursor, arrays: number, structs: number): TypeTree => {
  const child: TypeTree[] = [];
  while (cursor.text[cursor.at] !== ')') child.push(parseType(cursor, arrays, structs + 1));
  cursor.at++;
  if (child.length === 0) throw bad(cursor.text, 'a struct must not be empty');
  return { type: '(', child };
};

const parseArray = (cursor: Cursor, arrays: number, structs: number): TypeTree => {
  if (cursor.text[cursor.at] !== '{') return { type: 'a', child: [parseType(cursor, arrays + 1, structs)] };
  cursor.at++;
  return { type: 'a', child: [parseDictEntry(cursor, arrays + 1, structs)] };
};

const parseType = (cursor: Cursor, arrays: number, structs: number): TypeTree => {
  if (arrays > MAX_DEPTH || structs > MAX_DEPTH) throw bad(cursor.text, 'it is nested too deeply');
  const letter = cursor.text[cursor.at++];
  if (letter === undefined) throw bad(cursor.text, 'it ends too early');
  if (letter === 'v' || BASIC.includes(letter)) return { type: letter, child: [] };
  if (letter === 'a') return parseArray(cursor, arrays, structs);
  if (letter === '(') return parseStruct(cursor, arrays, structs);
  throw bad(cursor.text, `'${letter}' is not a type`);
};

const cache = new Map<string, readonly TypeTree[]>();

/** Read a signature into its complete types. @throws ProtocolError if it is not valid */
export const parseSignature = (text: string): readonly TypeTree[] => {
  const known = cache.get(text);
  if (known) return known;
  if (text.length > MAX_LENGTH) throw bad(`${text.slice(0, 20)}…`, `it is longer than ${MAX_LENGTH}`);
  const cursor: Cursor = { text, at: 0 };
  const types: TypeTree[] = [];
  while (cursor.at < text.length) types.push(parseType(cursor, 0, 0));
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(text, types);
  return types;
};

/** Read the signature of a variant: exactly one complete type. */
export const parseSingleType = (text: string): TypeTree => {
  const [type, ...more] = parseSignature(text);
  if (!type || more.length > 0) throw bad(text, 'expected exactly one complete type');
  return type;
};

/** Write a type back as a signature. */
export const formatType = ({ type, child }: TypeTree): string => {
  const inner = child.map(formatType).join('');
  if (type === '(') return `(${inner})`;
  if (type === '{') return `{${inner}}`;
  return type + inner;
};
