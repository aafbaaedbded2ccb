import { isUtf8 } from 'node:buffer';
import { endianness } from 'node:os';
import { EventDescriptor } from './event-descriptor.js';
import { native } from './native.js';
import { checked, checkedUnlessBusy } from './system-error.js';

/** What can happen to a watched file, or to a file in a watched directory, and its bit. */
const FILE_BITS = {
  access: 0x1,
  modify: 0x2,
  attrib: 0x4,
  'close-write': 0x8,
  'close-nowrite': 0x10,
  open: 0x20,
  'moved-from': 0x40,
  'moved-to': 0x80,
  create: 0x100,
  delete: 0x200,
  'delete-self': 0x400,
  'move-self': 0x800,
} as const;

/** `IN_ACCESS` … `IN_MOVE_SELF` of inotify(7), as words. */
export type FileChange = keyof typeof FILE_BITS;

const FILE_CHANGES = Object.entries(FILE_BITS) as [FileChange, number][];

const UNMOUNT = 0x2000;
const OVERFLOW = 0x4000;
const IGNORED = 0x8000;
const IS_DIRECTORY = 0x40000000;

/** How to look at the path. All are false unless given. */
const OPTION_BITS = {
  /** Fail with `ENOTDIR` if it is no directory. */
  onlyDirectory: 0x01000000,
  /** Watch a link itself instead of what it leads to. Does nothing for a descriptor. */
  noFollow: 0x02000000,
  /** Say nothing of files that are deleted already but still open. */
  excludeUnlinked: 0x04000000,
  /** Fail with `EEXIST` if the file is watched already, through whatever path; else its changes are replaced. */
  exclusive: 0x10000000,
  /** Add to the changes that are watched already instead of replacing them. */
  more: 0x20000000,
  /** Only the first event; then the watch is gone. */
  once: 0x80000000,
} as const;

export type InotifyOptions = { readonly [Name in keyof typeof OPTION_BITS]?: boolean };

/** A file to watch: by path (a Buffer where the path may not be UTF-8), or by a descriptor that is open on it. */
export type InotifyTarget = string | Uint8Array | { readonly fd: number };

/** Something happened. Events come in the order in which it did. */
export type InotifyEvent =
  | {
      readonly kind: FileChange;
      /** Which watch: what {@link Inotify.add} gave. */
      readonly watch: number;
      /** Whether it happened to a directory. */
      readonly directory: boolean;
      /** The same in the `moved-from` and `moved-to` of one rename; else 0. */
      readonly cookie: number;
      /** The file's name in the watched directory; undefined: it is the watched file itself. */
      readonly name: string | undefined;
      /** The name's bytes, only where they are no UTF-8 (`name` then has replacement characters in their place). */
      readonly nameBytes?: Uint8Array;
    }
  /** The file system was unmounted; `ignored` follows. */
  | { readonly kind: 'unmount'; readonly watch: number }
  /** The watch is gone: removed, or its file was deleted. Its number is not used again. */
  | { readonly kind: 'ignored'; readonly watch: number }
  /** The kernel's queue was full and events are lost: look at everything anew (`fs.inotify.max_queued_events`). */
  | { readonly kind: 'overflow' };

/** struct inotify_event: watch, mask, cookie, length of the name that follows. */
const HEADER_BYTES = 16;
/** Room for some 240 of the longest names a batch, or some 4,000 short ones. */
const BATCH_BYTES = 64 * 1024;
const LITTLE_ENDIAN = endianness() === 'LE';

const nameOf = (padded: Buffer): { name: string | undefined; nameBytes?: Uint8Array } => {
  if (padded.length === 0) return { name: undefined };
  const end = padded.indexOf(0);
  const bytes = end < 0 ? padded : padded.subarray(0, end);
  const name = bytes.toString('utf8');
  return isUtf8(bytes) ? { name } : { name, nameBytes: Uint8Array.from(bytes) };
};

const decodeOne = (watch: number, mask: number, cookie: number, padded: Buffer): InotifyEvent[] => {
  if ((mask & OVERFLOW) !== 0) return [{ kind: 'overflow' }];
  if ((mask & IGNORED) !== 0) return [{ kind: 'ignored', watch }];
  if ((mask & UNMOUNT) !== 0) return [{ kind: 'unmount', watch }];
  const directory = (mask & IS_DIRECTORY) !== 0;
  return FILE_CHANGES.filter(([, bit]) => (mask & bit) !== 0).map(([kind]) => ({
    kind,
    watch,
    directory,
    cookie,
    ...nameOf(padded),
  }));
};

/** What the kernel wrote, as events. */
const decode = (batch: Buffer): InotifyEvent[] => {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.length);
  const events: InotifyEvent[] = [];
  for (let at = 0; at + HEADER_BYTES <= batch.length; ) {
    const end = at + HEADER_BYTES + view.getUint32(at + 12, LITTLE_ENDIAN);
    const mask = view.getUint32(at + 4, LITTLE_ENDIAN);
    const cookie = view.getUint32(at + 8, LITTLE_ENDIAN);
    events.push(...decodeOne(view.getInt32(at, LITTLE_ENDIAN), mask, cookie, batch.subarray(at + HEADER_BYTES, end)));
    at = end;
  }
  return events;
};

const maskOf = (changes: readonly FileChange[], options: InotifyOptions): number => {
  let mask = 0;
  for (const change of changes) mask |= FILE_BITS[change];
  for (const [name, bit] of Object.entries(OPTION_BITS)) if (options[name as keyof InotifyOptions]) mask |= bit;
  return mask >>> 0;
};

/** Watches on any number of files and directories. Made by {@link watchInotify}. */
export class Inotify extends EventDescriptor {
  readonly #onEvents: (events: readonly InotifyEvent[]) => void;
  readonly #batch = Buffer.allocUnsafeSlow(BATCH_BYTES);

  /** @internal use {@link watchInotify} */
  constructor(onEvents: (events: readonly InotifyEvent[]) => void) {
    super(checked(native.inotifyOpen(), 'inotify_init'));
    this.#onEvents = onEvents;
  }

  /** One batch a turn of the loop, so that a storm of changes does not keep others from theirs. */
  protected receive(): void {
    const bytes = checkedUnlessBusy(native.readFd(this.fd, this.#batch), 'read inotify');
    if (bytes !== undefined) this.#onEvents(decode(this.#batch.subarray(0, bytes)));
  }

  /**
   * Watch a file, or the files of a directory (not of directories below it).
   * @param changes what to be told of; replaces what was asked for the same file before, unless `more` is set
   * @returns the watch's number: one a file, so the same again for a file that is watched already
   * @throws SystemError `ENOENT`, `EACCES`, `ENOTDIR`, `ENOSPC` (`fs.inotify.max_user_watches` are in use), `EEXIST`;
   *   a descriptor needs `/proc`; `EBADF` once closed
   */
  add(target: InotifyTarget, changes: readonly FileChange[], options: InotifyOptions = {}): number {
    const byFd = typeof target === 'object' && 'fd' in target;
    const path = byFd ? `/proc/self/fd/${target.fd}` : target;
    const mask = maskOf(changes, byFd ? { ...options, noFollow: false } : options);
    return checked(native.inotifyAdd(this.#fdInUse(), path, mask), 'inotify_add_watch', Buffer.from(path).toString());
  }

  /**
   * End a watch. Events that happened before may still come, and `ignored` comes last.
   * @returns whether there was such a watch: false when its file is gone
   */
  remove(watch: number): boolean {
    return native.inotifyRemove(this.#fdInUse(), watch) === 0;
  }

  #fdInUse(): number {
    return this.isOpen ? this.fd : -1;
  }
}

/**
 * Watch files with inotify(7): no polling, no thread, nothing between the kernel's events and `onEvents`.
 * Keeps the process alive until closed or unref'd. What the callback throws becomes an uncaught exception.
 * @param onEvents called from the event loop with what happened, in order, many at once where many are waiting
 * @throws SystemError `EMFILE` (`fs.inotify.max_user_instances` are in use, too)
 */
export const watchInotify = (onEvents: (events: readonly InotifyEvent[]) => void): Inotify => new Inotify(onEvents);
