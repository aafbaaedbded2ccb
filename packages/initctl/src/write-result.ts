import { writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { CommandContext } from './command.js';
import { InitctlError } from './errors.js';

/**
 * The format of what `-o` writes where nothing else says it: by the end of the file's name.
 * @param formats by the end of the name, with its dot
 */
export const formatByName = <Format extends string>(
  { options }: CommandContext,
  formats: Readonly<Record<string, Format>>,
): Format | undefined => {
  const end = extname(options.get('outfile') ?? '');
  return Object.hasOwn(formats, end) ? formats[end] : undefined;
};

/**
 * Put a text that is a file of its own into the file that `-o` names, else on standard output.
 * @throws InitctlError `unwritable-file`
 */
export const writeResult = ({ options, output, writeRaw }: CommandContext, text: string): void => {
  const path = options.get('outfile') ?? '-';
  if (path === '-') {
    writeRaw(1, text);
    return;
  }
  try {
    writeFileSync(path, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InitctlError('unwritable-file', { path, reason }, { cause: error });
  }
  output.info(`Wrote ${path}`);
};
