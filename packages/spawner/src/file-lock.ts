import { constants } from 'node:os';
import { native } from './native.js';
import { checked } from './system-error.js';

/** Operations of flock(2). */
const OPERATIONS = { shared: 1, exclusive: 2, none: 8 } as const;

/**
 * Lock an open file against other programs that lock it, or let go (`none`). The lock belongs to the open file: it ends
 * with its last descriptor, so also when the process dies, and a child that inherits the descriptor holds it, too.
 * @returns false when somebody else has it
 * @see flock(2)
 */
export const lockFile = (fd: number, lock: keyof typeof OPERATIONS): boolean => {
  const result = native.lockFile(fd, OPERATIONS[lock]);
  if (result === -constants.errno.EAGAIN) return false;
  checked(result, 'flock');
  return true;
};
