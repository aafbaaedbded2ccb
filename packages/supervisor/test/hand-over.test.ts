import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SupervisorEvent } from '../src/event.js';
import { openJournal } from '../src/file-journal.js';
import { descriptorsOf, type HandedOver } from '../src/handed-over.js';
import type { SupervisorOptions } from '../src/options.js';
import type { Answer } from '../src/requests.js';
import { Supervisor } from '../src/supervisor.js';
import { put } from './helpers/watched.js';

vi.setConfig({ testTimeout: 120_000 });

let dir = '';
const open: Supervisor[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'maverick-hand-over-'));
  for (const name of ['conf', 'log']) mkdirSync(join(dir, name));
});
afterEach(async () => {
  const last = open.at(-1);
  await last?.shutdown();
  await last?.close();
  open.length = 0;
  rmSync(dir, { recursive: true });
});

const job = (name: string, text: string): void => put(join(dir, 'conf'), `${name}.conf`, text);

/** A terminal may end lines with a carriage return, too. */
const log = (name: string): string => readFileSync(join(dir, `log/${name}.log`), 'utf8').replaceAll('\r', '');

const start = (options: Partial<SupervisorOptions> = {}): Supervisor => {
  const supervisor = new Supervisor({ confDirs: [join(dir, 'conf')], logDir: join(dir, 'log'), ...options });
  open.push(supervisor);
  supervisor.start();
  return supervisor;
};

/** What is handed over in JSON, as it would be over an `exec`. */
const handOver = (supervisor: Supervisor): HandedOver => JSON.parse(JSON.stringify(supervisor.handOver()));

const next = (supervisor: Supervisor, options: Partial<SupervisorOptions> = {}): Supervisor =>
  start({ handedOver: handOver(supervisor), ...options });

const event = <K extends SupervisorEvent['kind']>(
  supervisor: Supervisor,
  kind: K,
): Promise<Extract<SupervisorEvent, { kind: K }>> =>
  new Promise((resolve) => {
    const leave = supervisor.subscribe((some) => {
      if (some.kind !== kind) return;
      leave();
      resolve(some as Extract<SupervisorEvent, { kind: K }>);
    });
  });

const mainPid = (supervisor: Supervisor, name: string): number | undefined =>
  supervisor.instance(name)?.processes.find(({ role }) => role === 'main')?.pid;

describe.each([{ state: 'no state' }, { state: 'a state directory' }])('handing over with $state', ({ state }) => {
  const options = (): Partial<SupervisorOptions> => (state === 'no state' ? {} : { stateDir: join(dir, 'state') });

  test('the same process is supervised, and how it ends is known', async () => {
    job(
      'web',
      'start on startup\nnormal exit 7\nscript\n  read code < $TEST_FIFO; exit $code\nend script\nenv TEST_FIFO=' +
        `${dir}/fifo`,
    );
    spawnSync('mkfifo', [join(dir, 'fifo')]);
    const fifo = openSync(join(dir, 'fifo'), 'r+');
    const first = start(options());
    const pid = mainPid(first, 'web');
    const second = next(first, options());
    expect(second.isContinued).toBe(true);
    expect(mainPid(second, 'web')).toBe(pid);
    const ended = event(second, 'process-ended');
    writeSync(fifo, '7\n');
    expect(await ended).toMatchObject({ pid, status: { kind: 'exited', code: 7 } });
    closeSync(fifo);
  });

  test('who waits for an answer gets it from the next one', async () => {
    job('slow', `pre-start script\n  while [ ! -e ${dir}/go ]; do sleep 0.01; done\nend script\nexec sleep 1000\n`);
    const first = start(options());
    let early: Answer | undefined;
    const request = first.request({ kind: 'start', job: 'slow', wait: true }, (answer) => {
      early = answer;
    });
    expect(first.instance('slow')?.state).toBe('pre-start');
    const second = next(first, options());
    const answer = new Promise<Answer>((resolve) => second.awaitAnswer(request, resolve));
    put(dir, 'go', '');
    expect(await answer).toMatchObject({ ok: true, instance: { job: 'slow', instance: '' } });
    expect(early).toBeUndefined();
    expect(second.request({ kind: 'emit', name: 'x' }, () => {})).toBeGreaterThan(request);
  });

  test('what a process writes before and after is in its log', async () => {
    job(
      'talk',
      `start on startup\nscript\n  echo before; while [ ! -e ${dir}/go ]; do sleep 0.01; done; echo after\nend script\n`,
    );
    const first = start(options());
    const second = next(first, options());
    const gone = event(second, 'instance-removed');
    put(dir, 'go', '');
    await gone;
    expect(log('talk')).toBe('before\nafter\n');
  });

  test('a kill timer goes on', async () => {
    job(
      'deaf',
      'start on startup\nkill timeout 1\nexpect stop\nscript\n  trap "" TERM; kill -STOP $$; while :; do sleep 1; done\nend script\n',
    );
    const first = start(options());
    while (first.instance('deaf')?.state !== 'running') await event(first, 'state-changed');
    void first.stopJob('deaf').catch(() => {});
    const second = next(first, options());
    expect(await event(second, 'process-ended')).toMatchObject({ status: { kind: 'signalled', signal: 9 } });
  });

  test('what processes tell of themselves is heard, also what they have told meanwhile', async () => {
    const say = `my $a = $ENV{NOTIFY_SOCKET}; $a =~ s/^@/\\0/; use Socket; socket(my $s, PF_UNIX, SOCK_DGRAM, 0);`;
    put(
      dir,
      'notify.pl',
      `${say} send($s, 'READY=1', 0, sockaddr_un($a)) or die; open(F, '>', '${dir}/said'); sleep 1000;`,
    );
    job('web', `expect notify\nexec perl ${dir}/notify.pl\n`);
    job(
      'fd',
      `expect fd 3\nscript\n  while [ ! -e ${dir}/go ]; do sleep 0.01; done; echo >&3; sleep 1000\nend script\n`,
    );
    const first = start(options());
    const requests = ['web', 'fd'].map((name) => first.request({ kind: 'start', job: name, wait: true }, () => {}));
    // Nobody reads while we wait like this.
    while (!existsSync(join(dir, 'said'))) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    expect(first.instance('web')?.state).toBe('spawned');
    const second = next(first, options());
    const answers = requests.map((request) => new Promise<Answer>((resolve) => second.awaitAnswer(request, resolve)));
    expect(await answers[0]).toMatchObject({ ok: true });
    put(dir, 'go', '');
    expect(await answers[1]).toMatchObject({ ok: true });
  });

  test('a process that waits before its program for a debugger still does', async () => {
    job('web', 'start on startup\ndebug\nexec sleep 1000\n');
    const first = start(options());
    const { pid } = await event(first, 'process-paused');
    const second = next(first, options());
    expect(second.instance('web')?.processes[0]).toMatchObject({ pid, paused: true });
    const resumed = event(second, 'process-resumed');
    process.kill(pid, 'SIGCONT');
    await resumed;
  });

  test('an end that was seen and not told is told by the next one', async () => {
    job('short', `start on startup\nscript\n  while [ ! -e ${dir}/go ]; do sleep 0.01; done; exit 3\nend script\n`);
    const first = start(options());
    const pid = mainPid(first, 'short');
    const started = new Promise<SupervisorEvent>((resolve) => {
      // Taken from the kernel, and not told yet: its output is being waited for.
      put(dir, 'go', '');
      let isTold = false;
      const look = (): void => {
        // Too late: nothing may be left behind that has its supervisor in the midst of the next test.
        if (isTold) return;
        if (existsSync(`/proc/${pid}`)) setImmediate(look);
        else {
          const second = new Supervisor({
            confDirs: [join(dir, 'conf')],
            logDir: join(dir, 'log'),
            ...options(),
            handedOver: handOver(first),
            onEvent: (some) => some.kind === 'process-ended' && resolve(some),
          });
          open.push(second);
          second.start();
        }
      };
      look();
      first.subscribe((some) => {
        if (some.kind !== 'process-ended') return;
        isTold = true;
        resolve(some);
      });
    });
    expect(await started).toMatchObject({ pid, status: { kind: 'exited', code: 3 } });
  });
});

test('descriptors of events are handed over, and passed to the job that waits for the rest of its event', async () => {
  job('reader', 'start on file and go\nscript\n  exec cat /proc/self/fd/$UPSTART_FDS\nend script\n');
  put(dir, 'text', 'from the event\n');
  const first = start();
  const fd = openSync(join(dir, 'text'), 'r');
  first.request({ kind: 'emit', name: 'file', fds: [fd] }, () => {});
  const handed = handOver(first);
  expect(descriptorsOf(handed)).toContain(fd);
  const second = start({ handedOver: handed });
  const gone = event(second, 'instance-removed');
  second.request({ kind: 'emit', name: 'go' }, () => {});
  await gone;
  expect(log('reader')).toBe('from the event\n');
  expect(existsSync(`/proc/self/fd/${fd}`)).toBe(false);
});

test('a shutdown that was over before it was handed over is over', async () => {
  job('web', 'start on startup\nexec sleep 1000\n');
  const first = start();
  await first.shutdown();
  const second = next(first);
  expect(second.isEnding).toBe(true);
  await second.shutdown();
});

test('whoever has let go of everything has nothing to shut down: the jobs go on', async () => {
  job('web', 'start on startup\nexec sleep 1000\n');
  const first = start();
  const pid = mainPid(first, 'web');
  const second = next(first);
  await first.shutdown();
  expect(mainPid(second, 'web')).toBe(pid);
  await second.close();
  await second.shutdown();
  expect(process.kill(pid ?? Number.NaN, 'SIGKILL')).toBe(true);
});

test('the journal has everything, in order', async () => {
  job('web', 'start on startup\nexec sleep 1000\n');
  const journal = openJournal(join(dir, 'journal'));
  const first = start({ journal });
  await journal.written();
  first.request({ kind: 'emit', name: 'last' }, () => {});
  const handed = handOver(first);
  const second = start({ handedOver: handed, journal: openJournal(join(dir, 'journal')) });
  await second.shutdown();
  await second.close();
  const lines = readFileSync(join(dir, 'journal/journal.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const names = lines.filter(({ what }) => what === 'input').map(({ input }) => input.name ?? input.kind);
  expect(names.indexOf('last')).toBeGreaterThan(names.indexOf('startup'));
  expect(names.indexOf('quiesce')).toBeGreaterThan(names.indexOf('last'));
  const numbers = lines.flatMap(({ what, number }) => (what === 'input' ? number : []));
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  const begun = lines.filter(({ what }) => what === 'began');
  expect(begun.map(({ continued, inputs }) => [continued, inputs > 0])).toEqual([
    [false, false],
    [true, true],
  ]);
  // What a crash has taken of the lines before, the state makes good.
  const kinds = lines.map(({ what }) => what);
  const [snapshot, ...others] = kinds.flatMap((what, place) => (what === 'snapshot' ? place : []));
  expect([lines[snapshot ?? 0].engine.input, others]).toEqual([begun[1].inputs, []]);
  expect(kinds.indexOf('input', kinds.lastIndexOf('began'))).toBeGreaterThan(snapshot ?? Number.NaN);
});

test('what an earlier version has written is read: 0.1.0, kept as it was', async () => {
  const handedOver = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/handed-over-1.json'), 'utf8'));
  job('web', 'start on startup\nrespawn\nexec sleep 1000\n');
  job('both', 'start on one and two\nexec sleep 1000\n');
  job('slow', 'pre-start exec sleep 1000\nexec sleep 1000\n');
  const messages: string[] = [];
  const supervisor = new Supervisor({
    confDirs: [join(dir, 'conf')],
    handedOver,
    onEvent: (some) => some.kind === 'message' && some.priority === 'warn' && messages.push(some.message),
  });
  open.push(supervisor);
  const answer = new Promise<Answer>((resolve) => supervisor.awaitAnswer(2, resolve));
  supervisor.start();
  // Its processes have been gone for years: that is said, who waited for one goes on, and what is to respawn does.
  expect(messages.sort()).toEqual([
    'slow pre-start process ended while nobody watched: how is not known',
    'web main process ended while nobody watched: how is not known',
  ]);
  expect(await answer).toMatchObject({ ok: true });
  expect(['web', 'slow'].map((name) => supervisor.instance(name)?.state)).toEqual(['running', 'running']);
  // Half of its condition was met before.
  await supervisor.emit('two');
  expect(supervisor.instance('both')?.env).toContain('X=1');
});

test('of a version that is not known nothing is taken', () => {
  const handed = { version: 2 } as unknown as HandedOver;
  expect(() => new Supervisor({ confDirs: [], handedOver: handed })).toThrow(
    'version 2 of what is handed over is not known here',
  );
});
