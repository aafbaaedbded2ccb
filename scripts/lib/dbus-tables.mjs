const cell = (text) => text.replaceAll('|', '\\|');
const argument = ([name, type]) => `${name} ${type}`;
const list = (args) => args.map(argument).join(', ');

const usage = ({ kind, name, takes, gives }) => {
  if (kind === 'property') return `\`${name}\` \`${gives[0][1]}\`${gives[0][0] === 'readwrite' ? ', can be set' : ''}`;
  const answer = gives.length === 0 ? '' : ` → ${list(gives)}`;
  return `\`${name}(${list(takes)})${answer}\``;
};

const ROWS = { method: 'method', signal: 'signal', property: 'property' };

const memberRow = (member) =>
  `| ${ROWS[member.kind]} | ${cell(usage(member))}${member.restricted ? ' *' : ''} | ${cell(member.note)} |`;

/** Every member of every interface, one table for each. */
export const memberTables = (interfaces) =>
  interfaces
    .map(({ name, path, members }) =>
      [`### ${name}`, '', `On \`${path}\`.`, '', '| | member | |', '|---|---|---|', ...members.map(memberRow)].join(
        '\n',
      ),
    )
    .join('\n\n');

/** Every error, and what it means. */
export const errorTable = (errors) =>
  ['| name | when |', '|---|---|', ...errors.map(({ name, note }) => `| \`${name}\` | ${cell(note)} |`)].join('\n');
