import { insertStanza, print, readConf, removeStanza } from '@maverick/conf';
import type { CommandContext, CommandHandler } from '../command.js';
import { InitctlError } from '../errors.js';
import { findJobFiles, type JobPaths } from '../job-files.js';
import { checkOverride, parseOverride, readText, replaceFile } from '../override-file.js';

/** `manual` taken out, or put at the end, where it forgets every `start on` before it; all else stays as it is. */
const edited = (path: string, text: string, manual: boolean): string => {
  const source = removeStanza(parseOverride(path, text), 'manual');
  return print(manual ? insertStanza(source, 'manual') : source);
};

/** Its last word on what starts the job is `manual`. */
const isDisabled = (text: string): boolean => readConf(text).conf?.startOn === null;

const answer = ({ output }: CommandContext, { name, override }: JobPaths, enabled: boolean, changed: boolean): void => {
  const word = enabled ? 'enabled' : 'disabled';
  output.answer(
    () => ({ job: name, enabled, changed, override }),
    () => (changed ? `${name} ${word}: ${override}` : `${name} is ${word} already`),
  );
};

const change =
  (enabled: boolean): CommandHandler =>
  async (context) => {
    const paths = await findJobFiles(context);
    const text = paths.hasOverride ? readText(paths.override) : '';
    if (isDisabled(text) === !enabled) {
      if (enabled && checkOverride(paths, text).manual) {
        throw new InitctlError('manual-in-file', { job: paths.name, path: paths.file });
      }
      answer(context, paths, enabled, false);
      return;
    }
    replaceFile(paths.override, edited(paths.override, text, !enabled));
    answer(context, paths, enabled, true);
  };

/** `enable JOB`: take `manual` out of its override. */
export const enable = change(true);

/** `disable JOB`: put `manual` into its override, so that nothing starts it but a command. What runs goes on running. */
export const disable = change(false);
