import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { decodeConf } from '@maverick/conf/files';
import { createTwoFilesPatch } from 'diff';
import { painter } from '../colours.js';
import type { CommandContext, CommandHandler, Environment } from '../command.js';
import { AnsweredNo, InitctlError } from '../errors.js';
import { findJobFiles, type JobPaths } from '../job-files.js';
import { checkOverride, readText, replaceFile } from '../override-file.js';

/** Lines at the beginning that are for whoever edits, and are taken out again. */
const NOTE = '#: ';

const noteLines = ({ name, file, override }: JobPaths): string =>
  [
    `What stands here changes the job ${name} of ${file}`,
    `It becomes ${override}; without any stanza or comment of your own there is none.`,
    'Lines that begin like this one are taken out.',
  ]
    .map((line) => `${NOTE}${line}\n`)
    .join('');

const withoutNotes = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !line.startsWith(NOTE))
    .join('\n');

const editorOf = ({ VISUAL, EDITOR }: Environment): string => VISUAL || EDITOR || 'vi';

/** Have the editor edit a file, on the terminal that this program has. */
const runEditor = (editor: string, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    // Editors are command lines: EDITOR="code --wait".
    const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, editor, path], { stdio: 'inherit' });
    // Control-C is the editor's: what it does not mean to end goes on.
    const ignore = (): void => {};
    process.on('SIGINT', ignore);
    const settle = (how: string | undefined): void => {
      process.off('SIGINT', ignore);
      if (how === undefined) resolve();
      else reject(new InitctlError('editor-failed', { editor, how }));
    };
    child.on('error', (error) => settle(error.message));
    child.on('exit', (code, signal) => {
      if (signal !== null) settle(`was ended by ${signal}`);
      else settle(code === 0 ? undefined : `ended with status ${code}`);
    });
  });

/** The difference as `diff -u` shows it; `''` for none. */
const differenceOf = ({ override }: JobPaths, before: string, after: string): string =>
  before === after
    ? ''
    : createTwoFilesPatch(override, override, before, after, undefined, undefined, { context: 3 })
        .split('\n')
        .filter((line) => !line.startsWith('====') && !line.startsWith('\\ No newline'))
        .join('\n')
        .trimEnd();

const COLOUR_OF_LINE = { '+': 'good', '-': 'bad', '@': 'event' } as const;

const colouredDifference = (context: CommandContext, difference: string): string => {
  const paint = painter(context.hasColours(1));
  const colourOf = (line: string) => COLOUR_OF_LINE[line.charAt(0) as keyof typeof COLOUR_OF_LINE];
  return difference
    .split('\n')
    .map((line, index) => {
      if (index < 2) return paint('bold', line);
      const colour = colourOf(line);
      return colour === undefined ? line : paint(colour, line);
    })
    .join('\n');
};

/** Ask a person; whoever can't answer does not want to. */
const wantsToGoOn = (context: CommandContext): Promise<boolean> => {
  if (!context.isTerminal(0) || !context.isTerminal(2)) return Promise.resolve(false);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve) => {
    lines.on('close', () => resolve(false));
    lines.question('Edit again? [Y/n] ', (answer) => {
      resolve(!/^\s*n/i.test(answer));
      lines.close();
    });
  });
};

/** Edit until it is right, or nobody goes on. @returns the text, or `undefined` */
const editUntilRight = async (context: CommandContext, paths: JobPaths, draft: string): Promise<string | undefined> => {
  for (;;) {
    await runEditor(editorOf(context.env), draft);
    const text = withoutNotes(decodeConf(readFileSync(draft)));
    const { ok, problems } = checkOverride(paths, text, context.hasColours(2));
    if (problems !== '') context.output.complain(problems);
    if (ok) return text;
    if (!(await wantsToGoOn(context))) return undefined;
  }
};

/** What counts is said, if something does. */
const isBlank = (text: string): boolean => text.trim() === '';

/** `edit JOB`: edit its override, check it, show the difference, and put it in its place whole. */
export const edit: CommandHandler = async (context) => {
  const paths = await findJobFiles(context);
  const before = paths.hasOverride ? readText(paths.override) : '';
  const folder = mkdtempSync(join(tmpdir(), 'initctl-edit-'));
  try {
    const draft = join(folder, basename(paths.override));
    writeFileSync(draft, noteLines(paths) + before, { mode: 0o600 });
    const edited = await editUntilRight(context, paths, draft);
    if (edited === undefined) {
      context.output.complain(`${paths.override} is left as it was`);
      throw new AnsweredNo();
    }
    const after = isBlank(edited) ? '' : edited;
    const difference = differenceOf(paths, before, after);
    if (difference !== '') replaceFile(paths.override, after);
    context.output.answer(
      () => ({ job: paths.name, override: paths.override, changed: difference !== '', difference }),
      () => (difference === '' ? `${paths.override} is unchanged` : colouredDifference(context, difference)),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
