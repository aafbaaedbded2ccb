import { writeSync } from 'node:fs';
import { getSystemErrorMap } from 'node:util';
import { InitctlError } from './errors.js';

/** How much is said, from least to most; each includes those before it. `message` is the normal one. */
const PRIORITIES = ['error', 'message', 'info', 'debug'] as const;
export type OutputPriority = (typeof PRIORITIES)[number];

/** Something that takes text: a descriptor, or a test. */
export type Write = (text: string) => void;

/** Where a command says things. Every text is whole lines, without the last newline. */
export interface Output {
  /** What was asked for by name (help, version), on standard output. */
  print(text: string): void;
  /** The answer, on standard output; `--quiet` hides it. */
  message(text: string): void;
  /**
   * The answer as data where `--json` asks for it, else as text; nothing for an empty one. `--quiet` hides it.
   * @param data JSON-safe, numbers of arbitrary size included
   */
  answer(data: () => unknown, text: () => string): void;
  /** A remark that only `--verbose` shows, on standard output. */
  info(text: string): void;
  /** What went wrong, on standard error, after the program's name. */
  error(text: string): void;
  /** The same without the program's name, for programs that never said it. */
  complain(text: string): void;
  /** More than info: what the program does. Only `--debug` shows it, on standard output. */
  debug(text: string): void;
}

/** What reads the other end of a pipe has gone. */
export class OutputClosed extends Error {
  static {
    Object.defineProperty(OutputClosed.prototype, 'name', { value: 'OutputClosed' });
  }
}

const pauseMs = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

const writeSome = (fd: number, bytes: Uint8Array): number => {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    const { code, errno = 0, message } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE') throw new OutputClosed('nobody reads the output any more', { cause: error });
    if (code !== 'EAGAIN') {
      const [, reason = message] = getSystemErrorMap().get(errno) ?? [];
      throw new InitctlError('cannot-write', { reason }, { cause: error });
    }
    pauseMs(1);
    return 0;
  }
};

/**
 * Write to a descriptor before going on, so that nothing is lost when the process ends right after. A pipe that somebody
 * made non-blocking and that is full is waited for.
 * @throws OutputClosed; InitctlError `cannot-write`
 */
export const writeTo =
  (fd: number): Write =>
  (text) => {
    let bytes: Uint8Array = Buffer.from(text, 'utf8');
    while (bytes.length > 0) bytes = bytes.subarray(writeSome(fd, bytes));
  };

/** `PROGRAM: TEXT`, without the blank if the text begins with a word that ends in a colon (a place: `FILE:LINE: …`). */
export const prefixed = (program: string, text: string): string =>
  /^\S*:(?:\s|$)/.test(text) ? `${program}:${text}` : `${program}: ${text}`;

/** Numbers of arbitrary size as numbers: what is counted here is below 2^53. */
const jsonText = (data: unknown): string =>
  JSON.stringify(data, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value));

/** The output of one run. */
export const createOutput = (
  program: string,
  priority: OutputPriority,
  write: { readonly stdout: Write; readonly stderr: Write },
  asJson = false,
): Output => {
  const shows = (wanted: OutputPriority): boolean => PRIORITIES.indexOf(wanted) <= PRIORITIES.indexOf(priority);
  return {
    print: (text) => write.stdout(`${text}\n`),
    message: (text) => {
      if (shows('message')) write.stdout(`${text}\n`);
    },
    answer: (data, text) => {
      if (!shows('message')) return;
      const said = asJson ? jsonText(data()) : text();
      if (said !== '') write.stdout(`${said}\n`);
    },
    info: (text) => {
      if (shows('info')) write.stdout(`${text}\n`);
    },
    error: (text) => write.stderr(`${prefixed(program, text)}\n`),
    complain: (text) => write.stderr(`${text}\n`),
    debug: (text) => {
      if (shows('debug')) write.stdout(`${text}\n`);
    },
  };
};
