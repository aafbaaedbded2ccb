import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { typicalJob } from './jobs.mjs';
import { ROOT } from './root.mjs';

/** Real job files, where they lie beside the clone. */
const CORPUS = join(ROOT, '../shared/corpus');
const GENERATED = 1000;

/** Folders of the corpus whose files were made to be wrong, or for another program. */
const NOT_PLAIN = /^(?:broken|mutants|templated|dialect-chromeos)\//;

const corpusTexts = () =>
  Object.entries(JSON.parse(readFileSync(join(CORPUS, 'golden.json'), 'utf8')))
    .filter(([path, { accepted }]) => accepted && !NOT_PLAIN.test(path))
    .map(([path]) => readFileSync(join(CORPUS, path), 'utf8'));

/** The texts of many job files, and where they come from: real ones if there are any, else generated ones. */
export const jobTexts = () =>
  existsSync(join(CORPUS, 'golden.json'))
    ? { origin: 'job files from the wild', texts: corpusTexts() }
    : { origin: 'generated job files', texts: Array.from({ length: GENERATED }, (_, index) => typicalJob(index + 1)) };
