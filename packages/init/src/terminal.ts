import { fstatSync } from 'node:fs';

/** `/dev/null`, as the kernel numbers devices. */
const NULL_DEVICE = (1 << 8) | 3;

const mayBeTerminal = (fd: number): boolean => {
  try {
    const status = fstatSync(fd);
    return status.isCharacterDevice() && status.rdev !== NULL_DEVICE;
  } catch {
    return false;
  }
};

/**
 * Whether a descriptor is a terminal. Node's code for terminals is read only where it may be one: half of its network code
 * comes with it.
 */
export const isTerminal = (fd: number): boolean => mayBeTerminal(fd) && process.getBuiltinModule('node:tty').isatty(fd);
