import { endianness } from 'node:os';
import type { UtmpLayout } from './native-system.js';

/** Kinds of records; the position is the number in the file. */
const TYPES = [
  'empty',
  'run-level',
  'boot-time',
  'new-time',
  'old-time',
  'init-process',
  'login-process',
  'user-process',
  'dead-process',
  'accounting',
] as const;

export type UtmpType = (typeof TYPES)[number];

/** A record of utmp(5) or wtmp. Text that is longer than its field is cut. */
export interface UtmpRecord {
  readonly type: UtmpType;
  /** Of the process; for `run-level` the level's character code plus 256 times the one before. */
  readonly pid: number;
  /** The terminal below `/dev`, or `~`. */
  readonly line: string;
  /** At most 4 bytes: which of init's entries. */
  readonly id: string;
  readonly user: string;
  /** Where from; the kernel's release for `run-level` and `boot-time`. */
  readonly host: string;
  /** How a `dead-process` ended: its signal, or its status. */
  readonly exit: { readonly termination: number; readonly status: number };
  readonly session: number;
  /** Milliseconds since 1970; the file has microseconds. */
  readonly timeMs: number;
}

/** What a record has where nothing is said. */
export const EMPTY_RECORD: UtmpRecord = {
  type: 'empty',
  pid: 0,
  line: '',
  id: '',
  user: '',
  host: '',
  exit: { termination: 0, status: 0 },
  session: 0,
  timeMs: 0,
};

/** Widths of the text fields, the same in every libc. */
const WIDTHS = { line: 32, id: 4, user: 32, host: 256 } as const;
const TEXTS = Object.keys(WIDTHS) as (keyof typeof WIDTHS)[];

const LITTLE_ENDIAN = endianness() === 'LE';

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** Text up to the first NUL; a full field has none. */
const readText = (bytes: Buffer, at: number, width: number): string => {
  const field = bytes.subarray(at, at + width);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? width : end);
};

/** 32-bit seconds are taken as unsigned: they last until 2106. */
const readTime = (view: DataView, layout: UtmpLayout): number => {
  const wide = layout.secondsSize === 8;
  const seconds = wide
    ? Number(view.getBigInt64(layout.seconds, LITTLE_ENDIAN))
    : view.getUint32(layout.seconds, LITTLE_ENDIAN);
  const microseconds = wide
    ? Number(view.getBigInt64(layout.microseconds, LITTLE_ENDIAN))
    : view.getInt32(layout.microseconds, LITTLE_ENDIAN);
  return seconds * 1000 + microseconds / 1000;
};

/** @internal */
export const decodeRecord = (bytes: Buffer, layout: UtmpLayout): UtmpRecord => {
  const view = viewOf(bytes);
  const short = (at: number) => view.getInt16(at, LITTLE_ENDIAN);
  const text = (name: keyof typeof WIDTHS) => readText(bytes, layout[name], WIDTHS[name]);
  return {
    type: TYPES[short(layout.type)] ?? 'empty',
    pid: view.getInt32(layout.pid, LITTLE_ENDIAN),
    line: text('line'),
    id: text('id'),
    user: text('user'),
    host: text('host'),
    exit: { termination: short(layout.exit), status: short(layout.exit + 2) },
    session: view.getInt32(layout.session, LITTLE_ENDIAN),
    timeMs: readTime(view, layout),
  };
};

const writeTime = (view: DataView, layout: UtmpLayout, timeMs: number): void => {
  const seconds = Math.floor(timeMs / 1000);
  const microseconds = Math.round((timeMs - seconds * 1000) * 1000);
  if (layout.secondsSize === 8) {
    view.setBigInt64(layout.seconds, BigInt(seconds), LITTLE_ENDIAN);
    view.setBigInt64(layout.microseconds, BigInt(microseconds), LITTLE_ENDIAN);
  } else {
    view.setUint32(layout.seconds, seconds >>> 0, LITTLE_ENDIAN);
    view.setInt32(layout.microseconds, microseconds, LITTLE_ENDIAN);
  }
};

/** @internal */
export const encodeRecord = (record: UtmpRecord, layout: UtmpLayout): Buffer => {
  const bytes = Buffer.alloc(layout.size);
  const view = viewOf(bytes);
  view.setInt16(layout.type, TYPES.indexOf(record.type), LITTLE_ENDIAN);
  view.setInt32(layout.pid, record.pid, LITTLE_ENDIAN);
  for (const name of TEXTS) bytes.write(record[name], layout[name], WIDTHS[name]);
  view.setInt16(layout.exit, record.exit.termination, LITTLE_ENDIAN);
  view.setInt16(layout.exit + 2, record.exit.status, LITTLE_ENDIAN);
  view.setInt32(layout.session, record.session, LITTLE_ENDIAN);
  writeTime(view, layout, record.timeMs);
  return bytes;
};
