import { constants } from 'node:os';
import { native } from './native.js';
import { checked } from './system-error.js';

/**
 * Open a terminal without waiting for a carrier and without getting it as our controlling terminal.
 * @returns a descriptor of 10 or more, close-on-exec, blocking
 * @throws SystemError `ENOENT`, `EACCES`, `ENXIO` and `EIO` (no device behind it), `ENOTTY`
 */
export const openTerminal = (path = '/dev/console'): number => checked(native.terminalOpen(path), 'open', path);

/**
 * Give a terminal settings that a person can work at, whatever the last program left; its speed stays.
 * @throws SystemError `ENOTTY`
 */
export const resetTerminal = (fd: number): void => {
  checked(native.terminalReset(fd), 'tcsetattr');
};

/**
 * Make a terminal the controlling terminal of our session, whose leader we must be (see {@link newSession}).
 * @param options.force take it from the session that has it: CAP_SYS_ADMIN
 * @throws SystemError `EPERM`, `ENOTTY`
 */
export const takeTerminal = (fd: number, options: { readonly force?: boolean } = {}): void => {
  checked(native.terminalTake(fd, options.force ?? false), 'ioctl TIOCSCTTY');
};

/**
 * Give up our session's controlling terminal, so that another session can take it. Other processes in its foreground get
 * SIGHUP and SIGCONT, as if a person had hung up.
 * @throws SystemError `ENOTTY` where it is not our controlling terminal
 */
export const leaveTerminal = (fd: number): void => {
  checked(native.terminalLeave(fd), 'ioctl TIOCNOTTY');
};

/**
 * Make a descriptor lead where another one leads; both stay open. For standard descriptors: programs that are executed
 * have the target, too.
 * @throws SystemError `EBADF`
 */
export const redirectFd = (fd: number, target: number): void => {
  checked(native.redirectFd(fd, target), 'dup2');
};

/**
 * Become the leader of a new session without a terminal.
 * @throws SystemError `EPERM` when we lead a process group already
 */
export const newSession = (): void => {
  checked(native.newSession(), 'setsid');
};

/**
 * Have this process sent a signal when the keys that loadkeys(1) calls `KeyboardSignal` (Alt-Up arrow as a rule) are
 * pressed at a virtual console. Init uses SIGWINCH for its event `keyboard-request`.
 * @param fd a virtual console: `/dev/tty0`
 * @throws SystemError `EPERM` without CAP_KILL, `ENOTTY` where the console is no virtual one
 */
export const requestKeyboardSignal = (fd: number, signal: NodeJS.Signals = 'SIGWINCH'): void => {
  checked(native.keyboardRequests(fd, constants.signals[signal]), 'ioctl KDSIGACCEPT');
};
