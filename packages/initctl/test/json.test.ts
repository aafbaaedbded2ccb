import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { COMMANDS } from '../src/command-table.js';
import { SCHEMA_NAMES, schemaErrors } from './helpers/answer-schema.js';
import { liveDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';

const JOBS = {
  db: 'description "データベース"\nstart on boot\nexec sleep 300\n',
  web: 'start on (started db and net-up)\nstop on stopping db\nusage "web N=…"\nexec sleep 300\n',
  helper: 'start on started db\nexec sleep 300\n',
  hand: 'exec sleep 300\n',
  inst: 'instance $N\nexec sleep 300\n',
  dies: 'start on boot\nrespawn\nrespawn limit 2 60\nscript\n  echo dying\n  exit 3\nend script\n',
} as const;

const daemon = liveDaemon(JOBS);

beforeAll(async () => {
  await initctl('emit', 'boot');
  writeFileSync(`${daemon.env.XDG_RUNTIME_DIR}/upstart-time-bridge.json`, JSON.stringify(timeRecord()));
}, 120_000);

/** As a time bridge keeps it, in this process. */
const timeRecord = () => ({
  realtime: Date.now(),
  boottime: 1,
  pid: process.pid,
  timers: [
    { event: ['CALENDAR=09:00'], jobs: ['db'], clock: 'realtime', next: Date.now(), last: null },
    { event: ['AFTER_BOOT=1s'], jobs: [], clock: 'boottime', next: null, last: Date.now() },
  ],
});

const initctl = (...words: readonly string[]) => run(words, { env: daemon.env });

const printing = Object.entries(COMMANDS).flatMap(([name, row]) =>
  [...row.options, ...('additions' in row ? row.additions : [])].some(({ key }) => key === 'json') ? [name] : [],
);

test('the schema has an answer for each command that takes it', () => {
  const helpers = ['instance', 'process', 'treeNode'];
  expect(SCHEMA_NAMES.filter((name) => !helpers.includes(name)).toSorted()).toEqual(printing.toSorted());
});

const EXAMPLES = fileURLToPath(new URL('../../../examples/jobs', import.meta.url));

const CALLS = [
  ['start', 'hand'],
  ['start', 'inst', 'N=1'],
  ['status', 'inst', 'N=1'],
  ['status', 'hand'],
  ['status', '--long', 'hand'],
  ['status', '--long', 'dies'],
  ['restart', 'hand'],
  ['stop', 'hand'],
  ['wait', '--for=stopped', 'hand'],
  ['list'],
  ['list', '--tree'],
  ['sessions'],
  ['session', 'show'],
  ['version'],
  ['log-priority'],
  ['show-config'],
  ['check-config'],
  ['check-config', '--proof'],
  ['usage', 'web'],
  ['usage', 'hand'],
  ['get-env', 'HOME'],
  ['list-env'],
  ['list-sessions'],
  ['timers'],
  ['help'],
  ['explain', 'db'],
  ['log', 'dies'],
  ['journal'],
  ['history'],
  ['history', 'dies'],
  ['timeline', '--whole'],
  ['blame'],
  ['critical-chain', 'db'],
  ['graph'],
  ['graph', '--boot'],
  ['simulate', 'net-up'],
  ['test', EXAMPLES],
  ['confirm'],
  ['top'],
  ['dbus-activation', 'check'],
  ['disable', 'helper'],
  ['enable', 'helper'],
  ['edit', 'helper'],
] as const;

test('each command that takes it is called', () => {
  expect([...new Set(CALLS.map(([command]) => command))].toSorted()).toEqual(printing.toSorted());
});

/** What succeeds without a word has no answer that JSON could be. */
const SILENT = {
  emit: ['nothing'],
  reload: ['db'],
  'reload-configuration': [],
  'set-env': ['A=1'],
  'unset-env': ['A'],
  'reset-env': [],
  'notify-disk-writeable': [],
  'notify-dbus-address': ['unix:abstract=/nobody'],
  'notify-cgroup-manager-address': ['unix:abstract=/nobody'],
  'release-files': [],
  'resume-files': [],
  'restart-init': [],
} as const;

test('it may stand before the command, too', async () => {
  const { stdout } = await run(['--json', 'version'], { env: daemon.env });
  expect(stdout).toBe((await run(['version', '--json'], { env: daemon.env })).stdout);
  expect(JSON.parse(stdout)).toEqual({ version: 'init (upstart 1.13.2)' });
});

test('every other command prints nothing', () => {
  expect([...printing, ...Object.keys(SILENT)].toSorted()).toEqual(Object.keys(COMMANDS).toSorted());
});

test.each(Object.entries(SILENT))('%s', async (command, operands) => {
  const { stdout } = await run([command, ...operands], { env: daemon.env });
  expect(stdout).toBe('');
});

test.each(CALLS.map((words) => ({ line: words.join(' ') })))('$line', async ({ line }) => {
  const words = [...line.split(' '), '--json'];
  const [command] = words;
  const { stdout, stderr } = await run(words, { env: { ...daemon.env, EDITOR: 'true' } });
  expect(stderr).toBe('');
  const answers = stdout.trimEnd().split('\n');
  expect(answers.length).toBeGreaterThan(0);
  for (const answer of answers) expect(schemaErrors(command ?? '', answer), answer).toBeNull();
});
