import { errnoMessage } from '@maverick/spawner';
import type { CommandHandler } from '../command.js';
import { AnsweredNo, InitctlError } from '../errors.js';
import { NO_LEVEL, type Runlevel, readLevel } from '../runlevel-record.js';

/** `runlevel [UTMP]`: `PREVIOUS CURRENT`, or `unknown` with status 1. */
export const runlevel: CommandHandler = async ({ operands, env, machine, output }) => {
  const path = operands[0] ?? (await machine()).utmp;
  const level = readOrRefuse(() => readLevel(env, path), path);
  if (level === undefined || level.current === NO_LEVEL) {
    output.message('unknown');
    throw new AnsweredNo();
  }
  output.message(`${level.previous} ${level.current}`);
};

const readOrRefuse = (read: () => Runlevel | undefined, path: string): Runlevel | undefined => {
  try {
    return read();
  } catch (error) {
    const { errno = 0 } = error as NodeJS.ErrnoException;
    throw new InitctlError('unreadable-utmp', { path, reason: errnoMessage(-errno) }, { cause: error });
  }
};
