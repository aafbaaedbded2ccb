/** The pages of the manual as Markdown, from the tables that help texts are made of. */

const optionNames = ({ short, long, argument }) => {
  const names = [...(short === undefined ? [] : [`-${short}`]), ...(long === undefined ? [] : [`--${long}`])];
  return names
    .map((name) => `\`${name}${argument === undefined ? '' : `${name.startsWith('--') ? '=' : ' '}${argument}`}\``)
    .join(', ');
};

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const shown = (options) => options.filter(({ help }) => help !== undefined);

/** Options as a table. */
export const optionTable = (options) =>
  [
    '| option | |',
    '|---|---|',
    ...shown(options).map((option) => `| ${optionNames(option)} | ${cell(option.help)} |`),
  ].join('\n');

const lowerFirst = (text) => text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, '');

const synopsis = (stem, { usage }) => `\`${stem} [OPTION]...${usage === undefined ? '' : ` ${usage}`}\``;

/** A command or a program with its own options; `level` is that of its heading. */
const described = (stem, row, level) => {
  const options = [...row.options, ...(row.additions ?? [])];
  return [
    `${level} ${stem}`,
    '',
    synopsis(stem, row),
    '',
    [row.summary.replace(/\.?$/, '.'), row.details ?? ''].join(' ').trim(),
    ...(shown(options).length === 0 ? [] : ['', optionTable(options)]),
    '',
  ];
};

/** Every command, by group. */
export const commandSections = (groups, commands) =>
  groups
    .flatMap((group) => [
      `### ${group} commands`,
      '',
      ...Object.entries(commands)
        .filter(([, row]) => row.group === group)
        .flatMap(([name, row]) => described(`initctl ${name}`, row, '####')),
    ])
    .join('\n')
    .trimEnd();

/** Every program of its own. */
export const programSections = (programs) =>
  Object.entries(programs)
    .flatMap(([name, row]) => described(name, row, '###'))
    .join('\n')
    .trimEnd();

const SEE_ALSO = {
  runlevel: 'telinit(8), shutdown(8)',
  telinit: 'runlevel(8), shutdown(8), upstart(8)',
  shutdown: 'reboot(8), telinit(8)',
  reboot: 'shutdown(8)',
  halt: 'shutdown(8)',
  poweroff: 'shutdown(8)',
};

/** The page of a command or program that has a name of its own. */
export const ownPage = (name, row, globals) => ({
  title: name,
  section: 8,
  summary: lowerFirst(row.summary),
  markdown: [
    '## SYNOPSIS',
    '',
    synopsis(name, row),
    '',
    '## DESCRIPTION',
    '',
    [row.summary.replace(/\.?$/, '.'), row.details ?? ''].join(' ').trim(),
    '',
    '## OPTIONS',
    '',
    optionTable([...row.options, ...globals, ...(row.additions ?? [])]),
    '',
    '## EXIT STATUS',
    '',
    '0, or 1 for every failure.',
    '',
    '## SEE ALSO',
    '',
    SEE_ALSO[name] ?? 'initctl(8), init(5), upstart(8)',
    '',
  ].join('\n'),
});

/** Some sections of a page of the documentation. */
export const sectionsOf = (page, isWanted) =>
  page
    .split(/^(?=## )/m)
    .filter((text) => isWanted(/^## (.*)/.exec(text)?.[1]))
    .join('');

/** The daemon's options, from its own table. */
export const daemonOptionTable = (rules) =>
  optionTable(
    rules.map(({ short, long, argument, help }) => ({
      short: short?.replace(/^-/, ''),
      long: long.replace(/^--/, ''),
      argument,
      help,
    })),
  );
