// Writes the parts of the documentation, and the completions, that the code's own tables say. `--check` only compares.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { STANZA_ROWS } from '@maverick/conf';
import { ERRORS, INTERFACES } from '@maverick/dbus/reference';
import { TRANSITIONS } from '@maverick/engine';
import { ADDED_GLOBAL_OPTIONS, COMMAND_GROUPS, COMMANDS, GLOBAL_OPTIONS, PROGRAMS } from '@maverick/initctl';
import { manualOptions } from '../packages/bridges/dist/option-table.js';
import { PROGRAMS as BRIDGES } from '../packages/bridges/dist/program-table.js';
import { OPTIONS as DAEMON_OPTIONS } from '../packages/init/dist/option-table.js';
import { bashCompletion, fishCompletion, zshCompletion } from './lib/completions.mjs';
import { errorTable, memberTables } from './lib/dbus-tables.mjs';
import { replaceSection, stanzaTable } from './lib/docs.mjs';
import {
  commandSections,
  daemonOptionTable,
  optionTable,
  ownPage,
  programSections,
  sectionsOf,
} from './lib/manual.mjs';
import { manPage } from './lib/roff.mjs';
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

const ALL_GLOBALS = [...GLOBAL_OPTIONS, ...ADDED_GLOBAL_OPTIONS];

const commandPage = (old) => {
  const options = replaceSection(old, 'options', optionTable(ALL_GLOBALS));
  const commands = replaceSection(options, 'commands', commandSections(COMMAND_GROUPS, COMMANDS));
  return replaceSection(commands, 'programs', programSections(PROGRAMS));
};

/** The commands that are programs, too. */
const LINKS = ['start', 'stop', 'restart', 'reload', 'status'];

const page = (name) => readFileSync(join(ROOT, name), 'utf8');

/** Sections of the daemon's page that are for its manual. */
const OF_DAEMON = ['Where things are', 'Control groups', 'Signals', 'After a crash', 'A re-exec', 'Messages'];

const upstartPage = () => ({
  title: 'upstart',
  section: 8,
  summary: 'start and stop jobs because of events, and supervise their processes',
  markdown: [
    '## SYNOPSIS\n\n`upstart [OPTION]...`\n\n## OPTIONS\n',
    daemonOptionTable(DAEMON_OPTIONS),
    '\n',
    sectionsOf(page('packages/init/README.md'), (title) => OF_DAEMON.includes(title)),
    '## SEE ALSO\n\ninitctl(8), init(5)\n',
  ].join('\n'),
});

/** Its section of the package's page, and the table of its options. */
const bridgePage = (name, { purpose, options }) => ({
  title: name,
  section: 8,
  summary: purpose.replace(/^E/, 'e').replace(/\.$/, ''),
  markdown: [
    `## SYNOPSIS\n\n\`${name} [OPTION]...\`\n\n## DESCRIPTION\n`,
    sectionsOf(page('packages/bridges/README.md'), (title) => title?.endsWith(`\`${name}\``)).replace(/^## .*\n/, ''),
    `## OPTIONS\n\n${optionTable(manualOptions(options))}\n`,
    'It runs in the foreground until SIGTERM or Control-C. Its job says `expect notify`.\n',
    '## SEE ALSO\n\ninit(5), initctl(8), upstart(8)\n',
  ].join('\n'),
});

const MANUAL = [
  {
    file: 'packages/initctl/man/initctl.8',
    page: () => ({
      title: 'initctl',
      section: 8,
      summary: 'see and command the init daemon',
      markdown: sectionsOf(page('docs/initctl.md'), (title) => title !== undefined && title !== 'PROGRAMS'),
    }),
  },
  ...LINKS.map((name) => ({
    file: `packages/initctl/man/${name}.8`,
    page: () => ownPage(name, COMMANDS[name], ALL_GLOBALS),
  })),
  ...Object.entries(PROGRAMS).map(([name, row]) => ({
    file: `packages/initctl/man/${name}.8`,
    page: () => ownPage(name, row, []),
  })),
  ...Object.entries(BRIDGES).map(([name, row]) => ({
    file: `packages/bridges/man/${name}.8`,
    page: () => bridgePage(name, row),
  })),
  { file: 'packages/init/man/upstart.8', page: upstartPage },
  {
    file: 'packages/init/man/init.5',
    page: () => ({
      title: 'init',
      section: 5,
      summary: 'the language of job files',
      markdown: page('docs/language.md'),
    }),
  },
].map(({ file, page: make }) => ({ file, write: () => manPage(make()) }));

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
  { file: 'docs/initctl.md', write: commandPage },
  // After the pages that they are made of.
  ...MANUAL,
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
