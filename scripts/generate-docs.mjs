// Writes the parts of the documentation, and the completions, that the code's own tables say. `--check` only compares.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { STANZA_ROWS } from '@maverick/conf';
import { ERRORS, INTERFACES } from '@maverick/dbus/reference';
import { TRANSITIONS } from '@maverick/engine';
import { ADDED_GLOBAL_OPTIONS, COMMANDS, GLOBAL_OPTIONS, PROGRAMS } from '@maverick/initctl';
import { bashCompletion, fishCompletion, zshCompletion } from './lib/completions.mjs';
import { errorTable, memberTables } from './lib/dbus-tables.mjs';
import { replaceSection, stanzaTable } from './lib/docs.mjs';
import { main, ROOT, StepFailed } from './lib/setup.mjs';
import { statesSvg } from './lib/states-svg.mjs';
import { statesTable } from './lib/states-table.mjs';

const PROGRAM_TABLES = {
  commands: Object.fromEntries(
    Object.entries(COMMANDS).map(([name, row]) => [
      name,
      { ...row, options: [...row.options, ...(row.additions ?? [])] },
    ]),
  ),
  globals: [...GLOBAL_OPTIONS, ...ADDED_GLOBAL_OPTIONS],
  programs: PROGRAMS,
};

/** What each page is to be, given what it is. */
const PAGES = [
  { file: 'docs/language.md', write: (old) => replaceSection(old, 'stanzas', stanzaTable(STANZA_ROWS)) },
  { file: 'docs/events-and-states.md', write: (old) => replaceSection(old, 'states', statesTable(TRANSITIONS)) },
  {
    file: 'docs/dbus.md',
    write: (old) =>
      replaceSection(replaceSection(old, 'members', memberTables(INTERFACES)), 'errors', errorTable(ERRORS)),
  },
  { file: 'packages/initctl/completions/initctl.bash', write: () => bashCompletion(PROGRAM_TABLES) },
  { file: 'packages/initctl/completions/_initctl', write: () => zshCompletion(PROGRAM_TABLES) },
  { file: 'packages/initctl/completions/initctl.fish', write: () => fishCompletion(PROGRAM_TABLES) },
  { file: 'docs/states.svg', write: () => statesSvg(TRANSITIONS) },
];

const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '');

await main(([option]) => {
  for (const { file, write } of PAGES) {
    const path = join(ROOT, file);
    const old = read(path);
    const now = write(old);
    if (now === old) continue;
    if (option === '--check') {
      console.error(`${file} is not what the tables say: run node scripts/generate-docs.mjs`);
      throw new StepFailed('the documentation', 1);
    }
    writeFileSync(path, now);
    console.log(`${file} written`);
  }
});
