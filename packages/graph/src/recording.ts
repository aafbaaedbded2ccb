import type { EngineOptions, Input, JournalLine, Recording } from '@maverick/engine';

/**
 * What an engine was told, by the lines of its journal: `replay` of `@maverick/engine` has it all again.
 * @param lines from a beginning of the daemon on; of several the last one whose engine was new counts, and what went on from there
 * @returns undefined where they do not reach back to such a beginning, or lines were lost since
 */
export const recordingOf = (lines: Iterable<JournalLine>): Recording | undefined => {
  let options: EngineOptions | undefined;
  let inputs: Input[] = [];
  for (const line of lines) {
    if (line.what === 'began' && line['inputs'] === 0) {
      options = (line['options'] ?? {}) as EngineOptions;
      inputs = [];
    } else if (line.what === 'journal-dropped') options = undefined;
    else if (line.what === 'input') inputs.push(line['input'] as Input);
  }
  return options && { options, inputs };
};
