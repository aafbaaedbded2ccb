import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type FileChange, type Inotify, type InotifyEvent, watchInotify } from '../src/inotify.js';

vi.setConfig({ testTimeout: 120_000 });

const ENTRIES: readonly FileChange[] = ['create', 'delete', 'moved-from', 'moved-to', 'close-write'];

let folder: string;
let inotify: Inotify;
let events: InotifyEvent[];
let look: () => void;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maverick-inotify-'));
  events = [];
  look = () => {};
  inotify = watchInotify((batch) => {
    events.push(...batch);
    look();
  });
});
afterEach(() => {
  inotify.close();
  rmSync(folder, { recursive: true, force: true });
});

const path = (name: string): string => join(folder, name);

/** Everything up to the first event that is looked for. */
const until = (found: (event: InotifyEvent) => boolean) =>
  new Promise<readonly InotifyEvent[]>((resolve) => {
    look = () => {
      if (events.some(found)) resolve(events);
    };
    look();
  });

/** The last word of an order: a file that is only made to see it. */
const allUntilNow = async () => {
  writeFileSync(path('end'), '');
  const all = await until((event) => 'name' in event && event.name === 'end' && event.kind === 'close-write');
  return all.filter((event) => !('name' in event) || event.name !== 'end');
};

const brief = (all: readonly InotifyEvent[]) =>
  all.map((event) =>
    'name' in event ? `${event.kind} ${event.name ?? '.'}${event.directory ? '/' : ''}` : event.kind,
  );

describe('the files of a directory', () => {
  test.each<{ what: string; happens: () => void; told: readonly string[] }>([
    { what: 'writing', happens: () => writeFileSync(path('a'), 'x'), told: ['create a', 'close-write a'] },
    { what: 'making a directory', happens: () => mkdirSync(path('d')), told: ['create d/'] },
    { what: 'deleting', happens: () => unlinkSync(path('old')), told: ['delete old'] },
    { what: 'deleting a directory', happens: () => rmdirSync(path('olddir')), told: ['delete olddir/'] },
    { what: 'linking', happens: () => linkSync(path('old'), path('hard')), told: ['create hard'] },
    { what: 'a symbolic link', happens: () => symlinkSync('nowhere', path('soft')), told: ['create soft'] },
    {
      what: 'renaming over another',
      happens: () => renameSync(path('old'), path('other')),
      told: ['moved-from old', 'moved-to other'],
    },
    { what: 'what happens below', happens: () => writeFileSync(path('olddir/below'), ''), told: [] },
  ])('$what', async ({ happens, told }) => {
    writeFileSync(path('old'), '');
    writeFileSync(path('other'), '');
    mkdirSync(path('olddir'));
    inotify.add(folder, ENTRIES);
    happens();
    expect(brief(await allUntilNow())).toEqual(told);
  });

  test('a rename has the same cookie at both ends', async () => {
    mkdirSync(path('from'));
    mkdirSync(path('to'));
    const from = inotify.add(path('from'), ['moved-from']);
    const to = inotify.add(path('to'), ['moved-to']);
    writeFileSync(path('from/x'), '');
    renameSync(path('from/x'), path('to/y'));
    const all = await until(({ kind }) => kind === 'moved-to');
    const [left, arrived] = all;
    expect(left).toMatchObject({ watch: from, name: 'x', cookie: expect.any(Number) });
    expect(arrived).toEqual({ ...left, kind: 'moved-to', watch: to, name: 'y' });
    expect(left).not.toMatchObject({ cookie: 0 });
  });

  test.each([
    { what: 'of 255 bytes', name: 'n'.repeat(255) },
    { what: 'of one byte', name: 'x' },
    { what: 'beyond ASCII', name: 'grün-絵-🐢' },
    { what: 'with a newline', name: 'a\nb' },
  ])('a name $what', async ({ name }) => {
    inotify.add(folder, ['create', 'close-write']);
    writeFileSync(path(name), '');
    const [event] = await allUntilNow();
    expect(event).toMatchObject({ kind: 'create', name, directory: false });
    expect(event).not.toHaveProperty('nameBytes');
  });

  test('a name that is no UTF-8 is told with its bytes', async () => {
    inotify.add(folder, ['create', 'close-write']);
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/a`), Buffer.from([0xff, 0x62])]), '');
    const [event] = await allUntilNow();
    expect(event).toMatchObject({ name: 'a\ufffdb', nameBytes: Uint8Array.of(0x61, 0xff, 0x62) });
  });
});

describe('a watched file', () => {
  test('has no name in its events, and its deletion ends the watch', async () => {
    writeFileSync(path('file'), '');
    const watch = inotify.add(path('file'), ['close-write', 'attrib', 'delete-self']);
    writeFileSync(path('file'), 'x');
    unlinkSync(path('file'));
    const all = await until(({ kind }) => kind === 'ignored');
    expect(brief(all)).toEqual(['close-write .', 'attrib .', 'delete-self .', 'ignored']);
    expect(all.every((event) => 'watch' in event && event.watch === watch)).toBe(true);
    expect(inotify.remove(watch)).toBe(false);
  });

  test('has one watch, whatever the path; its changes are replaced, or added to', async () => {
    const first = inotify.add(folder, ['create', 'close-write']);
    expect(inotify.add(`${folder}/.`, ['delete'], { more: true })).toBe(first);
    writeFileSync(path('x'), '');
    unlinkSync(path('x'));
    expect(brief(await allUntilNow())).toEqual(['create x', 'close-write x', 'delete x']);
    expect(inotify.add(folder, ['close-write'])).toBe(first);
    events.length = 0;
    writeFileSync(path('y'), '');
    expect(brief(await allUntilNow())).toEqual(['close-write y']);
  });

  test('is told of no more once removed, after `ignored`', async () => {
    const watch = inotify.add(folder, ['create']);
    expect(inotify.remove(watch)).toBe(true);
    writeFileSync(path('x'), '');
    expect(await until(({ kind }) => kind === 'ignored')).toEqual([{ kind: 'ignored', watch }]);
    expect(inotify.remove(watch)).toBe(false);
  });

  test('is told of once with `once`', async () => {
    inotify.add(folder, ['create'], { once: true });
    writeFileSync(path('x'), '');
    writeFileSync(path('y'), '');
    expect(brief(await until(({ kind }) => kind === 'ignored'))).toEqual(['create x', 'ignored']);
  });

  test('can be named by a descriptor, which follows it through renames', async () => {
    mkdirSync(path('d'));
    const fd = openSync(path('d'), 'r');
    renameSync(path('d'), path('e'));
    inotify.add({ fd }, ['create'], { onlyDirectory: true, noFollow: true });
    closeSync(fd);
    writeFileSync(path('e/x'), '');
    expect(brief(await until(({ kind }) => kind === 'create'))).toEqual(['create x']);
  });

  test('can be named by bytes', async () => {
    const bytes = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xfe])]);
    mkdirSync(bytes);
    inotify.add(bytes, ['create']);
    mkdirSync(Buffer.concat([bytes, Buffer.from('/x')]));
    expect(brief(await until(({ kind }) => kind === 'create'))).toEqual(['create x/']);
  });

  test('behind a link is followed, or not', async () => {
    writeFileSync(path('target'), '');
    symlinkSync('target', path('link'));
    const followed = inotify.add(path('link'), ['modify', 'attrib']);
    expect(inotify.add(path('target'), ['modify', 'attrib'])).toBe(followed);
    expect(inotify.add(path('link'), ['delete-self'], { noFollow: true })).not.toBe(followed);
    unlinkSync(path('link'));
    expect(brief(await until(({ kind }) => kind === 'ignored'))).toEqual(['delete-self .', 'ignored']);
  });
});

describe('what can not be watched', () => {
  test.each([
    { what: 'a file that is not there', target: '/nonexistent/file', options: {}, code: 'ENOENT' },
    {
      what: 'a file where a directory is wanted',
      target: '/etc/passwd',
      options: { onlyDirectory: true },
      code: 'ENOTDIR',
    },
    { what: 'a path of 4096 bytes', target: `/${'x/'.repeat(2048)}`, options: {}, code: 'ENAMETOOLONG' },
    { what: 'a path with a NUL', target: '/etc/passwd\0x', options: {}, code: 'EINVAL' },
    { what: 'no descriptor', target: { fd: 999_999 }, options: {}, code: 'ENOENT' },
  ])('$what is told as $code', ({ target, options, code }) => {
    expect(() => inotify.add(target, ['create'], options)).toThrow(
      expect.objectContaining({ name: 'SystemError', code, syscall: 'inotify_add_watch' }),
    );
  });

  test('what is watched already, if it must not be', () => {
    inotify.add(folder, ['create']);
    expect(() => inotify.add(folder, ['create'], { exclusive: true })).toThrow(
      expect.objectContaining({ code: 'EEXIST' }),
    );
  });

  test('anything, once closed', () => {
    inotify.close();
    inotify.close();
    expect(() => inotify.add(folder, ['create'])).toThrow(expect.objectContaining({ code: 'EBADF' }));
    expect(inotify.remove(1)).toBe(false);
  });
});

test('more changes than the kernel keeps are told as an overflow, after all that it kept', async () => {
  const kept = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
  inotify.add(folder, ['create', 'delete']);
  // Two kinds in turn, for the kernel merges equal neighbours.
  for (let i = 0; i <= kept / 2 + 1; i++) {
    writeFileSync(path('x'), '');
    unlinkSync(path('x'));
  }
  const all = await until(({ kind }) => kind === 'overflow');
  expect(all).toHaveLength(kept + 1);
  expect(all.at(-1)).toEqual({ kind: 'overflow' });
  expect(existsSync(path('x'))).toBe(false);
});

test('no descriptor is left behind', () => {
  const lowestFree = () => {
    const fd = openSync('/dev/null', 'r');
    closeSync(fd);
    return fd;
  };
  const before = lowestFree();
  for (let i = 0; i < 50; i++) watchInotify(() => {}).close();
  expect(lowestFree()).toBe(before);
});
