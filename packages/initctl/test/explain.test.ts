import { beforeAll, describe, expect, test, vi } from 'vitest';
import { liveDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';

const daemon = liveDaemon({
  db: 'start on boot\nexec sleep 300\n',
  web: 'start on started db and net-up\nexec sleep 300\n',
  net: 'emits net-*\nexec sleep 300\n',
  boot: 'exec sleep 300\n',
});
const initctl = (...words: readonly string[]) => run(words, { env: daemon.env });

beforeAll(async () => {
  await initctl('emit', 'boot');
}, 120_000);

test('an event, spelt as conditions spell it', async () => {
  const { stdout, stderr } = await initctl('explain', 'started', 'JOB=db');
  expect([stdout, stderr]).toEqual([
    [
      'No event started JOB=db is being handled.',
      'It could come from db (now running).',
      'It would help to start web (which does not run), which then still needs: net-up.',
      '',
    ].join('\n'),
    '',
  ]);
  expect((await initctl('explain', 'net-up')).stdout).toContain('It would start web (which does not run).');
});

test.each(['started JOB=db', ' started  JOB=db '])('%j: a condition in one word of the shell', async (condition) => {
  const { stdout } = await initctl('explain', condition);
  expect(stdout).toBe((await initctl('explain', 'started', 'JOB=db')).stdout);
});

test('a job comes before an event of its name, unless the event is asked for', async () => {
  expect((await initctl('explain', 'boot')).stdout).toMatch(/^boot does not run/);
  expect((await initctl('explain', '--event', 'boot')).stdout).toMatch(/^No event boot is being handled/);
});

test('who waits for a job', async () => {
  expect((await initctl('explain', 'db')).stdout).toContain('web waits for its started event, and for: net-up.');
});

test.each([
  [['explain', 'dbb'], 'initctl: Unknown job: dbb\n'],
  [['explain'], "initctl: missing job name\nTry `initctl --help' for more information.\n"],
  [['explain', '--event'], "initctl: missing event name\nTry `initctl --help' for more information.\n"],
])('%j is refused: %s', async (words, stderr) => {
  expect(await initctl(...words)).toEqual({ status: 1, stdout: '', stderr });
});

describe('how it was once', () => {
  const past = liveDaemon({
    db: 'start on boot\nexec sleep 300\n',
    web: 'start on started db and net-up\nexec sleep 300\n',
    worker: 'instance $N\nexec sleep 300\n',
  });
  const ask = (...words: readonly string[]) => run(words, { env: past.env });
  const moments: string[] = [];

  /** A moment between two things that happen. */
  const moment = async (): Promise<void> => {
    const before = new Date().toISOString();
    await vi.waitFor(() => expect(new Date().toISOString() > before).toBe(true), { timeout: 60_000 });
    moments.push(new Date().toISOString());
  };
  const at = (index: number): string => `--at=${moments[index]}`;

  beforeAll(async () => {
    await moment();
    await ask('emit', 'boot');
    await moment();
    await ask('emit', 'net-up', 'IFACE=eth0');
    await ask('start', 'worker', 'N=7');
    await moment();
    await ask('stop', 'web');
    await ask('stop', 'db');
    // The journal is written between other things.
    await vi.waitFor(async () => expect((await ask('explain', 'web', '--at=0s')).stdout).toMatch(/^web does not run/), {
      timeout: 60_000,
    });
  }, 120_000);

  test('from the journal, by telling an engine the same again', async () => {
    expect((await ask('explain', 'db', at(0))).stdout).toMatch(/^db does not run.*\nIt has not run\./);
    expect((await ask('explain', 'web', at(1))).stdout).toMatch(
      /^web does not run[\s\S]*Its start on still needs: net-up\. It has seen started db \(/,
    );
    expect((await ask('explain', 'web', at(2))).stdout).toMatch(
      /^web is start\/running, for .*\nBecause: event net-up IFACE=eth0, .* \(after started JOB=db INSTANCE=, /,
    );
    expect((await ask('explain', 'worker', 'N=7', at(2))).stdout).toMatch(/^worker \(7\) is start\/running/);
    expect((await ask('explain', 'started', 'JOB=db', at(1))).stdout).toContain('which then still needs: net-up.');
    const { stdout } = await ask('explain', 'web', at(2), '--json');
    expect(JSON.parse(stdout)).toMatchObject({ job: 'web', event: null, details: { kind: 'job' } });
  });

  test('of a daemon that is dead, from its directory', async () => {
    const dir = (await ask('explain', 'web', at(2), '--journal-dir', `${past.folder}/.local/state/upstart/journal`))
      .stdout;
    expect(dir).toMatch(/^web is start\/running/);
  });

  test('what the journal can not tell is said', async () => {
    const early = await ask('explain', 'web', '--at=2020');
    expect(early).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('The journal can not tell how it was at 2020'),
    });
    expect(await ask('explain', '--at=1s')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('missing job name'),
    });
    expect(await ask('explain', 'db', '--at=soon')).toMatchObject({ status: 1 });
    expect(await ask('explain', 'db', '--at=2130-01-01')).toEqual({
      status: 1,
      stdout: '',
      stderr: 'initctl: 2130-01-01 is still to come: simulate tells what would happen\n',
    });
  });
});
