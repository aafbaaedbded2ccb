/**
 * The stanza table: every stanza of the language, with its arguments, its setting and its merge rule.
 *
 * The parser, the merge of overrides, completions and the reference of the language all read it.
 *
 * @see init(5); specification of the language, section 2
 */

import type { StanzaRule } from './stanza-rule.js';

const TEXT = [[{ name: 'TEXT', kind: 'text' }]] as const;
const NONE = [[]] as const;
const PATH = [[{ name: 'PATH', kind: 'name' }]] as const;
const SECONDS = [[{ name: 'SECONDS', kind: 'seconds' }]] as const;
const SIGNAL = [[{ name: 'SIGNAL', kind: 'signal' }]] as const;
const EVENTS = { body: 'events', forms: NONE, merge: 'replace', since: '0.6' } as const;
const EXEC = { body: 'command', forms: NONE, setting: 'processes', merge: 'by-key', since: '0.6' } as const;
const SCRIPT = { ...EXEC, body: 'block' } as const;
const WORDS = { body: 'words', since: '0.6' } as const;
const FLAG = { ...WORDS, forms: NONE, merge: 'set', default: 'off' } as const;
const ONE = { ...WORDS, merge: 'replace' } as const;
const LIST = { ...WORDS, merge: 'append', default: 'none' } as const;
const EXTENSION = { since: '0.1', extension: true } as const;

export const STANZAS = {
  description: { ...ONE, forms: TEXT, setting: 'description', help: 'What the job is, for people' },
  author: { ...ONE, forms: TEXT, setting: 'author', help: 'Who wrote the job' },
  version: { ...ONE, forms: TEXT, setting: 'version', help: 'Version of the job' },
  usage: { ...ONE, forms: TEXT, setting: 'usage', since: '1.5', help: 'How to start it, shown for a bad parameter' },
  emits: {
    ...LIST,
    forms: [[{ name: 'EVENT', kind: 'name', repeat: true }]],
    setting: 'emits',
    help: 'Events that its processes emit; for check-config only',
  },
  debug: {
    ...FLAG,
    forms: NONE,
    setting: 'debug',
    since: '1.13',
    help: 'Stop each process just before its program runs',
  },

  instance: {
    ...ONE,
    forms: [[{ name: 'NAME', kind: 'text' }]],
    setting: 'instance',
    default: 'empty: a single instance',
    help: 'Name of an instance; its variables make the instances',
  },
  env: {
    ...WORDS,
    forms: [[{ name: 'KEY[=VALUE]', kind: 'name' }]],
    setting: 'env',
    merge: 'by-key',
    default: 'none',
    help: "A default for the environment; KEY alone takes init's own value",
  },
  export: {
    ...LIST,
    forms: [[{ name: 'KEY', kind: 'name', repeat: true }]],
    setting: 'export',
    help: "Variables that the job's events carry",
  },
  import: {
    ...LIST,
    ...EXTENSION,
    forms: [[{ name: 'KEY', kind: 'name', repeat: true }]],
    setting: 'import',
    help: 'Variables that whoever starts the job is expected to give',
  },

  'start on': { ...EVENTS, setting: 'startOn', help: 'The events that start the job' },
  'stop on': { ...EVENTS, setting: 'stopOn', help: 'The events that stop the job' },
  while: { ...EVENTS, ...EXTENSION, body: 'states', setting: 'while', help: 'The jobs that it runs as long as' },
  manual: { ...WORDS, forms: NONE, setting: 'startOn', merge: 'forget', since: '0.6.7', help: 'Forget start on' },

  exec: { ...EXEC, help: 'The command of the main process' },
  script: { ...SCRIPT, help: 'The shell script of the main process' },
  'pre-start exec': { ...EXEC, help: 'The command that prepares the main process' },
  'pre-start script': { ...SCRIPT, help: 'The script that prepares the main process' },
  'post-start exec': { ...EXEC, help: 'The command to run before the job counts as running' },
  'post-start script': { ...SCRIPT, help: 'The script to run before the job counts as running' },
  'pre-stop exec': { ...EXEC, help: 'The command to run before a stop; it may cancel it' },
  'pre-stop script': { ...SCRIPT, help: 'The script to run before a stop; it may cancel it' },
  'post-stop exec': { ...EXEC, help: 'The command that cleans up' },
  'post-stop script': { ...SCRIPT, help: 'The script that cleans up' },
  tmpfiles: {
    ...LIST,
    ...EXTENSION,
    forms: [[{ name: 'FILE', kind: 'name', repeat: true }]],
    setting: 'tmpfiles',
    help: 'Files for systemd-tmpfiles --create, before pre-start',
  },

  task: { ...FLAG, setting: 'task', help: 'It runs to its end; who starts it waits for that' },
  respawn: { ...FLAG, setting: 'respawn', help: 'Start the main process again when it ends' },
  'respawn limit': {
    ...ONE,
    forms: [
      [
        { name: 'COUNT', kind: 'count' },
        { name: 'SECONDS', kind: 'seconds' },
      ],
      [{ name: 'unlimited', kind: 'unlimited' }],
    ],
    setting: 'respawnLimit',
    default: '10 5',
    help: 'Give up after COUNT respawns in SECONDS',
  },
  'respawn backoff': {
    ...ONE,
    ...EXTENSION,
    forms: [
      [
        { name: 'INITIAL', kind: 'seconds' },
        { name: 'MAX', kind: 'seconds' },
      ],
    ],
    setting: 'respawnBackoff',
    help: 'Wait before a respawn: INITIAL seconds, doubled each time up to MAX',
  },
  expect: {
    ...ONE,
    forms: [[{ name: 'none|stop|fork|daemon|notify', kind: 'expect' }]],
    setting: 'expect',
    default: 'none',
    help: 'How the main process shows that it is ready',
  },
  'expect fd': {
    ...ONE,
    ...EXTENSION,
    forms: [[{ name: 'DESCRIPTOR', kind: 'descriptor' }]],
    setting: 'expect',
    help: 'It is ready when it writes a line to DESCRIPTOR',
  },
  'kill timeout': {
    ...ONE,
    forms: SECONDS,
    setting: 'killTimeoutSeconds',
    default: '5',
    help: 'From the kill signal to SIGKILL',
  },
  'kill signal': { ...ONE, forms: SIGNAL, setting: 'killSignal', default: 'TERM', since: '1.3', help: 'Ends the job' },
  'reload signal': {
    ...ONE,
    forms: SIGNAL,
    setting: 'reloadSignal',
    default: 'HUP',
    since: '1.10',
    help: 'Makes the main process read its configuration again',
  },
  'normal exit': {
    ...LIST,
    forms: [[{ name: 'STATUS|SIGNAL', kind: 'exitStatus', repeat: true }]],
    setting: 'normalExit',
    help: 'Ways to end that are no failure',
  },
  'start timeout': {
    ...ONE,
    ...EXTENSION,
    forms: SECONDS,
    setting: 'startTimeoutSeconds',
    help: 'How long it may take to be running',
  },
  'event timeout': {
    ...ONE,
    ...EXTENSION,
    forms: SECONDS,
    setting: 'eventTimeoutSeconds',
    default: '90',
    help: 'How long half a condition may hold its starting and stopping; 0 is for ever',
  },

  watchdog: {
    ...ONE,
    ...EXTENSION,
    forms: SECONDS,
    setting: 'watchdogSeconds',
    help: 'The longest time between two signs of life of the main process',
  },

  console: {
    ...ONE,
    forms: [[{ name: 'none|log|output|owner', kind: 'console' }]],
    setting: 'console',
    default: "init's --default-console, else log",
    help: 'Where output goes',
  },
  log: {
    ...ONE,
    ...EXTENSION,
    forms: [[{ name: 'pipe|pty', kind: 'transport' }]],
    setting: 'logTransport',
    default: 'pty',
    help: 'What the output of console log flows through',
  },
  'log rotate': {
    ...ONE,
    ...EXTENSION,
    forms: [
      [
        { name: 'BYTES', kind: 'bytes' },
        { name: 'COUNT', kind: 'count' },
      ],
    ],
    setting: 'logRotate',
    help: 'Put a log file away at BYTES and keep COUNT of them',
  },
  'log format': {
    ...ONE,
    ...EXTENSION,
    forms: [[{ name: 'text|json', kind: 'format' }]],
    setting: 'logFormat',
    default: 'text',
    help: 'How lines are written to the log file',
  },
  umask: {
    ...ONE,
    forms: [[{ name: 'MASK', kind: 'umask' }]],
    setting: 'umask',
    default: '022',
    help: 'File mode creation mask, octal',
  },
  nice: {
    ...ONE,
    forms: [[{ name: 'NICE', kind: 'nice' }]],
    setting: 'nice',
    default: "init's own",
    help: 'Scheduling priority, -20 to 19',
  },
  oom: {
    ...ONE,
    forms: [[{ name: 'ADJUSTMENT|never', kind: 'oom' }]],
    setting: 'oomScore',
    default: '0',
    help: 'Out-of-memory adjustment of old kernels, -17 to 15',
  },
  'oom score': {
    ...ONE,
    forms: [[{ name: 'SCORE|never', kind: 'oomScore' }]],
    setting: 'oomScore',
    default: '0',
    help: 'Out-of-memory score adjustment, -1000 to 1000',
  },
  limit: {
    ...WORDS,
    forms: [
      [
        { name: 'RESOURCE', kind: 'resource' },
        { name: 'SOFT', kind: 'limit' },
        { name: 'HARD', kind: 'limit' },
      ],
    ],
    setting: 'limits',
    merge: 'by-key',
    default: "init's own",
    help: 'Resource limits, a number or unlimited',
  },
  chroot: { ...ONE, forms: PATH, setting: 'chroot', help: 'Root directory of its processes' },
  chdir: { ...ONE, forms: PATH, setting: 'chdir', default: '/', help: 'Working directory of its processes' },
  setuid: {
    ...ONE,
    forms: [[{ name: 'USER', kind: 'name' }]],
    setting: 'setuid',
    since: '1.4',
    help: 'The user that its processes run as',
  },
  setgid: {
    ...ONE,
    forms: [[{ name: 'GROUP', kind: 'name' }]],
    setting: 'setgid',
    since: '1.4',
    help: 'The group that its processes run as',
  },
  'apparmor load': {
    ...WORDS,
    forms: PATH,
    setting: 'processes',
    merge: 'by-key',
    since: '1.9',
    help: 'An AppArmor profile to load before the job starts',
  },
  'apparmor switch': {
    ...ONE,
    forms: [[{ name: 'PROFILE', kind: 'name' }]],
    setting: 'apparmorSwitch',
    since: '1.9',
    help: 'The AppArmor profile that the main process runs in',
  },
  cgroup: {
    ...WORDS,
    forms: [
      [{ name: 'CONTROLLER', kind: 'name' }],
      [
        { name: 'CONTROLLER', kind: 'name' },
        { name: 'NAME', kind: 'name' },
      ],
      [
        { name: 'CONTROLLER', kind: 'name' },
        { name: 'KEY', kind: 'name' },
        { name: 'VALUE', kind: 'text' },
      ],
      [
        { name: 'CONTROLLER', kind: 'name' },
        { name: 'NAME', kind: 'name' },
        { name: 'KEY', kind: 'name' },
        { name: 'VALUE', kind: 'text' },
      ],
    ],
    setting: 'cgroups',
    merge: 'by-key',
    since: '1.13',
    help: 'A control group and its settings',
  },
} as const satisfies Record<string, StanzaRule>;

/** A stanza's name with the keywords that belong to it, such as `kill timeout`. */
export type StanzaName = keyof typeof STANZAS;
/** The row of one stanza. */
export type StanzaRow = StanzaRule & { readonly name: StanzaName };

/** All rows, in the order of the table. */
export const STANZA_ROWS: readonly StanzaRow[] = Object.entries(STANZAS).map(
  // The keys of STANZAS are the names, which Object.entries widens to string.
  ([name, rule]) => ({ ...(rule as StanzaRule), name: name as StanzaName }),
);
