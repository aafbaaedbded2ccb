import { native } from './native.js';
import { checked } from './system-error.js';

/**
 * Open a file or directory for reading as a process sees it that has changed its root to each of `roots`, one inside
 * the other: whatever links somebody has put in there, none leads out. Non-blocking, so that a FIFO can't hold us up.
 * A kernel before 5.6 can't follow links safely: then a link is an error, `ELOOP`, and `..` is `EXDEV`.
 * @param roots none: the daemon's own
 * @returns a descriptor, close-on-exec
 * @throws SystemError `ENOENT`, `EACCES`, `ENOTDIR`, `ENAMETOOLONG`
 */
export const openInside = (roots: readonly string[], path: string): number =>
  checked(native.openInRoots(roots, path, false), 'openat2', path);
