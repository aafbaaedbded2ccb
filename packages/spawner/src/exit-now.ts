import { native } from './native.js';

/**
 * End this process at once: its listeners of `exit` have run, and the kernel takes everything back. What Node does at its own end
 * is left out (it ends its threads, tears its heap down and gives the standard streams their flags back), for programs whose whole
 * life is not much longer than that. Everything that was written must have left, and `process.stdin`, `stdout` and `stderr`
 * must not have been used.
 * @see _exit(2)
 */
export const exitNow = (status: number): never => {
  process.emit('exit', status);
  return native.exitNow(status);
};
