import type { EngineOptions, EngineSnapshot, Input, JournalLine, Recording } from '@maverick/engine';

/**
 * What an engine was told, by the lines of its journal: `replay` of `@maverick/engine` has it all again.
 * @param lines from a beginning of the daemon on; of several the last one whose engine was new counts, and what went on from there.
 * Where that is missing, or lines were lost since, from the first snapshot after it on.
 * @returns undefined where there is neither
 */
export const recordingOf = (lines: Iterable<JournalLine>): Recording | undefined => {
  let options: EngineOptions | undefined;
  let snapshot: EngineSnapshot | undefined;
  let inputs: Input[] = [];
  for (const line of lines) {
    if (line.what === 'began' && line['inputs'] === 0) {
      options = (line['options'] ?? {}) as EngineOptions;
      snapshot = undefined;
      inputs = [];
    } else if (line.what === 'snapshot' && options === undefined) {
      options = (line['options'] ?? {}) as EngineOptions;
      snapshot = line['engine'] as EngineSnapshot;
      inputs = [];
    } else if (line.what === 'journal-dropped') options = undefined;
    else if (line.what === 'input') inputs.push(line['input'] as Input);
  }
  return options && { options, ...(snapshot ? { snapshot } : {}), inputs };
};
