/** The daemon's side of `native/log-process/log-protocol.h`, where every message is explained. */

export const LOG_PROTOCOL = 2;
export const LOG_MESSAGE_MAX = 12 * 1024;

/** Bytes of `struct log_message` and `struct log_add`. */
export const MESSAGE_SIZE = 16;
export const ADD_SIZE = 32;

export const REQUESTS = {
  hello: 1,
  add: 2,
  drain: 3,
  flush: 4,
  reopen: 5,
  list: 6,
  leave: 7,
  end: 8,
  tray: 9,
} as const;

export type LogRequest = keyof typeof REQUESTS;

/** In the order of their numbers. */
export const NOTICES = [
  'welcome',
  'refused',
  'drained',
  'ended',
  'rejected',
  'listed',
  'list-end',
  'left',
  'unwritable',
  'dropped',
  'unrotated',
  'tray',
] as const;

/** Both run on one machine, so its own order is the order. */
const IS_LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

const viewOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

const FIRST_NOTICE = 64;

export type LogNoticeKind = (typeof NOTICES)[number];

export interface LogNotice {
  readonly kind: LogNoticeKind;
  readonly log: number;
  readonly number: number;
  readonly payload: Buffer;
}

/** Where an output goes, and how. */
export interface LogSettings {
  /** Absolute; seen from inside `root` where there is one. */
  readonly path: string;
  readonly root?: string;
  /** Name of the job in the JSON form. */
  readonly job?: string;
  readonly format?: 'text' | 'json';
  readonly rotate?: { readonly bytes: number; readonly keep: number };
}

/** A log as the two sides tell each other of it. */
export interface LogEntry {
  readonly settings: LogSettings;
  /** Whose output it is. */
  readonly pid: number;
  /** What the first descriptor is: 0 standard output, 1 standard error. */
  readonly firstSource: number;
}

const JSON_FLAG = 1;

export const encodeRequest = (request: LogRequest, log = 0, number = 0, payload: Uint8Array = Buffer.alloc(0)) => {
  const header = Buffer.alloc(MESSAGE_SIZE);
  const view = viewOf(header);
  view.setUint32(0, REQUESTS[request], IS_LITTLE);
  view.setUint32(4, log, IS_LITTLE);
  view.setBigUint64(8, BigInt(number), IS_LITTLE);
  return Buffer.concat([header, payload]);
};

export const decodeNotice = (message: Buffer): LogNotice | undefined => {
  if (message.length < MESSAGE_SIZE) return undefined;
  const view = viewOf(message);
  const kind = NOTICES[view.getUint32(0, IS_LITTLE) - FIRST_NOTICE];
  if (kind === undefined) return undefined;
  return {
    kind,
    log: view.getUint32(4, IS_LITTLE),
    number: Number(view.getBigUint64(8, IS_LITTLE)),
    payload: message.subarray(MESSAGE_SIZE),
  };
};

export const encodeEntry = ({ settings, pid, firstSource }: LogEntry): Buffer => {
  const { root = '', path, job = '', rotate } = settings;
  const texts = [root, path, job].map((text) => Buffer.from(text));
  const header = Buffer.alloc(ADD_SIZE);
  const view = viewOf(header);
  view.setBigUint64(0, BigInt(rotate?.bytes ?? 0), IS_LITTLE);
  view.setUint32(8, rotate?.keep ?? 0, IS_LITTLE);
  view.setUint32(12, pid, IS_LITTLE);
  view.setUint32(16, settings.format === 'json' ? JSON_FLAG : 0, IS_LITTLE);
  for (const [index, text] of texts.entries()) view.setUint16(20 + 2 * index, text.length, IS_LITTLE);
  view.setUint16(26, firstSource, IS_LITTLE);
  return Buffer.concat([header, ...texts]);
};

export const decodeEntry = (payload: Buffer): LogEntry => {
  const view = viewOf(payload);
  let at = ADD_SIZE;
  const [root = '', path = '', job = ''] = [20, 22, 24].map((offset) => {
    const from = at;
    at += view.getUint16(offset, IS_LITTLE);
    return payload.toString('utf8', from, at);
  });
  const bytes = Number(view.getBigUint64(0, IS_LITTLE));
  return {
    settings: {
      path,
      ...(root === '' ? {} : { root }),
      ...(job === '' ? {} : { job }),
      ...((view.getUint32(16, IS_LITTLE) & JSON_FLAG) === 0 ? {} : { format: 'json' }),
      ...(bytes === 0 ? {} : { rotate: { bytes, keep: view.getUint32(8, IS_LITTLE) } }),
    },
    pid: view.getUint32(12, IS_LITTLE),
    firstSource: view.getUint16(26, IS_LITTLE),
  };
};
