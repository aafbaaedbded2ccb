import type { LogPriority } from '@maverick/engine';

/** How grave a message is, the least first. */
const GRAVITY = { debug: 0, info: 1, message: 2, warn: 3, error: 4, fatal: 5 } as const satisfies Record<
  LogPriority,
  number
>;

/**
 * The form of a message on standard error. The program is `init`, which tools look for; a text that begins with a word and
 * a colon (such as `/etc/init/web.conf:3: …`) follows without a blank.
 * @see spec: config-language.md 8.3
 */
export const formatMessage = (text: string): string => `init:${/^\S+:(?:\s|$)/.test(text) ? '' : ' '}${text}\n`;

/** Messages for people, from a priority upwards. */
export class Log {
  priority: LogPriority;
  readonly #write: (text: string) => void;

  constructor(priority: LogPriority, write: (text: string) => void) {
    this.priority = priority;
    this.#write = write;
  }

  write(priority: LogPriority, text: string): void {
    if (GRAVITY[priority] >= GRAVITY[this.priority]) this.#write(formatMessage(text));
  }
}
