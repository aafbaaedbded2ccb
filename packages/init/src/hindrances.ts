import { fstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/** What the kernel shows as files and is none of any file system that could be unmounted. */
const NO_FILES = /^\/(?:memfd:|dev\/zero|SYSV|\[aio\]|i915)/;
const DELETED = / \(deleted\)$/;
/** The bits of `open` flags that say what may be done. */
const ACCESS = 3;

const isDeletedFile = (path: string): boolean => path.startsWith('/') && DELETED.test(path) && !NO_FILES.test(path);

const withoutMark = (path: string): string => path.replace(DELETED, '');

const flagsOf = (fd: string): number => {
  const [, octal = '0'] = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1')) ?? [];
  return Number.parseInt(octal, 8);
};

/** Devices, sockets and pipes are no part of the file system that their names are in. */
const isFile = (path: string): boolean =>
  path.startsWith('/') && !NO_FILES.test(path) && !path.startsWith('/dev/') && !path.startsWith('/proc/');

/** The device of what goes with the machine and is never unmounted; absent where `/run` is a part of `/`. */
const volatileDevice = (): number | undefined => {
  try {
    const { dev } = statSync('/run');
    return dev === statSync('/').dev ? undefined : dev;
  } catch {
    return undefined;
  }
};

const ofDescriptor = (fd: string, passedOver: number | undefined): string[] => {
  try {
    const path = readlinkSync(`/proc/self/fd/${fd}`);
    if (isDeletedFile(path)) return [`${withoutMark(path)} is deleted, but held open`];
    if (!isFile(path) || fstatSync(Number(fd)).dev === passedOver) return [];
    return (flagsOf(fd) & ACCESS) === 0 ? [] : [`${path} is held open for writing`];
  } catch {
    // It was the listing's own.
    return [];
  }
};

const mappedFiles = (): string[] => {
  const paths = readFileSync('/proc/self/maps', 'latin1')
    .split('\n')
    .map((line) => /^(?:\S+\s+){5}(.*)$/.exec(line)?.[1] ?? '');
  return [...new Set(paths)].filter(isDeletedFile).map(withoutMark);
};

/**
 * What this process does that keeps a file system from being mounted read-only: files open for writing; and files that are
 * deleted but still used, such as the program itself after an upgrade, for these are removed for good only when nobody uses
 * them any more. A file that is open for reading hinders nothing.
 * @param passedOver the device of a file system that is left out: that of `/run`, where it is one of its own
 * @returns a sentence each, with what helps
 */
export const hindrances = (passedOver = volatileDevice()): string[] => [
  ...readdirSync('/proc/self/fd').flatMap((fd) => ofDescriptor(fd, passedOver)),
  ...mappedFiles().map(
    (path) => `${path} is deleted, but in use: a daemon that executes itself again uses the new one`,
  ),
];
