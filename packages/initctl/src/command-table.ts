import { ACTIVATION_COMMANDS } from './activation-commands.js';
import type { Command } from './command.js';
import { ENVIRONMENT_COMMANDS } from './environment-commands.js';
import { FILE_COMMANDS } from './file-commands.js';
import { HISTORY_COMMANDS } from './history-commands.js';
import { JOB_COMMANDS } from './job-commands.js';
import { MODERN_COMMANDS } from './modern-commands.js';
import { OTHER_COMMANDS } from './other-commands.js';
import { SESSION_COMMANDS } from './session-commands.js';

/**
 * Every command, in the order of `initctl help`. Help, dispatch, program names and completions are made from this.
 * Those of the group `More` are not in Upstart 1.13.2.
 * @see initctl(8), "COMMANDS"
 */
export const COMMANDS = {
  ...JOB_COMMANDS,
  ...ENVIRONMENT_COMMANDS,
  ...OTHER_COMMANDS,
  ...FILE_COMMANDS,
  ...MODERN_COMMANDS,
  ...HISTORY_COMMANDS,
  ...SESSION_COMMANDS,
  ...ACTIVATION_COMMANDS,
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof COMMANDS;

/** Is this the name of a command, and so also a name that the program may have? */
export const isCommandName = (name: string): name is CommandName => Object.hasOwn(COMMANDS, name);
