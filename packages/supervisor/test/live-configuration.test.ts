import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InotifyEvent } from '@maverick/spawner';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OpenFileWatch } from '../src/watch-table.js';
import { put, Watched } from './helpers/watched.js';

let root = '';
let conf = '';
let watched: Watched;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'maverick-live-'));
  conf = join(root, 'conf');
  put(conf, 'web.conf', 'description "first"\n');
  put(conf, 'net/db.conf', 'description "db"\n');
  watched = new Watched([conf]);
  watched.events.length = 0;
});
afterEach(async () => {
  await watched.close();
  rmSync(root, { recursive: true });
});

const file = (path: string): string => join(conf, path);
const DB = 'net/db: db';

test.each<{ what: string; act: () => void; jobs: string[] }>([
  { what: 'a new file', act: () => put(conf, 'new.conf', 'description "new"\n'), jobs: [DB, 'new: new', 'web: first'] },
  { what: 'a file that is written again', act: () => put(conf, 'web.conf', 'description "2"\n'), jobs: [DB, 'web: 2'] },
  {
    what: 'a file that is renamed onto another',
    act: () => {
      put(root, 'temp', 'description "2"\n');
      renameSync(join(root, 'temp'), file('web.conf'));
    },
    jobs: [DB, 'web: 2'],
  },
  { what: 'a file that is renamed', act: () => renameSync(file('web.conf'), file('w.conf')), jobs: [DB, 'w: first'] },
  { what: 'a file that is renamed away', act: () => renameSync(file('web.conf'), file('web.old')), jobs: [DB] },
  { what: 'a file that is deleted', act: () => unlinkSync(file('web.conf')), jobs: [DB] },
  {
    what: 'an override',
    act: () => put(conf, 'web.override', 'description "over"\n'),
    jobs: [DB, 'web: over'],
  },
  {
    what: 'an override that is there before its definition',
    act: () => {
      put(conf, 'late.override', 'description "over"\n');
      put(conf, 'late.conf', 'description "plain"\n');
    },
    jobs: ['late: over', DB, 'web: first'],
  },
  {
    what: 'an override that comes and goes',
    act: () => {
      put(conf, 'web.override', 'description "over"\n');
      unlinkSync(file('web.override'));
    },
    jobs: [DB, 'web: first'],
  },
  { what: 'a new directory', act: () => put(conf, 'a/b/c.conf', ''), jobs: ['a/b/c', DB, 'web: first'] },
  { what: 'a directory that is deleted', act: () => rmSync(file('net'), { recursive: true }), jobs: ['web: first'] },
  { what: 'a directory that is moved away', act: () => renameSync(file('net'), join(root, 'n')), jobs: ['web: first'] },
  {
    what: 'a directory that is renamed',
    act: () => renameSync(file('net'), file('n')),
    jobs: ['n/db: db', 'web: first'],
  },
  {
    what: 'a directory that is moved in',
    act: () => {
      put(root, 'other/x.conf', '');
      renameSync(join(root, 'other'), file('other'));
    },
    jobs: [DB, 'other/x', 'web: first'],
  },
  {
    what: 'a file in a directory that was renamed',
    act: () => {
      renameSync(file('net'), file('n'));
      put(conf, 'n/x.conf', '');
    },
    jobs: ['n/db: db', 'n/x', 'web: first'],
  },
  {
    what: 'a symbolic link to a file',
    act: () => {
      put(root, 'elsewhere', 'description "linked"\n');
      symlinkSync('../elsewhere', file('link.conf'));
    },
    jobs: ['link: linked', DB, 'web: first'],
  },
  {
    what: 'a hard link',
    act: () => linkSync(file('web.conf'), file('hard.conf')),
    jobs: ['hard: first', DB, 'web: first'],
  },
  {
    what: 'a configuration directory that is replaced by a rename',
    act: () => {
      put(root, 'next/fresh.conf', '');
      renameSync(conf, join(root, 'previous'));
      renameSync(join(root, 'next'), conf);
    },
    jobs: ['fresh'],
  },
  {
    what: 'a configuration directory that is deleted and made again',
    act: () => {
      rmSync(conf, { recursive: true });
      put(conf, 'again.conf', '');
    },
    jobs: ['again'],
  },
  {
    what: 'a directory above that is replaced by a rename',
    act: () => {
      renameSync(root, `${root}-old`);
      put(conf, 'fresh.conf', '');
      rmSync(`${root}-old`, { recursive: true });
    },
    jobs: ['fresh'],
  },
  { what: 'what is no job file', act: () => put(conf, 'notes.txt', ''), jobs: [DB, 'web: first'] },
  { what: 'a hidden directory', act: () => put(conf, '.git/x.conf', ''), jobs: [DB, 'web: first'] },
])('$what is taken in', async ({ act, jobs }) => {
  act();
  await watched.settled(conf);
  expect(watched.jobs).toEqual([...jobs].sort());
});

test('the target of a link is watched, whatever becomes of it', async () => {
  const target = join(root, 'elsewhere/target');
  put(root, 'elsewhere/target', 'description "one"\n');
  symlinkSync(target, file('link.conf'));
  await watched.settled(conf);
  const link = () => watched.supervisor.job('link')?.definition.description;
  expect(link()).toBe('one');
  for (const [text, act] of [
    ['written', () => writeFileSync(target, 'description "written"\n')],
    [undefined, () => renameSync(join(root, 'elsewhere'), join(root, 'moved'))],
    ['made again', () => put(root, 'elsewhere/target', 'description "made again"\n')],
    [undefined, () => unlinkSync(target)],
  ] as const) {
    act();
    await watched.settled(conf);
    expect(link()).toBe(text);
  }
});

test('a directory that does not exist yet is read when it appears', async () => {
  const later = join(root, 'to/be/made');
  const other = new Watched([later]);
  mkdirSync(join(root, 'to'));
  put(later, 'web.conf', 'description "late"\n');
  await other.settled(later);
  expect(other.jobs).toEqual(['web: late']);
  await other.close();
});

test('a link to a configuration directory is watched, too', async () => {
  put(root, 'a/one.conf', '');
  put(root, 'b/two.conf', '');
  const link = join(root, 'link');
  symlinkSync('a', link);
  const other = new Watched([link]);
  expect(other.jobs).toEqual(['one']);
  symlinkSync('b', join(root, 'new-link'));
  renameSync(join(root, 'new-link'), link);
  await other.settled(link);
  expect(other.jobs).toEqual(['two']);
  await other.close();
});

test('a job that has not changed is not touched: neither by a touched file, nor by a reload', async () => {
  await watched.supervisor.startJob('web');
  utimesSync(file('web.conf'), 1, 1);
  chmodSync(file('web.conf'), 0o600);
  put(conf, 'web.conf', 'description "first"\n');
  put(conf, 'web.conf', '# the same with a comment\ndescription "first"\n');
  await watched.settled(conf);
  watched.supervisor.reloadConfiguration();
  expect(watched.changes).toEqual([]);
});

describe('a broken edit', () => {
  test('keeps the last good definition, marks the job, and says so once', async () => {
    put(conf, 'web.conf', 'no such stanza\n');
    put(conf, 'other.conf', '');
    await watched.settled(conf);
    utimesSync(file('web.conf'), 1, 1);
    put(conf, 'web.conf', 'no such stanza\n');
    await watched.settled(conf);
    expect(watched.jobs).toEqual([DB, 'other', 'web: first'].sort());
    expect(watched.supervisor.staleBecauseOf('web')).toBe(file('web.conf'));
    expect(watched.diagnostics).toMatchObject([{ path: file('web.conf'), line: 1, message: 'Unknown stanza' }]);
    expect(watched.changes).toEqual(['stale web', 'added other']);
  });

  test('is told again when it is broken in another way, and forgotten when it is mended', async () => {
    put(conf, 'web.conf', 'no such stanza\n');
    await watched.settled(conf);
    put(conf, 'web.conf', '\nno such stanza\n');
    await watched.settled(conf);
    put(conf, 'web.conf', 'description "mended"\n');
    await watched.settled(conf);
    expect(watched.diagnostics.map(({ line }) => line)).toEqual([1, 2]);
    expect(watched.supervisor.staleBecauseOf('web')).toBeUndefined();
    expect(watched.jobs).toContain('web: mended');
  });

  test('of an override keeps what the job was together with it', async () => {
    expect(watched.supervisor.filesOf('web')).toEqual({ file: file('web.conf') });
    put(conf, 'web.override', 'description "over"\n');
    await watched.settled(conf);
    expect(watched.supervisor.filesOf('web')).toEqual({ file: file('web.conf'), override: file('web.override') });
    put(conf, 'web.override', 'nonsense\n');
    await watched.settled(conf);
    expect(watched.jobs).toContain('web: over');
    expect(watched.supervisor.staleBecauseOf('web')).toBe(file('web.override'));
  });
});

describe('the limits of inotify', () => {
  const refusing =
    (code: string): OpenFileWatch =>
    () => ({
      add: () => {
        throw Object.assign(new Error(`inotify_add_watch: ${code}`), { code });
      },
      remove: () => true,
      close: () => {},
    });
  const messagesOf = (all: Watched): string[] =>
    all.events.flatMap((event) => (event.kind === 'message' && event.priority === 'warn' ? [event.message] : []));

  test.each([
    { what: 'no watch is left', watch: refusing('ENOSPC') },
    {
      what: 'no watcher is left',
      watch: (() => {
        throw Object.assign(new Error('inotify_init: EMFILE'), { code: 'EMFILE' });
      }) satisfies OpenFileWatch,
    },
  ])('where $what, one warning says so, and a reload on request works', async ({ watch }) => {
    const other = new Watched([conf], { watch });
    expect(other.jobs).toEqual([DB, 'web: first']);
    put(conf, 'new.conf', '');
    other.supervisor.reloadConfiguration();
    expect(other.jobs).toEqual([DB, 'new', 'web: first']);
    expect(messagesOf(other)).toEqual([
      expect.stringMatching(/Unable to watch configuration .*reload the configuration/),
    ]);
    await other.close();
  });

  test('when events were lost, everything is looked at anew', async () => {
    let tell: (events: readonly InotifyEvent[]) => void = () => {};
    const deaf: OpenFileWatch = (onEvents) => {
      tell = onEvents;
      let last = 0;
      return { add: () => ++last, remove: () => true, close: () => {} };
    };
    const other = new Watched([conf], { watch: deaf });
    put(conf, 'new.conf', '');
    unlinkSync(file('web.conf'));
    tell([{ kind: 'overflow' }]);
    // A request takes in what is known to have changed.
    await other.supervisor.startJob('new');
    expect(other.jobs).toEqual([DB, 'new']);
    await other.close();
  });
});

test('while files are let go of nothing is watched; then all is read, and watched again', async () => {
  await watched.supervisor.releaseFiles();
  put(conf, 'new.conf', '');
  const other = new Watched([conf]);
  await other.settled(conf);
  await other.close();
  expect(watched.supervisor.job('new')).toBeUndefined();
  await watched.supervisor.resumeFiles();
  expect(watched.supervisor.job('new')).toBeDefined();
  put(conf, 'web.conf', 'description "again"\n');
  await watched.settled(conf);
  expect(watched.jobs).toContain('web: again');
});

test('without watching, files are read on request only', async () => {
  const other = new Watched([conf], { watch: false });
  put(conf, 'new.conf', '');
  await watched.settled(conf);
  expect(other.supervisor.job('new')).toBeUndefined();
  other.supervisor.reloadConfiguration();
  expect(other.supervisor.job('new')).toBeDefined();
  await other.close();
});
