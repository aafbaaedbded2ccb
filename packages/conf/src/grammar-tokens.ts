/** The words that the grammar tells apart by more than their text. */

import type { StanzaToken } from './token.js';

interface TokenTest {
  readonly test: (token: StanzaToken) => boolean;
}

const OPERATORS: ReadonlySet<string> = new Set(['and', 'or']);
const STATE_OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'not']);

/** A word that passes a test on its value and its text as written. */
const word = (passes: (value: string, raw: string) => boolean): TokenTest => ({
  test: (token) => token.type === 'word' && passes(token.value, token.raw),
});

const isOperand = (raw: string): boolean => !OPERATORS.has(raw);

export const event = word((value, raw) => isOperand(raw) && value !== '');
export const positional = word((value, raw) => isOperand(raw) && value !== '' && !value.includes('='));
export const keyed = word((value, raw) => isOperand(raw) && value.includes('='));
export const job = word((value, raw) => !STATE_OPERATORS.has(raw) && value !== '' && !value.includes('='));
export const adjustment = word((value) => value !== 'score');
export const scoreWord = word((value) => value === 'score');
export const readiness = word((value) => value !== 'fd');
export const fdWord = word((value) => value === 'fd');
export const transport = word((value) => value !== 'rotate' && value !== 'format');
export const rotateWord = word((value) => value === 'rotate');
export const formatWord = word((value) => value === 'format');
export const unlimitedWord = word((value) => value === 'unlimited');

/** The tokens that the grammar takes by their type. */
const TYPES: ReadonlySet<string> = new Set<StanzaToken['type']>(['word', 'command', 'block']);

/** Stands for the lexer while the grammar is set up; each parse brings its own tokens. */
export const lexer = {
  has: (type: string): boolean => TYPES.has(type),
  next: (): undefined => undefined,
  reset: (): void => {},
  save: (): object => ({}),
  formatError: (): string => '',
};
