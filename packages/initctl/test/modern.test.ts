import { spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import stringWidth from 'string-width';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { COMMANDS } from '../src/command-table.js';
import { type LiveDaemon, startDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';
import { onTerminal } from './helpers/terminal.js';

const INITCTL = fileURLToPath(new URL('../bin/initctl.js', import.meta.url));

const JOBS = {
  db: 'description "データベース: 高速で信頼できる"\nstart on boot\nexec sleep 300\n',
  web: 'description "a web server"\nstart on (started db and net-up)\nstop on stopping db\nusage "web N=…"\nexec sleep 300\n',
  helper: 'start on started db\nexec sleep 300\n',
  'a-job-with-a-name-that-is-rather-long-for-a-terminal-of-80-columns': 'start on never-seen\nexec true\n',
  inst: 'instance $N\nexec sleep 300\n',
  hand: 'exec sleep 300\n',
  dies: 'start on boot\nrespawn\nrespawn limit 2 60\nscript\n  echo dying\n  exit 3\nend script\n',
  says: 'exec sh -c "echo one; echo two; sleep 300"\n',
  slow: 'pre-start script\n  mkfifo $GATE\n  cat $GATE\nend script\nexec sleep 300\n',
  quiet: 'console none\nexec sleep 300\n',
  task: 'task\nexec true\n',
} as const;

let daemon: LiveDaemon;

beforeAll(async () => {
  daemon = await startDaemon(JOBS);
  await initctl('emit', 'boot');
}, 30_000);

afterAll(async () => {
  await daemon?.stop();
}, 30_000);

const initctl = (...words: readonly string[]) => run(words, { env: daemon.env });
const conf = (name: string): string => join(daemon.folder, 'conf', name);
/** Without colours; where the cursor goes home, a new line begins. */
const strip = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  text.replaceAll('\x1b[H', '\n').replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '');

describe('--json', () => {
  const schema = JSON.parse(readFileSync(new URL('../../../docs/json.schema.json', import.meta.url), 'utf8')) as {
    $defs: Record<string, unknown>;
  };
  const ajv = new Ajv2020({ strict: true });
  ajv.addSchema(schema, 'answers');

  const printing = Object.entries(COMMANDS).flatMap(([name, row]) =>
    [...row.options, ...('additions' in row ? row.additions : [])].some(({ key }) => key === 'json') ? [name] : [],
  );

  test('the schema has an answer for each command that takes it', () => {
    const helpers = ['instance', 'process', 'treeNode'];
    expect(
      Object.keys(schema.$defs)
        .filter((name) => !helpers.includes(name))
        .toSorted(),
    ).toEqual(printing.toSorted());
  });

  test.each([
    ['start', 'hand'],
    ['status', 'hand'],
    ['status', '--long', 'hand'],
    ['status', '--long', 'dies'],
    ['restart', 'hand'],
    ['stop', 'hand'],
    ['wait', '--for=stopped', 'hand'],
    ['list'],
    ['list', '--tree'],
    ['version'],
    ['log-priority'],
    ['show-config'],
    ['check-config'],
    ['usage', 'web'],
    ['usage', 'hand'],
    ['get-env', 'HOME'],
    ['list-env'],
    ['list-sessions'],
    ['help'],
    ['explain', 'db'],
    ['log', 'dies'],
    ['top'],
    ['disable', 'helper'],
    ['enable', 'helper'],
    ['edit', 'helper'],
  ])('%s %s %s', async (...words) => {
    const [command] = words.filter((word) => word !== undefined);
    const line = [...words.filter((word) => word !== undefined), '--json'];
    const { stdout, stderr } = await run(line, { env: { ...daemon.env, EDITOR: 'true' } });
    expect(stderr).toBe('');
    const validate = ajv.getSchema(`answers#/$defs/${command}`);
    const answers = stdout.trimEnd().split('\n');
    expect(answers.length).toBeGreaterThan(0);
    for (const answer of answers) {
      const valid = validate?.(JSON.parse(answer));
      expect(validate?.errors ?? null, answer).toBeNull();
      expect(valid).toBe(true);
    }
  });
});

test('without --json and a terminal, status and list are what they were', async () => {
  expect((await initctl('status', 'web')).stdout).toBe('web stop/waiting\n');
  expect((await initctl('status', 'db')).stdout).toMatch(/^db start\/running, process \d+\n$/);
});

describe('status --long', () => {
  test('tells of restarts, the last exit and why', async () => {
    await vi.waitFor(async () => expect((await initctl('status', 'dies')).stdout).toBe('dies stop/waiting\n'));
    const { stdout } = await initctl('status', '-l', 'dies');
    expect(stdout).toMatch(/^dies stop\/waiting\n\tdown for +/);
    expect(stdout).toMatch(/\n\tlast exit +exit status 3 \(main process \d+\), \d+ s ago\n/);
    expect(stdout).toMatch(/\n\tlog +\/.*\/logs\/dies\.log\n$/);
  });

  test('is what a terminal gets', async () => {
    const { screen, status } = await onTerminal('$I status db', daemon.env);
    expect(status).toBe(0);
    expect(strip(screen)).toMatch(
      /^db start\/running, process \d+\n\tup for +.*\n\trestarts +0\n\twhy +Because: event boot/,
    );
  });
});

describe('list --tree', () => {
  test('for a pipe is plain', async () => {
    const { stdout } = await initctl('list', '--tree');
    expect(stdout.replace(/process \d+/g, 'process PID')).toContain(`boot
  db start/running, process PID
    helper start/running, process PID
    web stop/waiting
  dies stop/waiting
`);
    expect(stdout).toMatch(/\nstarted by hand\n {2}hand stop\/waiting\n/);
    expect(stdout).not.toContain('\x1b');
  });

  test.each([80, 200])('on a terminal of %i columns is aligned', async (columns) => {
    const { screen } = await onTerminal('$I list --tree', daemon.env, { columns });
    const lines = strip(screen).trimEnd().split('\n');
    for (const line of lines) expect(stringWidth(line), line).toBeLessThanOrEqual(columns);
    const states = lines.filter((line) => /(start|stop)\/\w/.test(line));
    expect(states.length).toBeGreaterThan(8);
    const columnsOfState = states.map((line) => stringWidth(line.slice(0, /(start|stop)\/\w/.exec(line)?.index)));
    expect(new Set(columnsOfState).size).toBe(1);
    expect(screen).toContain('\x1b[32m');
    expect(lines.some((line) => line.includes('データベース'))).toBe(true);
  });

  test('has no colours where NO_COLOR asks for none, and no Unicode where the terminal has none', async () => {
    const { screen } = await onTerminal('$I list --tree', { ...daemon.env, NO_COLOR: '1', LANG: 'C' });
    expect(screen).not.toContain('\x1b');
    expect(screen).toMatch(/^\|- db /m);
  });
});

describe('explain', () => {
  test('says what is still needed', async () => {
    expect((await initctl('explain', 'web')).stdout).toContain('Its start on still needs: net-up.');
  });
});

describe('log', () => {
  test('shows the output, and the last lines of it', async () => {
    await initctl('start', 'says');
    await vi.waitFor(async () => expect((await initctl('log', 'says')).stdout).toBe('one\ntwo\n'));
    expect((await initctl('log', '-n', '1', 'says')).stdout).toBe('two\n');
    expect((await initctl('log', '-n', '0', 'says')).stdout).toBe('');
  });

  test('of a job whose output goes nowhere is an error', async () => {
    expect(await initctl('log', 'quiet')).toEqual({
      status: 1,
      stdout: '',
      stderr: 'initctl: The output of quiet goes to no log file\n',
    });
  });

  test('--follow goes on, across rotation', async () => {
    const path = join(daemon.folder, 'logs', 'hand.log');
    writeFileSync(path, 'first\n');
    const child = spawn(process.execPath, [INITCTL, 'log', '-f', 'hand'], { env: daemon.env });
    onTestFinished(() => void child.kill());
    let got = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      got += text;
    });
    await vi.waitFor(() => expect(got).toBe('first\n'), { timeout: 10_000 });
    appendFileSync(path, 'second\n');
    await vi.waitFor(() => expect(got).toBe('first\nsecond\n'), { timeout: 10_000 });
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, 'third\n');
    writeFileSync(path, 'fourth\n');
    await vi.waitFor(() => expect(got).toBe('first\nsecond\nthird\nfourth\n'), { timeout: 10_000 });
  });
});

describe('wait', () => {
  test('answers at once where it is so', async () => {
    expect((await initctl('wait', 'db', '--for', 'started')).stdout).toMatch(/^db start\/running, process/);
    expect((await initctl('wait', 'quiet', '--for=stopped')).stdout).toBe('quiet stop/waiting\n');
  });

  test('until it is so', async () => {
    const started = initctl('wait', 'inst', 'N=1', '--for=started');
    const stopped = initctl('start', 'inst', 'N=1').then(() => initctl('wait', 'inst', 'N=1', '--for=stopped'));
    expect((await started).stdout).toMatch(/^inst \(1\) start\/running, process/);
    await initctl('stop', 'inst', 'N=1');
    expect((await stopped).stdout).toBe('inst stop/waiting\n');
  });

  test('a task that is over in a moment was started', async () => {
    const started = initctl('wait', 'task', '--for=started', '--timeout=30');
    await initctl('start', 'task');
    const again = setInterval(() => void initctl('start', 'task'), 200);
    onTestFinished(() => clearInterval(again));
    expect((await started).status).toBe(0);
  });

  test.each([
    [['--for=started', '--timeout=0.05'], 'Timed out: web stop/waiting'],
    [[], 'missing --for=started or --for=stopped'],
    [['--for=up'], 'illegal value for --for: up (it takes started or stopped)'],
    [['--for=started', '--timeout=soon'], 'illegal number for --timeout: soon'],
  ])('%j: %s', async (options, text) => {
    const { status, stderr } = await initctl('wait', 'web', ...options);
    expect(status).toBe(1);
    expect(stderr).toContain(`initctl: ${text}\n`);
  });
});

describe('enable and disable', () => {
  test('add manual to the override and take it away; all else stays', async () => {
    daemon.writeJob('toggled', 'start on toggle\nexec sleep 300\n');
    const override = conf('toggled.override');
    writeFileSync(override, '# mine\nenv A=1\nstart on toggle2\n');
    chmodSync(override, 0o640);
    await initctl('reload-configuration');
    expect(await initctl('disable', 'toggled')).toMatchObject({ stdout: `toggled disabled: ${override}\n`, status: 0 });
    expect(readFileSync(override, 'utf8')).toBe('# mine\nenv A=1\nstart on toggle2\nmanual\n');
    expect(statSync(override).mode & 0o777).toBe(0o640);
    expect((await initctl('disable', 'toggled')).stdout).toBe('toggled is disabled already\n');
    await vi.waitFor(async () => expect((await initctl('show-config', 'toggled')).stdout).toBe('toggled\n'));
    expect((await initctl('enable', 'toggled')).stdout).toBe(`toggled enabled: ${override}\n`);
    expect(readFileSync(override, 'utf8')).toBe('# mine\nenv A=1\nstart on toggle2\n');
    await vi.waitFor(async () =>
      expect((await initctl('show-config', 'toggled')).stdout).toBe('toggled\n  start on toggle2\n'),
    );
  });

  test('need no daemon', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'initctl-enable-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, 'upstart'));
    writeFileSync(join(folder, 'upstart', 'job.conf'), 'start on x\n');
    const env = { HOME: folder, XDG_CONFIG_HOME: folder, UPSTART_SESSION: 'unix:abstract=/maverick/nobody-is-here' };
    const override = join(folder, 'upstart', 'job.override');
    expect(await run(['disable', 'job'], { env })).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(override, 'utf8')).toBe('manual\n');
    expect((await run(['enable', 'job'], { env })).status).toBe(0);
    expect(existsSync(override)).toBe(false);
    expect((await run(['disable', 'nosuch'], { env })).stderr).toContain('No job file of nosuch in ');
    expect((await run(['disable', '../job'], { env })).stderr).toContain('No job file of ../job');
  });

  test('a job that nothing starts by its own file is not enabled by that', async () => {
    const { status, stderr } = await initctl('enable', 'quiet');
    expect(status).toBe(1);
    expect(stderr).toBe(
      `initctl: Nothing starts quiet but a command: ${conf('quiet.conf')} has no start on that counts\n`,
    );
  });

  test('a broken override is left alone', async () => {
    daemon.writeJob('broken', 'start on x\n');
    writeFileSync(conf('broken.override'), 'no such stanza\n');
    await initctl('reload-configuration');
    const { status, stderr } = await initctl('disable', 'broken');
    expect(status).toBe(1);
    expect(stderr).toContain('1: Unknown stanza');
    expect(readFileSync(conf('broken.override'), 'utf8')).toBe('no such stanza\n');
  });
});

describe('edit', () => {
  const editor = (script: string) => ({ ...daemon.env, EDITOR: `sh -c '${script}' sh` });

  test('puts what is right in its place, and shows the difference', async () => {
    const { stdout, stderr, status } = await run(['edit', 'helper'], { env: editor('echo nice 5 >>"$1"') });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toContain('@@ -0,0 +1,1 @@\n+nice 5\n');
    expect(readFileSync(conf('helper.override'), 'utf8')).toBe('nice 5\n');
    expect(readdirSync(join(daemon.folder, 'conf')).filter((name) => name.startsWith('.'))).toEqual([]);
    const again = await run(['edit', 'helper'], { env: editor('true') });
    expect(again.stdout).toBe(`${conf('helper.override')} is unchanged\n`);
  });

  test('refuses what is broken, and says where', async () => {
    const { stderr, status } = await run(['edit', 'helper'], { env: editor('echo nonsense >>"$1"') });
    expect(status).toBe(1);
    expect(stderr).toContain('Unknown stanza');
    expect(stderr).toContain(`${conf('helper.override')} is left as it was`);
    expect(readFileSync(conf('helper.override'), 'utf8')).toBe('nice 5\n');
  });

  test('on a terminal, asks whether to edit again', async () => {
    const twice = 'grep -q nonsense "$1" && sed -i /nonsense/d "$1" && echo nice 7 >>"$1" || echo nonsense >>"$1"';
    const { screen, status } = await onTerminal('$I edit db', editor(twice), { keys: [[/Edit again\?/, '\n']] });
    expect(status).toBe(0);
    expect(strip(screen)).toContain('+nice 7');
    expect(readFileSync(conf('db.override'), 'utf8')).toBe('nice 7\n');
    rmSync(conf('db.override'));
  });

  test('an editor that fails changes nothing', async () => {
    const { stderr, status } = await run(['edit', 'helper'], { env: editor('exit 4') });
    expect(status).toBe(1);
    expect(stderr).toMatch(/The editor .* ended with status 4/);
  });
});

describe('top', () => {
  test('for a pipe is one table', async () => {
    const { stdout } = await initctl('top', '--sort=name');
    expect(stdout).toMatch(/^JOB +STATE +PROCS MEMORY +%CPU +TIME\n/);
    expect(stdout).toMatch(/^db +start\/running +1 +\S+ +- +\d+:\d\d\.\d\d$/m);
  });

  test.each([
    ['q', 0],
    ['\x03', 130],
  ])('key %j ends it and gives the terminal back', async (key, expected) => {
    const script =
      'stty -g >"$HOME/a"; $I top; echo "status $?"; stty -g >"$HOME/b"; cmp "$HOME/a" "$HOME/b" && echo same';
    const { screen } = await onTerminal(script, daemon.env, { columns: 200, keys: [[/q quit/, `m${key}`]] });
    expect(screen).toContain(`status ${expected}\nsame\n`);
    expect(screen).toContain('\x1b[?1049h');
    expect(screen.lastIndexOf('\x1b[?1049l')).toBeGreaterThan(screen.lastIndexOf('\x1b[?1049h'));
  });

  test('SIGTERM gives the terminal back, too', async () => {
    const script =
      'stty -g >"$HOME/a"; (while ! [ -s "$HOME/p" ]; do sleep 0.1; done; sleep 1; kill $(cat "$HOME/p")) & ' +
      'sh -c \'echo $$ >"$HOME/p"; exec $I top\'; echo "status $?"; stty -g >"$HOME/b"; cmp "$HOME/a" "$HOME/b" && echo same';
    const { screen } = await onTerminal(script, daemon.env);
    expect(screen).toMatch(/status 143\n(?:.*\n)?same\n/);
  });

  test.each([80, 200])('no line is wider than a terminal of %i columns', async (columns) => {
    const { screen } = await onTerminal('$I top', daemon.env, { columns, keys: [[/q quit/, 'nq']] });
    const lines = strip(screen).split('\n');
    for (const line of lines) expect(stringWidth(line), line).toBeLessThanOrEqual(columns);
  });
});

describe('on a terminal', () => {
  test('a long start says what is waited for, and Control-C takes that away', async () => {
    const gate = join(daemon.folder, 'gate');
    const { screen, status } = await onTerminal(`$I start slow GATE=${gate}`, daemon.env, {
      columns: 200,
      keys: [[/pre-start process/, '\x03']],
    });
    expect(status).toBe(130);
    expect(screen).toMatch(/start slow: waiting for \d s\. .*It waits for its pre-start process to end\./);
    expect(screen.endsWith('\r\x1b[K')).toBe(true);
    await initctl('stop', '--no-wait', 'slow');
  });

  test('errors suggest the next step, after the text of the original', async () => {
    const { screen, status } = await onTerminal('$I start hlper', daemon.env);
    expect(status).toBe(1);
    expect(screen).toBe("initctl: Unknown job: hlper\nDid you mean `helper'?\n");
    expect((await onTerminal('$I staus db', daemon.env)).screen).toContain("Did you mean `status'?");
    expect((await initctl('start', 'hlper')).stderr).toBe('initctl: Unknown job: hlper\n');
  });
});

describe('sessions', () => {
  test.each([
    [['--in-session='], 0, ''],
    [['--chroot=/'], 0, ''],
    [['--in-session=abc'], 1, 'initctl: No such session: abc\n'],
    [['--chroot=/srv/nowhere'], 1, 'initctl: No session has the root directory /srv/nowhere\n'],
  ])('%j', async (options, status, stderr) => {
    expect(await initctl(...options, 'status', 'quiet')).toMatchObject({ status, stderr });
  });

  test('--global with --user contradicts itself', async () => {
    expect((await initctl('--global', '--user', 'list')).stderr).toContain('initctl: --global given with --user\n');
  });

  test('after a command on variables, --global is the table', async () => {
    expect((await initctl('get-env', '--global', 'HOME')).stdout).toBe(`${daemon.folder}\n`);
  });
});
