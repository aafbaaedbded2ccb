import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type UpstartClient } from '@maverick/dbus';
import { readJournal } from '@maverick/graph';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { initctl } from './helpers/initctl.js';
import { tempDir } from './helpers/temp-dir.js';
import { TestDaemon, type TestDaemonOptions } from './helpers/test-daemon.js';

// A busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

/** Changes of files while the daemon runs, as `initctl` shows what came of them. */

const SLEEP = 'exec sleep 1000\n';

interface Watched {
  readonly daemon: TestDaemon;
  readonly upstart: UpstartClient;
  /** Wait until these are all the jobs that there are, in the order of their names. */
  jobs(...names: readonly string[]): Promise<void>;
  /** Wait until a job has this description. */
  described(job: string, description: string): Promise<void>;
}

const SOON = { timeout: 60_000, interval: 20 };

const watch = async (options: TestDaemonOptions): Promise<Watched> => {
  const daemon = new TestDaemon({ args: ['--user', '--live', '--verbose'], ...options });
  await daemon.out.match(/startup/);
  const upstart = await connect(daemon.address);
  onTestFinished(() => upstart.close());
  return {
    daemon,
    upstart,
    jobs: (...names) =>
      expect.poll(async () => (await upstart.list()).map(({ name }) => name).sort(), SOON).toEqual(names),
    described: (job, description) =>
      expect.poll(async () => (await upstart.job(job).properties()).description, SOON).toBe(description),
  };
};

const pidOf = async (upstart: UpstartClient, job: string): Promise<number | undefined> =>
  (await upstart.list()).find(({ name }) => name === job)?.instances[0]?.status.processes[0]?.pid;

describe('jobs come and go with their files', () => {
  test('written, renamed onto, moved in with a directory, moved away, and removed', async () => {
    const { daemon, jobs, described } = await watch({ files: {} });
    const at = (name: string): string => join(daemon.confDir, name);
    daemon.write('a.conf', SLEEP);
    await jobs('a');
    writeFileSync(at('new'), `description "new"\n${SLEEP}`);
    renameSync(at('new'), at('a.conf'));
    await described('a', 'new');
    const aside = tempDir();
    mkdirSync(join(aside, 'deep/er'), { recursive: true });
    writeFileSync(join(aside, 'deep/er/b.conf'), SLEEP);
    renameSync(join(aside, 'deep'), at('deep'));
    await jobs('a', 'deep/er/b');
    daemon.write('deep/er/c.conf', SLEEP);
    await jobs('a', 'deep/er/b', 'deep/er/c');
    renameSync(at('deep'), join(aside, 'deep'));
    await jobs('a');
    rmSync(at('a.conf'));
    await jobs();
  });

  test('links, symbolic and hard', async () => {
    const { daemon, jobs, described } = await watch({ files: {} });
    const target = join(tempDir(), 'target');
    writeFileSync(target, SLEEP);
    symlinkSync(target, join(daemon.confDir, 'a.conf'));
    await jobs('a');
    writeFileSync(target, `description "through the link"\n${SLEEP}`);
    await described('a', 'through the link');
    linkSync(target, join(daemon.confDir, 'b.conf'));
    await jobs('a', 'b');
    rmSync(target);
    await jobs('b');
  });

  test('a directory that was missing at the start appears, goes, and appears again', async () => {
    const later = join(tempDir(), 'not/yet');
    const { jobs } = await watch({ args: ['--user', '--live', '--append-confdir', later] });
    for (let round = 1; round <= 2; round += 1) {
      mkdirSync(later, { recursive: true });
      writeFileSync(join(later, 'late.conf'), SLEEP);
      await jobs('late');
      rmSync(join(later, '..'), { recursive: true });
      await jobs();
    }
  });

  test('a .conf that comes after its .override gets it, and each start says what the override changed', async () => {
    const { daemon, jobs, described } = await watch({ files: { 'a.override': 'description "overridden"\nnice 5\n' } });
    daemon.write('a.conf', `description "own"\n${SLEEP}`);
    await jobs('a');
    await described('a', 'overridden');
    const said = `init: a is changed by ${join(daemon.confDir, 'a.override')}: description, nice\n`;
    for (let starts = 1; starts <= 2; starts += 1) {
      await initctl(daemon, 'start', 'a');
      await initctl(daemon, 'stop', 'a');
      expect(daemon.err.text.split(said).length - 1).toBe(starts);
    }
    rmSync(join(daemon.confDir, 'a.override'));
    await described('a', 'own');
  });
});

describe('a broken edit', () => {
  test('keeps the last good definition; status, show-config, the journal and a signal say so, the log once', async () => {
    const good = `description "good"\nstart on go\n${SLEEP}`;
    const { daemon, upstart, described } = await watch({ files: { 'a.conf': good } });
    const path = join(daemon.confDir, 'a.conf');
    await initctl(daemon, 'start', 'a');
    const pid = await pidOf(upstart, 'a');
    const stale = async () => (await upstart.job('a').properties()).staleBecauseOf;
    const signals = upstart.events({ properties: true });
    daemon.write('a.conf', 'respawn\nnonsense\n');
    await expect.poll(stale, SOON).toBe(path);
    for await (const event of signals) {
      if (event.kind === 'properties-changed' && event.changed.get('stale_because_of')?.value === path) break;
    }
    const note = `\tstale: the last good definition is in use, because of an error in ${path}\n`;
    expect((await initctl(daemon, 'status', 'a')).stdout).toBe(`a start/running, process ${pid}\n${note}`);
    expect((await initctl(daemon, 'show-config', 'a')).stdout).toBe(
      `a\n  start on go\n  # stale: the last good definition, because of an error in ${path}\n`,
    );
    await initctl(daemon, 'reload-configuration');
    expect(daemon.err.text.match(/keeps its last good definition/g)).toHaveLength(1);
    // It is used, too: for new starts as well.
    await initctl(daemon, 'restart', 'a');
    await initctl(daemon, 'stop', 'a');
    expect((await initctl(daemon, 'status', 'a')).stdout).toBe(`a stop/waiting\n${note}`);
    daemon.write('a.conf', good.replace('good', 'mended'));
    await described('a', 'mended');
    expect((await initctl(daemon, 'status', 'a')).stdout).toBe('a stop/waiting\n');
    daemon.signal('SIGTERM');
    await daemon.ended;
    const facts = readJournal(join(daemon.home, '.local/state/upstart/journal'), 1000, { job: 'a' });
    expect(facts.flatMap(({ what }) => (/^job-(?:stale|fresh)$/.test(what) ? [what] : []))).toEqual([
      'job-stale',
      'job-fresh',
    ]);
  });
});

test('jobs that did not change are not touched by reload-configuration', async () => {
  const { daemon, upstart } = await watch({ files: { 'a.conf': SLEEP, 'b.conf': SLEEP } });
  await initctl(daemon, 'start', 'a');
  const pid = await pidOf(upstart, 'a');
  const events = upstart.events();
  await initctl(daemon, 'reload-configuration');
  await initctl(daemon, 'emit', 'after');
  // The original tells of JobRemoved and JobAdded for each job in between.
  expect((await events.next()).value).toEqual({ kind: 'event-emitted', name: 'after', env: [] });
  expect(await pidOf(upstart, 'a')).toBe(pid);
});
