import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from '@maverick/dbus/client';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { recordedFakes } from '../src/recorded-fakes.js';
import { readSpan, spanText } from '../src/time-span.js';
import { liveDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';

const INITCTL = fileURLToPath(new URL('../bin/initctl.js', import.meta.url));

/** A folder of files, text by name. */
const folderOf = (files: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'initctl-simulate-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
};

const BOOT = {
  'disks.conf': 'start on startup\ntask\nexec fsck\n',
  'db.conf': 'start on stopped disks RESULT=ok\nexpect notify\nexec db\n',
  'web.conf': 'start on started db and net-up\nexec web\n',
  'log.conf': 'start on started db\nexec log\n',
};

const simulate = (...words: readonly string[]) => run(['simulate', ...words]);

describe('from a directory', () => {
  test('a boot, with what processes are said to do', async () => {
    const dir = folderOf(BOOT);
    const times = ['--after', 'disks=1.5s', '--ready', 'db=700ms'];
    const { stdout, stderr, status } = await simulate('startup', '--confdir', dir, ...times);
    expect([stderr, status]).toEqual(['', 0]);
    expect(stdout).toBe(
      [
        '+0 ms   event startup',
        '+0 ms     disks starts, because of startup',
        '+0 ms     disks runs',
        '+1.5 s    disks stops',
        '+1.5 s    disks is down',
        '+1.5 s    db starts, because of stopped JOB=disks RESULT=ok',
        '+2.2 s    db runs',
        '+2.2 s    log starts, because of started JOB=db',
        '+2.2 s    log runs',
        '',
        'Started: disks, db, log',
        'web still needs: net-up (it has seen started db)',
        '',
      ].join('\n'),
    );
  });

  test('what fails, and what does not follow', async () => {
    const dir = folderOf(BOOT);
    const { stdout } = await simulate('startup', '--confdir', dir, '--exit', 'disks=1');
    expect(stdout).toContain('disks fails: main process ended with status 1');
    expect(stdout).toContain('\nFailed: disks\n');
    expect(stdout).not.toContain('db');
    const hurt = await simulate('startup', '--confdir', dir, '--exit', 'db:main=SEGV', '--json');
    const { instances } = JSON.parse(hurt.stdout);
    expect(instances.find(({ job }: { job: string }) => job === 'db')).toMatchObject({
      started: true,
      failed: true,
      state: 'waiting',
      because: 'stopped JOB=disks RESULT=ok',
    });
  });

  test("a job's event that is emitted by its name is told as any other", async () => {
    const dir = folderOf({ 'log.conf': 'start on starting JOB=web\nexec log\n', 'web.conf': 'exec web\n' });
    const told = await simulate('starting', 'JOB=web', '--confdir', dir);
    expect(told.stdout).toMatch(
      /^\+0 ms {2}event starting JOB=web\n\+0 ms {4}log starts, because of starting JOB=web\n/,
    );
    const vain = await simulate('starting', 'JOB=other', '--confdir', dir);
    expect(vain.stdout).toBe('+0 ms  event starting JOB=other\n\nNothing would come of it.\n');
  });

  test('a job that is held on its way is named with what holds it', async () => {
    const dir = folderOf({
      'web.conf': 'start on go\nexec web\n',
      'cache.conf': 'start on starting web and warm\nexec cache\n',
    });
    const { stdout } = await simulate('go', '--confdir', dir, '--until', '10s');
    expect(stdout).toContain('web is held in starting. ');
    expect(stdout).toContain('cache');
    expect(stdout).toContain('warm');
  });

  test('this override would stop these four jobs from starting', async () => {
    const jobs = { ...BOOT, 'mail.conf': 'start on started log\nexec mail\n', 'cron.conf': 'start on started log\n' };
    const [dir, change] = [folderOf(jobs), folderOf({ 'db.override': 'manual\n' })];
    const words = ['startup', '--confdir', dir, '--against', change, '--against', dir] as const;
    const first = await simulate('startup', '--confdir', dir);
    expect(first.stdout).toContain('Started: disks, db, log, cron, mail');
    // A folder with overrides only changes nothing without the one that it is laid over.
    const { stdout, status } = await simulate(...words);
    expect([stdout, status]).toEqual([
      [
        `With ${change}, ${dir} instead:`,
        '  db would not start: nothing starts it but a command',
        '  log would not start: its start on still needs: started db',
        '  cron would not start: its start on still needs: started log',
        '  mail would not start: its start on still needs: started log',
        '',
      ].join('\n'),
      1,
    ]);
    const same = await simulate('startup', '--confdir', dir, '--against', dir);
    expect(same).toMatchObject({ stdout: `With ${dir} the same would happen.\n`, status: 0 });
  });

  test('a boot of a thousand jobs comes to its end', async () => {
    const jobs = Object.fromEntries(
      Array.from({ length: 1000 }, (_, index) => [
        `job${index}.conf`,
        index === 0 ? 'start on startup\n' : `start on started job${(index - 1) >> 1}\n`,
      ]),
    );
    const { stdout } = await simulate('startup', '--confdir', folderOf(jobs), '--json');
    const { instances, cameToRest } = JSON.parse(stdout);
    expect([instances.length, cameToRest]).toEqual([1000, true]);
  });
});

test.each([
  [[], 'missing event name'],
  [['e', 'X'], 'expected KEY=VALUE: X'],
  [['e', '--confdir', '/nowhere'], '/nowhere: No job files there'],
  [['e', '--confdir', 'DIR', '--exit', 'a=300'], 'illegal value for --exit: 300'],
  [['e', '--confdir', 'DIR', '--exit', 'a'], 'illegal value for --exit: a (it takes JOB=VALUE'],
  [['e', '--confdir', 'DIR', '--after', 'a=soon'], 'illegal value for --after: soon (it takes a number'],
  [['e', '--confdir', 'DIR', '--processes', '/nowhere'], '/nowhere: ENOENT'],
  [['e', '--confdir', 'DIR', '--exit', 'nojob=1'], 'Invalid job class: nojob'],
  [['e', '--confdir', 'DIR', '--after', 'db=1s', '--ready', 'db:mian=1s'], 'Invalid job class: db:mian'],
])('%j is refused: %s', async (words, text) => {
  const dir = folderOf(BOOT);
  const { stderr, status } = await simulate(...words.map((word) => (word === 'DIR' ? dir : word)));
  expect([stderr.includes(text) ? text : stderr, status]).toEqual([text, 1]);
});

test('what goes round without end is named', async () => {
  const dir = folderOf({ 'round.conf': 'start on go or stopped round\ntask\nexec true\n' });
  const { stdout } = await simulate('go', '--confdir', dir);
  const line = stdout.trimEnd().split('\n').at(-1);
  expect(line).toBe(
    'It goes on: left after 0 ms, where round starts again and again while no time passes: --after round=TIME lets it take some.',
  );
  const answer = JSON.parse((await simulate('go', '--confdir', dir, '--json')).stdout);
  expect([answer.cameToRest, answer.loop]).toEqual([false, { job: 'round', instance: '' }]);
});

test('what a process calls, by a file', async () => {
  const calls = [{ kind: 'emit', name: 'net-up', env: ['IFACE=a'], afterMs: 300 }];
  const processes = JSON.stringify({ disks: { main: { calls, runsForMs: 100 } } });
  const dir = folderOf({ ...BOOT, 'p.json': processes });
  const { stdout } = await simulate('startup', '--confdir', dir, '--processes', join(dir, 'p.json'));
  expect(stdout).toContain('+300 ms  event net-up IFACE=a\n');
  expect(stdout).toContain('\nStarted: disks, db, log, web\n');
});

test.each([
  ['[]', 'the file: expected an object of jobs, each an object of processes'],
  ['{"db": 1}', 'db: expected an object of processes'],
  ['{"db": {"mian": {}}}', 'db.mian: expected one of main, '],
  ['{"db": {"main": {"zork": 1}}}', 'db.main.zork: expected one of calls, runsForMs, exit, '],
  ['{"db": {"main": {"calls": [{"kind": "emit"}]}}}', 'db.main.calls: expected calls, each {"kind": "emit"'],
  ['{"db": {"main": {"calls": [{"kind": "stop", "job": "db", "zork": 1}]}}}', 'db.main.calls: expected calls, each'],
  ['{"db": {"main": [{}, {"runsForMs": "1"}]}}', 'db.main[1].runsForMs: expected a number of milliseconds'],
  ['{"db": {"main": {"exit": "SEGV"}}}', 'db.main.exit: expected an exit code, or {"kind"'],
  ['{"nojob": {"main": {"exit": 1}}}', 'Invalid job class: nojob'],
])('--processes with %s is refused: %s', async (text, message) => {
  const dir = folderOf({ ...BOOT, 'p.json': text });
  const { stderr, status } = await simulate('startup', '--confdir', dir, '--processes', join(dir, 'p.json'));
  expect([stderr.includes(message) ? message : stderr, status]).toEqual([message, 1]);
});

test('--processes says what processes do, one after the other', async () => {
  const fakes = {
    disks: { main: [{ runsForMs: 20, exit: { kind: 'exited', code: 0 } }] },
    db: { main: { failsToStart: 'no such file' } },
  };
  const dir = folderOf({ ...BOOT, 'p.json': JSON.stringify(fakes) });
  const { stdout } = await simulate('startup', '--confdir', dir, '--processes', join(dir, 'p.json'));
  expect(stdout).toContain('+20 ms    disks is down\n');
  expect(stdout).toContain('\nFailed: db\n');
});

test.each([
  ['2s', 2000],
  ['500ms', 500],
  ['1.5min', 90_000],
  ['3', 3000],
  ['-1s', undefined],
  ['1 s', undefined],
])('the span %s', (text, ms) => expect(readSpan(text)).toBe(ms));

test.each([
  [0, '0 ms'],
  [1.26, '1.3 ms'],
  [1500, '1.5 s'],
  [125_000, '2 min 5 s'],
  [7_260_000, '2 h 1 min'],
])('%d ms are told as %s', (ms, text) => expect(spanText(ms)).toBe(text));

test('the journal tells what processes did: the newest run counts, and not the end of one that was told to end', () => {
  const line = (at: number, what: string, more: object) => ({
    at,
    what,
    job: 'a',
    instance: '',
    role: 'main',
    ...more,
  });
  expect(
    recordedFakes([
      line(0, 'process-started', { pid: 1 }),
      line(500, 'process-ended', { pid: 1, status: { kind: 'exited', code: 3 } }),
      line(1000, 'process-started', { pid: 2 }),
      line(1250, 'state-changed', { role: undefined, from: 'spawned', to: 'post-start' }),
      line(3000, 'process-ended', { pid: 2, status: { kind: 'exited', code: 0 } }),
      { ...line(0, 'process-started', { pid: 3 }), job: 'b' },
      { ...line(10, 'kill', {}), job: 'b' },
      { ...line(20, 'process-ended', { status: { kind: 'signalled', signal: 15 } }), job: 'b' },
    ]),
  ).toEqual({
    a: { main: { readyAfterMs: 250, runsForMs: 2000, exit: { kind: 'exited', code: 0 } } },
  });
});

test('what a process called, and what it waited for, is learned', () => {
  const of = (job: string) => ({ job, instance: '', role: 'main' });
  const call = (at: number, number: number, request: number, input: object, process = 1) => ({
    at,
    what: 'input',
    number,
    input: { ...input, request, caller: { instance: of('a'), process } },
  });
  const answer = (at: number, request: number, input: number) => ({ at, what: 'reply', request, cause: { input } });
  const lines = [
    { at: 0, what: 'spawn', process: 1, ...of('a') },
    { at: 1, what: 'process-started', ...of('a') },
    call(101, 7, 1, { kind: 'emit', name: 'mounted', env: ['DEV=a'] }),
    answer(150, 1, 9),
    // Answered at once: nothing was waited for.
    call(160, 10, 2, { kind: 'emit', name: 'quick', env: [] }),
    answer(160, 2, 10),
    // Left behind: the next call came before its answer.
    call(170, 11, 3, { kind: 'start', job: 'b' }),
    call(175, 12, 4, { kind: 'stop', job: 'c', instance: '1' }),
    answer(300, 3, 20),
    // Another's process.
    call(310, 13, 5, { kind: 'emit', name: 'other', env: [] }, 99),
    { at: 400, what: 'process-ended', status: { kind: 'exited', code: 0 }, ...of('a') },
    answer(500, 4, 21),
  ];
  const calls = [
    { kind: 'emit', name: 'mounted', env: ['DEV=a'], afterMs: 100, wait: true },
    { kind: 'emit', name: 'quick', afterMs: 10, wait: false },
    { kind: 'start', job: 'b', afterMs: 10, wait: false },
    { kind: 'stop', job: 'c', instance: '1', afterMs: 5, wait: false },
  ];
  expect(recordedFakes(lines)).toEqual({
    a: { main: { calls, runsForMs: 225, exit: { kind: 'exited', code: 0 } } },
  });
});

test('a process whose end nobody saw tells nothing of one of the next daemon', () => {
  const line = (at: number, what: string, more: object = {}) => ({
    at,
    what,
    job: 'a',
    instance: '',
    role: 'main',
    ...more,
  });
  const lines = [
    line(0, 'process-started'),
    { at: 100, what: 'began', continued: true },
    line(200, 'state-changed', { role: undefined, from: 'spawned', to: 'running' }),
    { at: 5, what: 'began', continued: false },
    line(9, 'process-ended', { status: { kind: 'exited', code: 1 } }),
  ];
  expect(recordedFakes(lines)).toEqual({ a: { main: { readyAfterMs: 200 } } });
});

describe('from a daemon', () => {
  const daemon = liveDaemon({
    db: 'start on boot\nexec sleep 300\n',
    web: 'start on started db and net-up\nexec sleep 300\n',
    quick: 'start on boot\ntask\nexec sh -c "exit 3"\n',
    stops: 'start on boot\nstop on net-up\nexec sleep 300\n',
    mount: `start on boot\ntask\nexec ${process.execPath} ${INITCTL} emit mounted DEV=sda\n`,
    disk: 'instance $DEV\nstart on mounted\nexec sleep 300\n',
  });
  const initctl = (...words: readonly string[]) => run(words, { env: daemon.env });

  beforeAll(async () => {
    await initctl('emit', 'boot');
  }, 120_000);

  test('what would start if it came now, from the states that there are; nothing is changed', async () => {
    const before = (await initctl('list')).stdout;
    const { stdout, stderr } = await initctl('simulate', 'net-up', 'IFACE=eth0');
    expect(stderr).toBe('');
    expect(stdout).toContain('web starts, because of net-up IFACE=eth0');
    expect(stdout).toContain('\nStarted: web\nStopped: stops\n');
    expect((await initctl('list')).stdout).toBe(before);
    // What is foretold comes true.
    await initctl('emit', 'net-up', 'IFACE=eth0');
    expect((await initctl('status', 'web')).stdout).toContain('web start/running');
    expect((await initctl('status', 'stops')).stdout).toContain('stops stop/waiting');
    await initctl('stop', 'web');
  });

  test('with what processes did, by the journal', async () => {
    const { stdout } = await initctl('simulate', 'boot', '--recorded');
    expect(stdout).toContain('quick fails: main process ended with status 3');
    // The boot goes on by what a script emits.
    expect(stdout).toContain(' event mounted DEV=sda\n');
  });

  test('also by what the daemon has no more at hand, and its files have', async () => {
    const upstart = await connect(daemon.env.UPSTART_SESSION);
    onTestFinished(() => upstart.close());
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(Array.from({ length: 50 }, () => upstart.emit('nobody-waits')));
    }
    const atHand = await upstart.init1.journal({ lines: 10_000 });
    expect(atHand.filter((text) => text.includes('"quick"'))).toEqual([]);
    const { stdout } = await initctl('simulate', 'boot', '--recorded');
    expect(stdout).toContain('quick fails: main process ended with status 3');
  });

  test('against other job files', async () => {
    const other = folderOf({ 'db.conf': 'exec sleep 300\n', 'web.conf': 'manual\nexec sleep 300\n' });
    const { stdout } = await initctl('simulate', 'boot', '--against', other);
    expect(stdout).toContain('quick would not start: there is no such job');
  });
});
