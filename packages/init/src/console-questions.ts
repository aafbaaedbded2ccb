import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { ReadStream } from 'node:tty';
import { oneLine } from '@maverick/conf';
import type { ConfirmModel, HeldStart, StartAnswer } from '@maverick/dbus';
import type { SupervisorEvent } from '@maverick/supervisor';
import { isTerminal } from './terminal.js';

/** A word from the keyboard, or its first letter; Enter alone is yes. */
const ANSWERS: Readonly<Record<string, StartAnswer>> = {
  '': 'yes',
  y: 'yes',
  yes: 'yes',
  n: 'no',
  no: 'no',
  a: 'always',
  always: 'always',
  q: 'quit',
  quit: 'quit',
};

const isSame = (one: HeldStart | undefined, other: HeldStart | undefined): boolean =>
  one?.job === other?.job && one?.instance === other?.instance;

const questionText = ({ job, instance, reason, remainingMs }: HeldStart): string => {
  const name = instance === '' ? job : `${job} (${instance})`;
  const [why = ''] = reason;
  const limit = remainingMs === undefined ? '' : ` (yes in ${Math.ceil(remainingMs / 1000)} s)`;
  const because = why === '' ? '' : `${oneLine(why)}\n`;
  return `${because}Start ${oneLine(name)}? [y]es, [n]o, [a]lways, [q]uit${limit}: `;
};

/** Where a person can be asked. */
export interface Terminal {
  readonly write: (text: string) => void;
  /** Hear every line that is typed. Returns what ends it. */
  readonly onLine: (listener: (line: string) => void) => () => void;
}

/** Asks a person about the starts that wait to be confirmed, one after the other. */
export class ConsoleQuestions {
  readonly #model: ConfirmModel;
  readonly #terminal: Terminal;
  readonly #close: () => void;
  #asked: HeldStart | undefined;

  constructor(model: ConfirmModel, terminal: Terminal) {
    this.#model = model;
    this.#terminal = terminal;
    this.#close = terminal.onLine((line) => this.#answer(line.trim().toLowerCase()));
  }

  /** Whatever the supervisor tells: what waits may be another than before. */
  readonly listener = (event: SupervisorEvent): void => {
    // An engine in the midst of an input is not asked.
    if (event.kind === 'start-held' || event.kind === 'start-answered') setImmediate(() => this.ask());
  };

  /** Ask about the first that waits, unless that has been done. */
  ask(): void {
    const [first] = this.#model.held();
    if (isSame(first, this.#asked)) return;
    // Somebody else has answered, or nobody in time.
    if (this.#asked !== undefined) this.#terminal.write('\n');
    this.#asked = first;
    if (first !== undefined) this.#terminal.write(questionText(first));
  }

  close(): void {
    this.#close();
  }

  #answer(word: string): void {
    const asked = this.#asked;
    if (asked === undefined) return;
    const answer = Object.hasOwn(ANSWERS, word) ? ANSWERS[word] : undefined;
    if (answer === undefined) {
      // As it is by now: the time that is left has become less.
      const now = this.#model.held().find((held) => isSame(held, asked)) ?? asked;
      this.#terminal.write(`${oneLine(word)} is no answer.\n${questionText(now)}`);
      return;
    }
    this.#asked = undefined;
    this.#model.answer(asked.job, asked.instance, answer, () => {});
  }
}

const onTerminal = (fd: number, write: (text: string) => void): Terminal => ({
  write,
  onLine: (listener) => {
    const input = new ReadStream(fd);
    const lines: Interface = createInterface({ input, terminal: false });
    // Nobody is left to answer: the time limit does.
    input.on('error', () => {});
    lines.on('line', listener);
    return () => {
      lines.close();
      input.destroy();
    };
  },
});

const writerTo =
  (fd: number) =>
  (text: string): void => {
    try {
      writeSync(fd, text);
    } catch {
      // Nobody can be asked there now: the time limit answers.
    }
  };

/**
 * The console: that of the machine for its init, else the daemon's own terminal.
 * @returns undefined where there is none
 */
export const openConsole = (isMachine: boolean): Terminal | undefined => {
  if (!isMachine) return isTerminal(0) ? onTerminal(0, (text) => process.stdout.write(text)) : undefined;
  try {
    const fd = openSync('/dev/console', constants.O_RDWR | constants.O_NOCTTY);
    if (isTerminal(fd)) return onTerminal(fd, writerTo(fd));
    closeSync(fd);
  } catch {
    // There is none: initctl can answer.
  }
  return undefined;
};
