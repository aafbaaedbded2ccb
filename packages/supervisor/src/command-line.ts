import type { ProcessDefinition } from '@maverick/conf';

/** A character of these in an `exec` line makes it the shell's business. @see spec: engine.md 5.1 */
const SHELL_CHARACTERS = /[~`!$^&*()=|\\{}[\];"'<>?]/;
const SHELL = '/bin/sh';
/** Where a multi-line script finds its own text. */
const SCRIPT_FILE = '/proc/self/fd/9';

/** What is executed for a process slot. */
export interface CommandLine {
  readonly argv: readonly string[];
  /** Text that the program expects as a file on descriptor 9. */
  readonly script?: string;
}

const viaShell = (text: string): CommandLine => ({ argv: [SHELL, '-e', '-c', text, SHELL] });

const scriptLine = (command: string): CommandLine => {
  const text = command.replace(/\n+$/, '');
  if (!text.includes('\n')) return viaShell(text);
  return { argv: [SHELL, '-e', SCRIPT_FILE], script: `${text}\n` };
};

const execLine = (command: string): CommandLine => {
  if (SHELL_CHARACTERS.test(command)) return viaShell(`exec ${command}`);
  return { argv: command.split(/[ \t\n]+/).filter((word) => word !== '') };
};

/**
 * The program and arguments for what a job's file says: `exec` without a shell character is split at blanks and executed
 * directly, everything else goes through `/bin/sh -e`; a script of several lines is read from descriptor 9.
 * @see spec: engine.md 5.1
 */
export const commandLine = ({ script, command, argv }: ProcessDefinition): CommandLine => {
  if (argv !== undefined) return { argv };
  return script ? scriptLine(command) : execLine(command);
};
