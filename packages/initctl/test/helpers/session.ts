import { expect } from 'vitest';
import type { Ran } from './run.js';

/** Runs one command line. */
export type Initctl = (words: readonly string[]) => Promise<Ran>;

/** Words are separated by blanks; `''` is the empty word, and `_` in a word stands for a blank. */
const wordsOf = (line: string): string[] =>
  line.split(' ').map((word) => (word === "''" ? '' : word.replaceAll('_', ' ')));

const linesOf = (text: string): string[] => text.split('\n').slice(0, -1);

const shown = ({ status, stdout, stderr }: Ran): string => {
  const errors = linesOf(stderr).map((line) => `! ${line}`);
  // The status is shown only where the output does not make one expect it.
  const surprise = status === (errors.length > 0 ? 1 : 0) ? [] : [`status ${status}`];
  return [...linesOf(stdout), ...errors, ...surprise].join('\n');
};

/** PIDs differ from run to run. */
const withoutPids = (text: string): string => text.replace(/process \d+/g, 'process PID');

export interface SessionOptions {
  /** Replace every PID by the word `PID`. */
  readonly hidePids?: boolean;
}

/**
 * Play a recorded session: `$` before each command, its output below it, `!` before lines on standard error. Status 1
 * is expected with such lines, 0 without.
 */
export const playSession = async (text: string, initctl: Initctl, { hidePids = false }: SessionOptions = {}) => {
  for (const step of text.replace(/^\n/, '').split(/\n(?=\$ )/)) {
    const [command = '', ...lines] = step.split('\n');
    const output = shown(await initctl(wordsOf(command.slice(2))));
    expect(`${command}\n${hidePids ? withoutPids(output) : output}`).toBe(`${command}\n${lines.join('\n')}`);
  }
};
