import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@maverick/dbus';
import { readJournal } from '@maverick/graph';
import { expect, test, vi } from 'vitest';
import { journalPlaces, openFirstJournal } from '../src/journal-place.js';
import { initctl } from './helpers/initctl.js';
import { tempDir } from './helpers/temp-dir.js';
import { TestDaemon } from './helpers/test-daemon.js';

// A busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

const ON = { journal: true };

test.each([
  { what: 'the state directory of the user', env: { XDG_STATE_HOME: '/s', HOME: '/h' }, place: '/s/upstart/journal' },
  {
    what: 'its usual place',
    env: { XDG_STATE_HOME: 'relative', HOME: '/h' },
    place: '/h/.local/state/upstart/journal',
  },
  { what: 'nowhere without a home', env: {}, place: undefined },
])('a session has its journal in $what', ({ env, place }) => {
  for (const mode of ['user', 'session'] as const) expect(journalPlaces(mode, ON, env, '/log')[0]).toBe(place);
});

test('the system has it in memory, or with the logs', () => {
  expect(['/run/upstart/journal', '/log/journal']).toContain(journalPlaces('system', ON, {}, '/log')[0]);
});

test.each([
  { options: { journal: false }, places: [] },
  { options: { journal: true, journalDir: '/j' }, places: ['/j'] },
])('$options', ({ options, places }) => {
  expect(journalPlaces('user', options, { HOME: '/h' }, undefined)).toEqual(places);
});

test('of several daemons each has one of its own, as long as there are places', async () => {
  const places = ['a', 'b'].map((name) => join(tempDir(), name));
  const [first, second] = [openFirstJournal(places), openFirstJournal(places)];
  expect(() => openFirstJournal(places)).toThrow(expect.objectContaining({ code: 'JournalInUse' }));
  await first?.close();
  await openFirstJournal(places)?.close();
  await second?.close();
});

const SERVICE = { 'web.conf': 'start on startup\nexec sleep 1000\n' };

test('a journal is kept by default, and can be read while it is written', async () => {
  const daemon = new TestDaemon({ files: SERVICE });
  await daemon.out.match(/web .*running/);
  const dir = join(daemon.home, '.local/state/upstart/journal');
  const newest = () => readJournal(dir, 1, { job: 'web', what: 'state-changed' })[0];
  while (newest()?.['to'] !== 'running') await new Promise(setImmediate);
  daemon.signal('SIGTERM');
  await daemon.ended;
  expect(newest()).toMatchObject({ from: 'post-stop', to: 'waiting' });
});

test('--no-journal keeps none', async () => {
  const daemon = new TestDaemon({ args: ['--user', '--live', '--no-journal'], files: SERVICE });
  await daemon.out.match(/web .*running/);
  daemon.signal('SIGTERM');
  await daemon.ended;
  expect(readJournal(join(daemon.home, '.local/state/upstart/journal'), 1)).toEqual([]);
});

/** A shell that mounts a file system so small that it is full at once, and what comes in there as `"$@"`. */
const withTinyDisk = (place: string): string[] => {
  const script = `mount -t tmpfs -o size=8k none ${place}\nexec "$@"`;
  return ['unshare', '-m', 'sh', '-ec', script, 'sh'];
};
const cantMount = spawnSync('unshare', ['-m', 'true']).status !== 0;
const why = cantMount ? ' (skipped: it takes a mount namespace, so root)' : '';

test.skipIf(cantMount)(`a full disk takes no journal, and stops neither the daemon nor a job${why}`, async () => {
  const place = tempDir();
  const args = ['--user', '--live', '--journal', place];
  const daemon = new TestDaemon({ args, files: SERVICE, within: withTinyDisk(place) });
  await daemon.out.match(/web .*running/);
  for (let round = 0; round < 3; round += 1) {
    expect((await initctl(daemon, 'restart', 'web')).stdout).toMatch(/^web start\/running, process \d+\n$/);
  }
  // Clients have the newest lines all the same.
  const upstart = await connect(daemon.address);
  const [newest] = await upstart.init1.journal({ job: 'web', what: 'state-changed', lines: 1 });
  expect(JSON.parse(newest ?? '')).toMatchObject({ to: 'running' });
  upstart.close();
  const written = statSync(`/proc/${daemon.pid}/root${place}/journal.jsonl`).size;
  expect(written).toBeLessThanOrEqual(8192);
  daemon.signal('SIGTERM');
  expect(await daemon.ended).toEqual({ code: 0, signal: null });
});
