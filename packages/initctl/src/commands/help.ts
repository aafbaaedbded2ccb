import type { CommandHandler } from '../command.js';
import { commandAnswers, commandList } from '../help.js';

/** `help`: every command, by group. */
export const help: CommandHandler = async ({ program, columns, options, output }) => {
  if (options.has('json')) output.answer(() => ({ commands: commandAnswers() }), String);
  else output.print(commandList(program, columns()));
};
