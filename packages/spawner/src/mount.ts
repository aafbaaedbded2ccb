import { native } from './native.js';
import { checked } from './system-error.js';

/** Flags of mount(2), and their bits. */
const MOUNT_FLAGS = {
  'read-only': 1,
  nosuid: 2,
  nodev: 4,
  noexec: 8,
  synchronous: 16,
  remount: 32,
  dirsync: 128,
  nosymfollow: 256,
  noatime: 1024,
  nodiratime: 2048,
  bind: 4096,
  move: 8192,
  recursive: 16384,
  silent: 32768,
  unbindable: 1 << 17,
  private: 1 << 18,
  slave: 1 << 19,
  shared: 1 << 20,
  relatime: 1 << 21,
  strictatime: 1 << 24,
  lazytime: 1 << 25,
} as const;

export type MountFlag = keyof typeof MOUNT_FLAGS;

export interface MountSpec {
  /** A directory, or a file for `bind`. */
  readonly target: string;
  /** A device, a directory for `bind` and `move`, a word for the others; `none` unless given. */
  readonly source?: string;
  /** `proc`, `tmpfs` …; not for `bind`, `move`, `remount` and the kinds of propagation. */
  readonly type?: string;
  readonly flags?: readonly MountFlag[];
  /** Options of the file system itself: `mode=0620,gid=5`. */
  readonly data?: string;
}

/**
 * Mount a file system, change how one is mounted (`remount`), or show a directory in a second place (`bind`).
 * @throws SystemError `EPERM` without CAP_SYS_ADMIN; `EBUSY`: mounted there already, or, for `remount` with
 *   `read-only`, a file is open for writing; `ENODEV`: the kernel has no such type; `ENOENT`, `EINVAL`
 * @see mount(2)
 */
export const mount = ({ target, source = 'none', type = '', flags = [], data = '' }: MountSpec): void => {
  const bits = flags.reduce((sum, flag) => sum | MOUNT_FLAGS[flag], 0);
  checked(native.mountAt({ source, target, type, flags: bits, data }), 'mount', target);
};

/** How to unmount, and the bits of umount2(2). */
const UNMOUNT_BITS = {
  /** Even if a server does not answer; what is not written is lost. */
  force: 1,
  /** Out of sight now, unmounted when nobody uses it any more. */
  lazy: 2,
  /** Only if nobody used it since this was last asked: the first time fails with `EAGAIN`. */
  expire: 4,
  /** Fail with `EINVAL` if the path is a link. */
  noFollow: 8,
} as const;

/** @throws SystemError `EBUSY`: in use; `EINVAL`: nothing is mounted there; `EPERM` */
export const unmount = (
  target: string,
  options: { readonly [Name in keyof typeof UNMOUNT_BITS]?: boolean } = {},
): void => {
  let flags = 0;
  for (const [name, bit] of Object.entries(UNMOUNT_BITS)) if (options[name as keyof typeof UNMOUNT_BITS]) flags |= bit;
  checked(native.unmountAt(target, flags), 'umount', target);
};

/** Kinds of file that can be made, and their bits of the mode. */
const NODE_KINDS = { fifo: 0o010000, char: 0o020000, block: 0o060000, file: 0o100000, socket: 0o140000 } as const;

export interface NodeSpec {
  readonly path: string;
  readonly kind: keyof typeof NODE_KINDS;
  /** Permissions, exactly: the umask is not applied. */
  readonly mode: number;
  /** Of a device: `[5, 1]` is the console. */
  readonly device?: readonly [major: number, minor: number];
}

/**
 * Make a device, a fifo or another special file.
 * @throws SystemError `EEXIST`; `EPERM` for devices without CAP_MKNOD
 * @see mknod(2)
 */
export const makeNode = ({ path, kind, mode, device: [major, minor] = [0, 0] }: NodeSpec): void => {
  checked(native.makeNode(path, NODE_KINDS[kind] | mode, major, minor), 'mknod', path);
};
