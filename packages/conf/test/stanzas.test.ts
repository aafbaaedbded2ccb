// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are job files, not templates.
import { describe, expect, test } from 'vitest';
import { grammarRecognizer } from '../src/grammar.js';
import { defineJob, JOB_DEFAULTS, type JobConf } from '../src/job-conf.js';
import { STANZA_ROWS } from '../src/stanzas.js';
import { stanzaSynopsis } from '../src/synopsis.js';
import { confOf, errorsOf, placesOf } from './helpers.js';

const main = (script: boolean, command: string): JobConf => ({ processes: { main: { script, command } } });
const event = (name: string) => ({ kind: 'match', name, args: [] }) as const;

/** One row a stanza at least, in the order of the table. */
const READS: readonly { text: string; conf: JobConf }[] = [
  { text: 'description a\ndescription b', conf: { description: 'b' } },
  { text: 'author "A. N. Other"', conf: { author: 'A. N. Other' } },
  { text: 'version 1.0', conf: { version: '1.0' } },
  { text: 'usage "job X=1"', conf: { usage: 'job X=1' } },
  { text: 'emits one two-*\nemits one', conf: { emits: ['one', 'two-*', 'one'] } },
  { text: 'debug\ndebug', conf: { debug: true } },
  { text: 'instance $A-${B:-c}', conf: { instance: '$A-${B:-c}' } },
  { text: 'env A=1\nenv B\nenv A=2', conf: { env: ['A=1', 'B', 'A=2'] } },
  { text: 'export A B\nexport A', conf: { export: ['A', 'B', 'A'] } },
  { text: 'import A B', conf: { import: ['A', 'B'] } },
  { text: 'start on a\nstart on b', conf: { startOn: event('b') } },
  { text: 'stop on a', conf: { stopOn: event('a') } },
  { text: 'while a', conf: { while: { kind: 'term', job: 'a', args: [] } } },
  { text: 'start on a\nmanual', conf: { startOn: null, whileIsGuard: true } },
  { text: 'manual\nstart on a', conf: { startOn: event('a'), whileIsGuard: true } },
  { text: 'script\nx\nend script\nexec y', conf: main(false, 'y') },
  { text: 'exec y\nscript\nx\nend script', conf: main(true, 'x\n') },
  { text: 'pre-start exec x', conf: { processes: { 'pre-start': { script: false, command: 'x' } } } },
  { text: 'post-start exec x', conf: { processes: { 'post-start': { script: false, command: 'x' } } } },
  { text: 'pre-stop exec x', conf: { processes: { 'pre-stop': { script: false, command: 'x' } } } },
  { text: 'post-stop exec x', conf: { processes: { 'post-stop': { script: false, command: 'x' } } } },
  {
    text: 'pre-start script\nx\nend script',
    conf: { processes: { 'pre-start': { script: true, command: 'x\n' } } },
  },
  {
    text: 'post-start script\nx\nend script',
    conf: { processes: { 'post-start': { script: true, command: 'x\n' } } },
  },
  { text: 'pre-stop script\nx\nend script', conf: { processes: { 'pre-stop': { script: true, command: 'x\n' } } } },
  { text: 'post-stop script\nx\nend script', conf: { processes: { 'post-stop': { script: true, command: 'x\n' } } } },
  { text: 'tmpfiles a b', conf: { tmpfiles: ['a', 'b'] } },
  { text: 'task', conf: { task: true } },
  { text: 'respawn', conf: { respawn: true } },
  { text: 'respawn limit 3 60', conf: { respawnLimit: { count: 3, intervalSeconds: 60 } } },
  { text: 'respawn limit unlimited', conf: { respawnLimit: { count: 0, intervalSeconds: 0 } } },
  { text: 'respawn backoff 1 60', conf: { respawnBackoff: { initialSeconds: 1, maxSeconds: 60 } } },
  { text: "expect 'fork'", conf: { expect: 'fork' } },
  { text: 'expect fd 3\nexpect notify', conf: { expect: 'notify' } },
  { text: 'expect fd 3', conf: { expect: 'fd', expectFd: 3 } },
  { text: 'kill timeout 60', conf: { killTimeoutSeconds: 60 } },
  { text: 'kill signal SIGINT', conf: { killSignal: 2 } },
  { text: 'kill signal 12', conf: { killSignal: 12 } },
  { text: 'reload signal USR1', conf: { reloadSignal: 10 } },
  {
    text: 'normal exit 0 TERM',
    conf: {
      normalExit: [
        { kind: 'exited', code: 0 },
        { kind: 'signalled', signal: 15 },
      ],
    },
  },
  { text: 'start timeout 30', conf: { startTimeoutSeconds: 30 } },
  { text: 'event timeout 0', conf: { eventTimeoutSeconds: 0 } },
  { text: 'watchdog 10', conf: { watchdogSeconds: 10 } },
  { text: 'console none\nconsole "owner"', conf: { console: 'owner' } },
  { text: 'log pipe', conf: { logTransport: 'pipe' } },
  { text: 'log rotate 1000 3', conf: { logRotate: { bytes: 1000, count: 3 } } },
  { text: 'log format json', conf: { logFormat: 'json' } },
  { text: 'umask 077', conf: { umask: 0o77 } },
  { text: 'nice -20', conf: { nice: -20 } },
  { text: 'oom 7', conf: { oomScore: 466 } },
  { text: 'oom -17', conf: { oomScore: -1000 } },
  { text: 'oom -16', conf: { oomScore: -941 } },
  { text: 'oom never', conf: { oomScore: -1000 } },
  { text: 'oom score -250', conf: { oomScore: -250 } },
  { text: 'oom "score" never', conf: { oomScore: -1000 } },
  {
    text: 'limit nofile 1 2\nlimit core unlimited 18446744073709551615\nlimit nofile +03 9007199254740993',
    conf: {
      limits: {
        nofile: { soft: 3, hard: '9007199254740993' },
        core: { soft: 'unlimited', hard: 'unlimited' },
      },
    },
  },
  { text: 'chroot "/srv/a b"', conf: { chroot: '/srv/a b' } },
  { text: 'chdir $HOME', conf: { chdir: '$HOME' } },
  { text: 'setuid www-data', conf: { setuid: 'www-data' } },
  { text: 'setgid adm', conf: { setgid: 'adm' } },
  {
    text: 'apparmor load /etc/x',
    conf: { processes: { security: { script: false, command: '/sbin/apparmor_parser -r -W /etc/x' } } },
  },
  { text: 'apparmor switch $P', conf: { apparmorSwitch: '$P' } },
  {
    text: 'cgroup cpu n k v\ncgroup mem\ncgroup cpu n k w\ncgroup cpu n j x\ncgroup cpu m\ncgroup mem k v',
    conf: {
      cgroups: [
        {
          controller: 'cpu',
          names: [
            {
              name: 'n',
              settings: [
                ['k', 'w'],
                ['j', 'x'],
              ],
            },
            { name: 'm', settings: [] },
          ],
        },
        { controller: 'mem', names: [{ name: '$UPSTART_CGROUP', settings: [['k', 'v']] }] },
      ],
    },
  },
];

describe('what stanzas say', () => {
  test.each(READS)('$text', ({ text, conf }) => {
    expect(confOf(`${text}\n`)).toEqual(conf);
  });

  test.each(STANZA_ROWS)('the rows above show $name', ({ name }) => {
    expect(READS.some(({ text }) => text.split('\n').some((line) => line.startsWith(name)))).toBe(true);
  });

  test.each(READS)('by the grammar: $text', ({ text, conf }) => {
    expect(confOf(`${text}\n`, { recognizer: grammarRecognizer })).toEqual(conf);
  });

  test.each(STANZA_ROWS)('$name has one line of help that fits a terminal', ({ help }) => {
    expect(help).toMatch(/^\S.{5,78}\S$/);
  });
});

describe('a stanza that is wrong', () => {
  test.each([
    { text: 'description one two', place: '1:17: Unexpected token' },
    { text: 'description', place: '1:12: Expected token' },
    { text: 'description \\\n', place: '2:1: Expected token' },
    { text: 'description one \\\n two', place: '2:2: Unexpected token' },
    { text: 'bogus \\\n \\\n here', place: '3:2: Unknown stanza' },
    { text: 'kill "timeout" 5', place: '1:6: Unknown stanza' },
    { text: 'kill', place: '1:5: Expected token' },
    { text: 'kill timeout -1', place: '1:14: Illegal interval, expected number of seconds' },
    { text: 'exec', place: '1:5: Expected token' },
    { text: 'pre-start', place: '1:10: Expected token' },
    { text: 'pre-start run x', place: '1:11: Unknown stanza' },
    { text: 'emits one "" two', place: '1:11: Expected token' },
    { text: 'task yes', place: '1:6: Unexpected token' },
    { text: 'respawn yes', place: '1:9: Unknown stanza' },
    { text: 'respawn limit 5', place: '1:16: Expected token' },
    { text: 'respawn limit x', place: "1:15: Illegal limit, expected 'unlimited' or integer" },
    { text: 'respawn limit 5 x', place: '1:17: Illegal interval, expected number of seconds' },
    { text: 'respawn limit 5 5 5', place: '1:19: Unexpected token' },
    { text: 'respawn limit unlimited 5', place: '1:25: Unexpected token' },
    { text: 'expect nothing', place: '1:8: Unknown stanza' },
    { text: 'expect fd 2', place: '1:11: Illegal descriptor, expected 3 or more' },
    { text: 'console logged', place: '1:9: Unknown stanza' },
    { text: 'normal exit 0 \\\n  FOO', place: '2:3: Illegal exit status, expected integer' },
    { text: 'umask 028', place: '1:7: Illegal file creation mask, expected octal integer' },
    { text: 'nice 0x1', place: '1:6: Illegal nice value, expected -20 to 19' },
    { text: 'oom score', place: '1:10: Expected token' },
    { text: 'oom 16', place: "1:5: Illegal oom adjustment, expected -16 to 15 or 'never'" },
    { text: 'oom score 1001', place: "1:11: Illegal oom score adjustment, expected -999 to 1000 or 'never'" },
    { text: 'limit nofile 1 lots', place: "1:16: Illegal limit, expected 'unlimited' or integer" },
    { text: 'limit NOFILE 1 2', place: '1:7: Unknown stanza' },
    { text: 'cgroup a b c d e', place: '1:16: Unexpected token' },
    { text: 'security exec x', place: '1:1: Unknown stanza' },
    { text: 'log rotate 0 1', place: '1:12: Illegal size, expected integer' },
    { text: 'nice abc "unterminated', place: '1:6: Illegal nice value, expected -20 to 19' },
  ])('$text: $place', ({ text, place }) => {
    expect(placesOf(text)).toEqual([place]);
    expect(placesOf(text, { recognizer: grammarRecognizer })).toEqual([place]);
  });

  test.each([
    { text: 'manual now', bug: 'B6' },
    { text: 'debug now', bug: 'B6' },
    { text: 'kill signal ZZ', bug: 'B5' },
    { text: 'respawn limit 4294967297 5', bug: 'B13' },
    { text: 'nice 4294967299', bug: 'B13' },
    { text: 'umask 40000000027', bug: 'B13' },
    { text: 'kill timeout " 8"', bug: 'B13' },
    { text: 'kill signal 4096', bug: 'B13' },
    { text: 'normal exit 3840', bug: 'B13' },
    { text: 'limit nofile -1 -1', bug: 'B13' },
    { text: 'nice 99', bug: undefined },
    { text: 'umask -1', bug: undefined },
    { text: 'limit as 1 18446744073709551616', bug: undefined },
  ])('$text is marked $bug where the original accepts it or says less', ({ text, bug }) => {
    expect(errorsOf(text)[0]?.bug).toBe(bug);
  });
});

describe('the synopsis', () => {
  test.each([
    { name: 'respawn limit', synopsis: ['respawn limit COUNT SECONDS', 'respawn limit unlimited'] },
    { name: 'emits', synopsis: ['emits EVENT...'] },
    { name: 'task', synopsis: ['task'] },
    { name: 'pre-start exec', synopsis: ['pre-start exec COMMAND...'] },
    { name: 'while', synopsis: ['while [not] JOB [KEY=VALUE]... [and|or ...]'] },
  ])('of $name', ({ name, synopsis }) => {
    const row = STANZA_ROWS.find((candidate) => candidate.name === name);
    expect(row && stanzaSynopsis(row)).toEqual(synopsis);
  });
});

describe('a definition', () => {
  test('has the defaults of init(5)', () => {
    expect(defineJob({})).toEqual(JOB_DEFAULTS);
  });

  test('has no start on after manual', () => {
    expect(defineJob(confOf('start on a\nmanual\n'))).toEqual(JOB_DEFAULTS);
  });
});
