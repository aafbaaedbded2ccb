/** Job files that have the conversation's jobs: what it shows of them, and nothing else. */
export const TRANSCRIPT_JOBS = {
  fev: 'start on fev\ntask\nexec false\n',
  inst: 'instance $X\nexec sleep 300\n',
  multi: [
    'pre-start exec sleep 0.05',
    'post-start exec true',
    'exec sleep 300',
    'pre-stop exec true',
    'post-stop exec true',
    '',
  ].join('\n'),
  noproc: '\n',
  respawn: 'respawn\nexec sleep 300\n',
  s: [
    'description "d"',
    'author "a"',
    'version "v"',
    'usage "u"',
    'emits q',
    'start on ev A=1 or (x and y B!=2)',
    'stop on z',
    'exec sleep 300',
    '',
  ].join('\n'),
  slow: 'pre-start exec sleep 1\nexec sleep 300\n',
  t: 'task\nexec false\n',
  tev: 'start on tev\ntask\nexec true\n',
  'we ird.na-me_1': 'exec sleep 300\n',
};

const ADDED = 'added.conf';
const OVERRIDE = 'added.override';

/** What was done to the configuration directory at each step. `write` and `remove` take a file's name. */
export const TRANSCRIPT_EDITS = {
  'conf changes (inotify)': ({ write }) => write(ADDED, 'exec sleep 300\n'),
  'rewritten in place': ({ write }) => write(ADDED, 'exec sleep 301\n'),
  'rename over': ({ replace }) => replace(ADDED, 'exec sleep 302\n'),
  'override added': ({ write }) => write(OVERRIDE, 'description "another"\n'),
  'override removed': ({ remove }) => remove(OVERRIDE),
  removed: ({ remove }) => remove(ADDED),
  ReloadConfiguration: () => {},
};
