import { COMMAND_GROUPS, type Command, type CommandGroup, type Described, type Program } from './command.js';
import { COMMANDS, type CommandName } from './command-table.js';
import { ADDED_GLOBAL_OPTIONS, GLOBAL_OPTIONS } from './global-options.js';
import type { Option } from './option.js';
import { PROGRAMS, type ProgramName } from './program-table.js';
import { wrapText } from './text-wrap.js';

/** Where the second column begins, and the narrowest screen that is still filled. */
const COLUMN = 30;
const NARROWEST = 50;

/** A name and its text beside it, or below it if the name is too long. */
const row = (name: string, text: string, width: number): string[] => {
  const [first = '', ...rest] = wrapText(text, width, 2);
  const margin = ' '.repeat(COLUMN);
  const more = rest.map((line) => margin + line);
  return name.length > COLUMN - 2 ? [name, margin + first, ...more] : [name.padEnd(COLUMN) + first, ...more];
};

const optionName = ({ short, long, argument }: Option): string => {
  if (long === undefined) return `  -${short}${argument === undefined ? '' : ` ${argument}`}`;
  const lead = short === undefined ? '      ' : `  -${short}, `;
  return `${lead}--${long}${argument === undefined ? '' : `=${argument}`}`;
};

const optionRows = (options: readonly Option[], columns: number): string[] => {
  const width = Math.max(columns, NARROWEST) - COLUMN - 1;
  return options.flatMap((option) => (option.help === undefined ? [] : row(optionName(option), option.help, width)));
};

const joinLines = (lines: readonly string[]): string => lines.join('\n');

/** `initctl --help`. */
export const initctlHelp = (program: string, columns: number): string =>
  joinLines([
    `Usage: ${program} [OPTION]... COMMAND [OPTION]... [ARG]...`,
    '',
    'Options:',
    ...optionRows([...GLOBAL_OPTIONS, ...ADDED_GLOBAL_OPTIONS], columns),
    '',
    `For a list of commands, try \`${program} help'.`,
  ]);

const describedHelp = (stem: string, row: Described, options: readonly Option[], columns: number): string =>
  joinLines([
    `Usage: ${stem} [OPTION]...${row.usage === undefined ? '' : ` ${row.usage}`}`,
    ...wrapText(row.summary, columns - 1),
    '',
    'Options:',
    ...optionRows(options, columns),
    ...(row.details === undefined ? [] : ['', ...wrapText(row.details, columns - 1)]),
  ]);

/** Without those whose name the command has for something else. */
const addedGlobals = (options: readonly Option[]): Option[] =>
  ADDED_GLOBAL_OPTIONS.filter(({ long }) => !options.some((option) => option.long === long));

/** `initctl COMMAND --help`, and `COMMAND --help` where the program has the command's name. */
export const commandHelp = (program: string, name: CommandName, columns: number): string => {
  const command: Command = COMMANDS[name];
  const stem = program === name ? program : `${program} ${name}`;
  const { options, additions = [] } = command;
  return describedHelp(stem, command, [...options, ...GLOBAL_OPTIONS, ...additions, ...addedGlobals(options)], columns);
};

/** `PROGRAM --help` of a program of its own. */
export const programHelp = (name: ProgramName, columns: number): string => {
  const program: Program = PROGRAMS[name];
  return describedHelp(name, program, program.options, columns);
};

const groupRows = (group: CommandGroup, columns: number): string[] => {
  const width = Math.max(columns, NARROWEST) - COLUMN;
  const members = Object.entries<Command>(COMMANDS).filter(([, command]) => command.group === group);
  if (members.length === 0) return [];
  return [`${group} commands:`, ...members.flatMap(([name, command]) => row(`  ${name}`, command.summary, width)), ''];
};

/** `initctl help`. */
export const commandList = (program: string, columns: number): string =>
  joinLines([
    ...COMMAND_GROUPS.flatMap((group) => groupRows(group, columns)),
    `For more information on a command, try \`${program} COMMAND --help'.`,
  ]);

/** `help --json`. */
export const commandAnswers = () =>
  Object.entries<Command>(COMMANDS).map(([name, { group, usage, summary, options, additions = [] }]) => ({
    name,
    group,
    usage: usage ?? '',
    summary,
    options: [...options, ...additions]
      .filter(({ help }) => help !== undefined)
      .map(({ short, long, argument, help = '' }) => ({
        short: short ?? null,
        long: long ?? null,
        argument: argument ?? null,
        help,
      })),
  }));

/** `--version`. The first line is the original's, because tools look for it. */
export const versionText = (program: string): string =>
  joinLines([
    `${program} (upstart 1.13.2)`,
    'Copyright (C) 2026 The Maverick authors',
    '',
    'This is free software; see the source for copying conditions.  There is NO',
    'warranty; not even for MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.',
  ]);
