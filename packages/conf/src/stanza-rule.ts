/** What a row of the stanza table says, and the kinds of arguments with the types of their values. */

import type { Console, ExitStatus, Expect, JobConf, LimitResource, LimitValue } from './job-conf.js';

/** The value that an argument of each kind becomes. */
export interface ArgumentValues {
  /** Any text, also the empty one. */
  readonly text: string;
  /** Text that isn't empty. */
  readonly name: string;
  readonly seconds: number;
  readonly signal: number;
  readonly exitStatus: ExitStatus;
  readonly umask: number;
  readonly nice: number;
  readonly oom: number;
  readonly oomScore: number;
  readonly resource: LimitResource;
  readonly limit: LimitValue;
  readonly count: number;
  readonly unlimited: 'unlimited';
  readonly expect: Exclude<Expect, 'fd'>;
  readonly descriptor: number;
  readonly console: Console;
  readonly bytes: number;
  readonly transport: 'pipe' | 'pty';
  readonly format: 'text' | 'json';
}
export type ArgumentKind = keyof ArgumentValues;

/** One argument of a stanza, as `init(5)` would show it. */
export interface Argument {
  readonly name: string;
  readonly kind: ArgumentKind;
  /** One or more of them. */
  readonly repeat?: true;
}

/** What follows a stanza's name: words, one command line, a block, an event expression, or a state expression. */
export type StanzaBody = 'words' | 'command' | 'block' | 'events' | 'states';

/**
 * What a second occurrence, or one in an override, does to the setting.
 * `replace`: the last one counts. `by-key`: the last one of each key counts. `append`: all count (but an override
 * replaces the whole list, unless the rules of 1.13 are asked for). `set`: a flag that can't be cleared.
 * `forget`: takes the setting away.
 */
export type MergeRule = 'replace' | 'by-key' | 'append' | 'set' | 'forget';

/** One row of the stanza table. */
export interface StanzaRule {
  readonly body: StanzaBody;
  /** The argument lists that it takes; the number of words or a literal first word decides between them. */
  readonly forms: readonly (readonly Argument[])[];
  readonly setting: keyof JobConf;
  readonly merge: MergeRule;
  /** What holds without the stanza, in words; absent where that is nothing at all. */
  readonly default?: string;
  /**
   * The release of Upstart that introduced it, or the first that is known to have it; of Maverick if it is an
   * extension. `0.6` stands for all before.
   */
  readonly since: string;
  /** Not in Upstart 1.13: refused by `strict: '1.13'`. */
  readonly extension?: true;
  /** One line for people. */
  readonly help: string;
}
