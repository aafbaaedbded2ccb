/**
 * What Maverick does in the cases where the original has a bug, decided once.
 *
 * The key is the name of a case or an expansion with `quirk: "bug"`. `expect` replaces the case's own (only the members
 * that differ need to be there); without it the original's result stands. `why` is the reason.
 */
const job = (fields) => ({ ok: true, error: undefined, registered: true, job: fields });
const rejected = (message, line) => ({
  ok: false,
  error: { message, line, file: 'a.conf' },
  registered: false,
  job: undefined,
});
const command = (text) => job({ processes: { main: { script: false, command: text } } });

const OVERRIDDEN_BASE = {
  description: 'd',
  startOn: [['one']],
  stopOn: [['two']],
  instance: '',
  env: ['A=1'],
  normalExit: [1],
};
const IGNORED = { expect: { job: OVERRIDDEN_BASE }, why: 'B7: a broken override is ignored whole, as the manual says' };
const KEPT_WITH_WARNING = { why: 'legal, and harmless to the rest of the job: it gets a warning' };

export const DECISIONS = {
  'byte order mark is part of the first word': { expect: command('one'), why: 'B19: editors put it there' },
  'NUL ends the logical line': {
    expect: rejected('NUL character in file', 1),
    why: 'B19: a file with NULs is damaged, and losing the rest of a line silently is worse than no job',
  },
  'empty double quoted argument': { expect: job({ description: '' }), why: 'B2: the only way to empty a text again' },
  'blank before backslash-quote is lost in a command': { expect: command('one \\"two\\"'), why: 'B1' },
  'two blanks before backslash-letter corrupt': { expect: command('one  \\two'), why: 'B1' },
  'blank before backslash-hash is lost': { expect: command('one \\# two'), why: 'B1' },
  'blank before backslash-quote inside quotes is lost': { expect: job({ description: 'one \\"two' }), why: 'B1' },
  'pending newline and backslash-quote come out swapped': { expect: job({ description: 'one \\"two' }), why: 'B1' },
  'continuation before the first word breaks it': { expect: command('one'), why: 'B20: it is a blank' },
  'backslash then carriage return is not a continuation': {
    expect: job({ description: 'one respawn', respawn: false }),
    why: 'files with CRLF line ends continue lines like all others',
  },
  'event name may contain an equals sign': KEPT_WITH_WARNING,
  'continuation inside a word': KEPT_WITH_WARNING,
  'env names are not checked': KEPT_WITH_WARNING,
  'blank line inside parentheses': { expect: job({ startOn: [['one'], ['two'], ['/AND']] }), why: 'B3' },
  'comment line inside parentheses': { expect: job({ startOn: [['one'], ['two'], ['/AND']] }), why: 'B3' },
  'unclosed group eats the following stanzas': {
    expect: rejected('Mismatched parentheses', 1),
    why: 'B4: the parenthesis that is never closed is the mistake, not the end of the file',
  },
  'unclosed group fails earlier on a word after a named argument': {
    expect: rejected('Mismatched parentheses', 1),
    why: 'B4: the word belongs to the stanza that the group has swallowed',
  },
  'manual does not end the line': { expect: rejected('Unexpected token', 1), why: 'B6' },
  'word after manual is taken as a stanza': { expect: rejected('Unexpected token', 1), why: 'B6' },
  'respawn limit count wraps at 2^32': {
    expect: rejected("Illegal limit, expected 'unlimited' or integer", 1),
    why: 'B13',
  },
  'kill timeout quoted leading blank': {
    expect: rejected('Illegal interval, expected number of seconds', 1),
    why: 'B13: a number has no blanks in it',
  },
  'kill signal number is not range checked': {
    expect: rejected('Illegal signal status, expected integer', 1),
    why: 'B13: Linux has 64 signals',
  },
  'kill signal negative': { expect: rejected('Illegal signal status, expected integer', 3), why: 'B5' },
  'normal exit code above 255 is accepted': {
    expect: rejected('Illegal exit status, expected integer', 1),
    why: 'B13: it would mean a signal',
  },
  'umask wraps at 2^32': {
    expect: rejected('Illegal file creation mask, expected octal integer', 1),
    why: 'B13',
  },
  'nice wraps at 2^32': { expect: rejected('Illegal nice value, expected -20 to 19', 1), why: 'B13' },
  'limit negative wraps': {
    expect: rejected("Illegal limit, expected 'unlimited' or integer", 1),
    why: "B13: 'unlimited' says it",
  },
  'apparmor load with blanks is not re-quoted': {
    expect: job({
      processes: { security: { script: false, command: "/sbin/apparmor_parser -r -W '/etc/a b'" } },
    }),
    why: 'B16: one path is one argument',
  },
  'cgroup empty value refused': {
    expect: job({ cgroups: [{ controller: 'cpu', names: [{ name: '$UPSTART_CGROUP', settings: [['k', '']] }] }] }),
    why: 'B2: the manual promises it',
  },
  'error in override: replaced list is lost': IGNORED,
  'error in override: text becomes null': IGNORED,
  'error in override: instance becomes null (starting it aborts init)': IGNORED,
  'error in override: half-made process (starting it aborts init)': {
    expect: { job: { processes: { main: { script: false, command: 'x' } } } },
    why: 'B7, B8: a broken override is ignored whole',
  },
  'conf with an error plus a valid override makes a job of the override alone': {
    expect: { registered: false, job: undefined },
    why: 'B9: no job comes of an override alone',
  },
  'conf with an error plus manual override makes an empty job': {
    expect: { registered: false, job: undefined },
    why: 'B9: no job comes of an override alone',
  },
  'invalid conf plus valid override hides the next directory': {
    expect: { job: { processes: { main: { script: false, command: 'two' } }, env: ['X=1'] } },
    why: 'B9: the next definition counts, with the override above it',
  },
  'hidden conf files are loaded': {
    expect: { jobs: {} },
    why: 'B18: hidden files are what editors and file systems leave behind',
  },
  'expand ${NO{PE:-x}': { expect: { value: undefined, error: 'Illegal parameter' }, why: 'no name has a brace in it' },
  'expand ${FOO:-$NOPE}': { expect: { value: 'foo', error: undefined }, why: 'B14: lazy' },
  'expand ${NOPE:+$NOPE2}': { expect: { value: '', error: undefined }, why: 'B14: lazy' },
};
