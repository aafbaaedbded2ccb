/** Job files out of the stanza table: legal ones, and legal ones with something wrong in them. */

import type { Argument, ArgumentKind } from '../../src/stanza-rule.js';
import { STANZA_ROWS, type StanzaRow } from '../../src/stanzas.js';
import type { Random } from './random.js';

const NAMES = ['a', 'net-up', 'started', 'X_1', 'and', 'K=v', '/usr/bin/x', '$VAR', '[06]', '"q w"', "'s'"] as const;
const INTEGERS = ['0', '1', '5', '22', '077', '-1', '+3', '4294967296', '99999999999999999999', '0x1'] as const;
const OOMS = ['never', '-17', '15', '-1000', '1000', '16'] as const;

/** Words of each kind, most of them legal. */
const WORDS = {
  text: ['""', ...NAMES],
  name: NAMES,
  seconds: INTEGERS,
  signal: ['TERM', 'SIGHUP', 'SIGSIG', '9', '65'],
  exitStatus: ['0', '255', '256', 'TERM', 'KILL'],
  umask: ['022', '0777', '1000', '8'],
  nice: ['-20', '19', '20', '0'],
  oom: OOMS,
  oomScore: OOMS,
  resource: ['nofile', 'core', 'as', 'file'],
  limit: ['unlimited', '-1', '18446744073709551615', ...INTEGERS],
  count: INTEGERS,
  unlimited: ['unlimited'],
  expect: ['none', 'stop', 'fork', 'daemon', 'notify', '"fork"'],
  descriptor: ['3', '2', '9'],
  console: ['none', 'log', 'output', 'owner', 'logged'],
  bytes: INTEGERS,
  transport: ['pipe', 'pty', 'tube'],
  format: ['text', 'json', 'xml'],
} as const satisfies { readonly [Kind in ArgumentKind]: readonly [string, ...string[]] };

const BLANKS = [' ', ' ', ' ', ' ', '  ', '\t', ' \\\n ', '\r'] as const;
const LINE_ENDS = ['\n', '\n', '\n', '\n', '\n\n', ' # why\n', '\r\n', ' \n', '#\n', ''] as const;
const COMMANDS = ['x', '/bin/a -b "c d"', "sh -c 'e; f' \\\n g", 'a\\"b', 'c#d', "don't", '""', 'a (b)'] as const;
const LINES = ['  a\n', '\tb "\n', '\n', '  end scripts\n', '  cat <<X\n', '  # c\n', 'end\n', "it's\n"] as const;
const NOISE = [
  '"',
  "'",
  '\\',
  '#',
  '(',
  ')',
  '\n',
  ' ',
  '\0',
  '=',
  'é',
  '\ufeff',
  'end script\n',
  '\\\n',
  '\r',
] as const;

const someOf = (random: Random, most: number, make: () => string, between: () => string): string => {
  let text = make();
  for (let more = random.below(most); more > 0; more -= 1) text += between() + make();
  return text;
};

const blank = (random: Random): string => random.oneOf(BLANKS);

const argument = (random: Random, { kind, repeat }: Argument): string => {
  const word = (): string => random.oneOf<string>(WORDS[kind]);
  return repeat ? someOf(random, 3, word, () => blank(random)) : word();
};

const words = (random: Random, { forms }: StanzaRow): string => {
  const form = forms[random.below(forms.length)] ?? [];
  return form.map((one) => blank(random) + argument(random, one)).join('');
};

const expression = (random: Random, negations: boolean, depth = 0): string => {
  const operand = (): string => {
    const not = negations && random.once(3) ? 'not ' : '';
    if (depth < 4 && random.once(4))
      return `${not}(${random.oneOf(['', '\n', ' '])}${expression(random, negations, depth + 1)})`;
    return (
      not +
      someOf(
        random,
        3,
        () => random.oneOf<string>(NAMES),
        () => blank(random),
      )
    );
  };
  return someOf(random, 4, operand, () => random.oneOf([' and ', ' or ', '\tor ', ' and\\\n']));
};

const body = (random: Random, row: StanzaRow): string => {
  switch (row.body) {
    case 'words':
      return words(random, row);
    case 'command':
      return blank(random) + random.oneOf(COMMANDS);
    case 'block':
      return `\n${
        random.once(5)
          ? ''
          : someOf(
              random,
              4,
              () => random.oneOf(LINES),
              () => '',
            )
      }${random.once(9) ? '' : ' end script'}`;
    case 'events':
      return blank(random) + expression(random, false);
    case 'states':
      return blank(random) + expression(random, true);
  }
};

const stanza = (random: Random): string => {
  const row = STANZA_ROWS[random.below(STANZA_ROWS.length)];
  return row ? (random.once(8) ? ' ' : '') + row.name + body(random, row) + random.oneOf(LINE_ENDS) : '';
};

/** Put something in, or take something away. */
const damage = (random: Random, text: string): string => {
  const at = random.below(text.length + 1);
  const rest = text.slice(random.once(2) ? at : at + random.below(5));
  return text.slice(0, at) + random.oneOf(NOISE) + rest;
};

/** One job file. About half of them are legal. */
export const generateFile = (random: Random): string => {
  let text = '';
  for (let stanzas = 1 + random.below(4); stanzas > 0; stanzas -= 1) text += stanza(random);
  for (let times = random.below(4) - 1; times > 0; times -= 1) text = damage(random, text);
  return text;
};
