// Writes the parts of the documentation that the code's own tables say. `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { STANZA_ROWS } from '@maverick/conf';
import { replaceSection, stanzaTable } from './lib/docs.mjs';
import { main, ROOT, StepFailed } from './lib/setup.mjs';

const SECTIONS = [{ file: 'docs/language.md', marker: 'stanzas', text: () => stanzaTable(STANZA_ROWS) }];

await main(([option]) => {
  for (const { file, marker, text } of SECTIONS) {
    const path = join(ROOT, file);
    const old = readFileSync(path, 'utf8');
    const now = replaceSection(old, marker, text());
    if (now === old) continue;
    if (option === '--check') {
      console.error(`${file} is not what the tables say: run node scripts/generate-docs.mjs`);
      throw new StepFailed('the documentation', 1);
    }
    writeFileSync(path, now);
    console.log(`${file} written`);
  }
});
