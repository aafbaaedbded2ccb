import { spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockFile } from '../src/file-lock.js';
import { native } from '../src/native.js';
import type { UtmpLayout } from '../src/native-system.js';
import { closeFd } from '../src/sockets.js';
import { appendWtmp, endUtmpProcess, readUtmp, writeUtmp } from '../src/utmp.js';
import { decodeRecord, EMPTY_RECORD, encodeRecord, type UtmpRecord } from '../src/utmp-record.js';
import { hasProgram } from './helpers/programs.js';

let folder: string;
let utmp: string;
let wtmp: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maverick-utmp-'));
  utmp = join(folder, 'utmp');
  wtmp = join(folder, 'wtmp');
  for (const file of [utmp, wtmp]) writeFileSync(file, '');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const AT = Date.UTC(2026, 10, 23, 8, 30, 15, 250);

const full: UtmpRecord = {
  type: 'user-process',
  pid: 4711,
  line: 'tty1',
  id: '1234',
  user: 'maverick',
  host: 'a'.repeat(256),
  exit: { termination: 15, status: 3 },
  session: 4710,
  timeMs: AT + 0.25,
};

/** The two that exist: with 32-bit times for the sake of old programs (glibc on x86), and with 64-bit ones. */
const LAYOUTS: readonly { what: string; layout: UtmpLayout }[] = [
  {
    what: '32-bit times',
    layout: {
      ...{ size: 384, type: 0, pid: 4, line: 8, id: 40, user: 44, host: 76, exit: 332, session: 336 },
      ...{ seconds: 340, microseconds: 344, secondsSize: 4, address: 348 },
    },
  },
  {
    what: '64-bit times',
    layout: {
      ...{ size: 400, type: 0, pid: 4, line: 8, id: 40, user: 44, host: 76, exit: 332, session: 336 },
      ...{ seconds: 344, microseconds: 352, secondsSize: 8, address: 360 },
    },
  },
];

describe.each(LAYOUTS)('a record with $what', ({ layout }) => {
  test('is read as it was written, fields filled to the last byte', () => {
    const bytes = encodeRecord(full, layout);
    expect(bytes).toHaveLength(layout.size);
    expect(decodeRecord(bytes, layout)).toEqual(full);
  });

  test('is empty where nothing is said', () => {
    expect(encodeRecord(EMPTY_RECORD, layout)).toEqual(Buffer.alloc(layout.size));
  });

  test('has text cut to its field', () => {
    const { user, id } = decodeRecord(encodeRecord({ ...full, user: 'u'.repeat(40), id: 'idents' }, layout), layout);
    expect({ user, id }).toEqual({ user: 'u'.repeat(32), id: 'iden' });
  });

  test('has times beyond 2038', () => {
    const timeMs = Date.UTC(2100, 0, 1);
    expect(decodeRecord(encodeRecord({ ...full, timeMs }, layout), layout)).toMatchObject({ timeMs });
  });
});

test("this libc's records are one of the two", () => {
  expect(LAYOUTS.map(({ layout }) => layout)).toContainEqual(native.utmpLayout());
});

describe('the file', () => {
  test('has one record of a runlevel, and one of a boot', () => {
    writeUtmp({ type: 'boot-time', user: 'reboot', line: '~', id: '~~', timeMs: AT }, utmp);
    writeUtmp({ type: 'run-level', pid: 0x4e32, user: 'runlevel', line: '~', id: '~~', timeMs: AT }, utmp);
    writeUtmp({ type: 'run-level', pid: 0x3235, user: 'runlevel', line: '~', id: '~~', timeMs: AT }, utmp);
    expect(readUtmp(utmp)).toEqual([
      { ...EMPTY_RECORD, type: 'boot-time', user: 'reboot', line: '~', id: '~~', timeMs: AT },
      { ...EMPTY_RECORD, type: 'run-level', pid: 0x3235, user: 'runlevel', line: '~', id: '~~', timeMs: AT },
    ]);
  });

  test('has one record of each id of a process, whatever becomes of it', () => {
    writeUtmp({ type: 'init-process', id: '1', pid: 10 }, utmp);
    writeUtmp({ type: 'init-process', id: '2', pid: 11 }, utmp);
    writeUtmp({ type: 'login-process', id: '1', pid: 10, user: 'LOGIN' }, utmp);
    expect(readUtmp(utmp).map(({ type, id }) => `${type} ${id}`)).toEqual(['login-process 1', 'init-process 2']);
  });

  test('has now for a time if none is said', () => {
    const before = Date.now();
    writeUtmp({ type: 'boot-time' }, utmp);
    const [record] = readUtmp(utmp);
    expect(record?.timeMs).toBeGreaterThanOrEqual(before);
    expect(record?.timeMs).toBeLessThanOrEqual(Date.now());
  });

  test('is not made where there is none', () => {
    expect(() => writeUtmp({ type: 'boot-time' }, join(folder, 'none'))).toThrow(
      expect.objectContaining({ code: 'ENOENT' }),
    );
    expect(endUtmpProcess(1, { utmp: join(folder, 'none'), wtmp })).toBe(false);
  });

  test('with a record that was written half loses that', () => {
    appendWtmp({ type: 'boot-time', user: 'reboot' }, wtmp);
    const { size } = statSync(wtmp);
    truncateSync(wtmp, size + 17);
    expect(readUtmp(wtmp)).toHaveLength(1);
    appendWtmp({ type: 'run-level', user: 'runlevel' }, wtmp);
    expect(readUtmp(wtmp).map(({ user }) => user)).toEqual(['reboot', 'runlevel']);
  });

  test('that somebody holds for good does not hold us up', () => {
    const fd = openSync(utmp, 'r+');
    expect(native.lockRecords(fd)).toBe(0);
    expect(() => writeUtmp({ type: 'boot-time' }, utmp)).toThrow(expect.objectContaining({ code: 'EAGAIN' }));
    closeFd(fd);
    writeUtmp({ type: 'boot-time' }, utmp);
  });
});

describe('the end of a process', () => {
  test('frees its record and is added to wtmp', () => {
    writeUtmp({ ...full, id: '1', pid: 20 }, utmp);
    writeUtmp({ ...full, id: '2', pid: 21 }, utmp);
    expect(endUtmpProcess(21, { utmp, wtmp, timeMs: AT })).toBe(true);
    const dead = { ...full, id: '2', pid: 21, type: 'dead-process', user: '', host: '' };
    expect(readUtmp(utmp)).toEqual([
      { ...full, id: '1', pid: 20 },
      { ...dead, timeMs: 0 },
    ]);
    expect(readUtmp(wtmp)).toEqual([{ ...dead, timeMs: AT }]);
  });

  test('says nothing of a process without a record, nor twice of one', () => {
    writeUtmp({ ...full, pid: 21 }, utmp);
    writeUtmp({ type: 'run-level', pid: 22 }, utmp);
    expect(endUtmpProcess(22, { utmp, wtmp })).toBe(false);
    expect(endUtmpProcess(21, { utmp, wtmp })).toBe(true);
    expect(endUtmpProcess(21, { utmp, wtmp })).toBe(false);
    expect(readFileSync(wtmp)).toHaveLength(native.utmpLayout().size);
  });
});

describe('other programs read it', () => {
  const TOOLS = { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', TZ: 'UTC', LC_ALL: 'C' }, encoding: 'utf8' } as const;

  test.skipIf(!hasProgram('utmpdump'))('utmpdump', () => {
    writeUtmp({ ...full, host: 'example.org', timeMs: AT }, utmp);
    expect(spawnSync('utmpdump', [utmp], TOOLS).stdout).toMatch(
      /^\[7\] \[04711\] \[1234\] \[maverick\] \[tty1 +\] \[example\.org +\] \[0\.0\.0\.0 +\] \[2026-11-23T08:30:15,250000\+00:00\]$/m,
    );
  });

  test.skipIf(!hasProgram('who'))('who, with the runlevel', () => {
    writeUtmp({ type: 'boot-time', user: 'reboot', line: '~', id: '~~', timeMs: AT }, utmp);
    writeUtmp({ type: 'run-level', pid: 0x3532, user: 'runlevel', line: '~', id: '~~', timeMs: AT }, utmp);
    const { stdout } = spawnSync('who', ['-b', '-r', utmp], TOOLS);
    expect(stdout).toMatch(/^ +system boot +Nov 23 08:30$/m);
    expect(stdout).toMatch(/^ +run-level 2 +Nov 23 08:30 +last=5$/m);
  });

  test.skipIf(!hasProgram('last'))('last', () => {
    appendWtmp({ type: 'boot-time', user: 'reboot', line: '~', id: '~~', host: '6.1', timeMs: AT - 60_000 }, wtmp);
    appendWtmp({ ...full, host: '', timeMs: AT }, wtmp);
    expect(spawnSync('last', ['-f', wtmp], TOOLS).stdout).toMatch(/^maverick tty1 .*Mon Nov 23 08:30/m);
  });
});

test('a lock on a file ends with its last descriptor', () => {
  const [one, other] = [openSync(utmp, 'r'), openSync(utmp, 'r')];
  expect(lockFile(one, 'exclusive')).toBe(true);
  expect(lockFile(other, 'shared')).toBe(false);
  expect(lockFile(one, 'shared')).toBe(true);
  expect(lockFile(other, 'shared')).toBe(true);
  expect(lockFile(one, 'exclusive')).toBe(false);
  closeFd(one);
  expect(lockFile(other, 'exclusive')).toBe(true);
  expect(lockFile(other, 'none')).toBe(true);
  closeFd(other);
  expect(() => lockFile(other, 'none')).toThrow(expect.objectContaining({ code: 'EBADF', syscall: 'flock' }));
});
