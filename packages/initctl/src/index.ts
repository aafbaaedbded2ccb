export {
  COMMAND_GROUPS,
  type Command,
  type CommandGroup,
  type Described,
  type Environment,
  type Program,
} from './command.js';
export { COMMANDS, type CommandName, isCommandName } from './command-table.js';
export { type ErrorCode, InitctlError } from './errors.js';
export { ADDED_GLOBAL_OPTIONS, GLOBAL_OPTIONS } from './global-options.js';
export { commandHelp, commandList, initctlHelp, programHelp, versionText } from './help.js';
export { findInit, type InitAddress } from './init-address.js';
export type { LastCall, Machine } from './machine.js';
export { type Option, type OptionKey, type OptionValues, type ParsedOptions, parseOptions } from './option.js';
export type { Write } from './output.js';
export { programName, runProgram, type Surroundings } from './program.js';
export { PROGRAMS, type ProgramName } from './program-table.js';
export { statusLine } from './status-line.js';
