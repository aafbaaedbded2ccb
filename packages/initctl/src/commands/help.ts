import type { CommandHandler } from '../command.js';
import { commandList } from '../help.js';

/** `help`: every command, by group. */
export const help: CommandHandler = async ({ program, columns, output }) => {
  output.print(commandList(program, columns()));
};
