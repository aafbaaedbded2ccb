const cell = (text) => text.replaceAll('|', '\\|');
const argument = ({ name, repeat }) => (repeat ? `${name}…` : name);

const BODIES = {
  words: ({ forms }) => forms.map((form) => form.map(argument).join(' ')),
  command: () => ['COMMAND'],
  block: () => ['… end script'],
  events: () => ['EVENTS'],
  states: () => ['STATES'],
};

/** How a stanza is written, one form after the other. */
const usage = (row) => BODIES[row.body](row).map((form) => `\`${`${row.name} ${form}`.trim()}\``);

const MERGES = { replace: 'replaced', 'by-key': 'by key', append: 'list', set: 'can be set', forget: 'forgets' };

/** The reference of the stanzas as a Markdown table. */
export const stanzaTable = (rows) => {
  const lines = rows.map((row) => {
    const mark = row.extension ? ' *' : '';
    return `| ${usage(row).map(cell).join('<br>')}${mark} | ${cell(row.help)} | ${cell(row.default ?? '')} | ${MERGES[row.merge]} |`;
  });
  return ['| stanza | what it says | default | in an override |', '|---|---|---|---|', ...lines].join('\n');
};

/** Put text between `<!-- NAME -->` and `<!-- /NAME -->`. */
export const replaceSection = (page, name, text) => {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`no section ${begin} … ${end}`);
  return `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`;
};
