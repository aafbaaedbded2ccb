import { native } from './native.js';

/** Node's table of errors. Read when there is one: it takes a client longer than its call of the daemon. */
const errnos = (): Readonly<Record<string, number>> => process.getBuiltinModule('node:os').constants.errno;

/** The symbolic name of a positive errno: `ENOENT`; `E` and the number where Node knows no name. */
const errnoCode = (errno: number): string => {
  names ??= errnoNames();
  return names.get(errno) ?? `E${errno}`;
};

/** Where a number has two names (`EAGAIN`, `EWOULDBLOCK`) the first is the usual one. */
const errnoNames = (): ReadonlyMap<number, string> =>
  new Map(
    Object.entries(errnos())
      .reverse()
      .map(([name, errno]) => [errno, name]),
  );

/** Made at the first error: many programs see none. */
let names: ReadonlyMap<number, string> | undefined;

/** The system's text for a positive errno, as libc's strerror(3) has it: `No such file or directory`. */
export const errnoMessage = (errno: number): string => native.errnoMessage(errno);

/** A system call failed. Callers branch on `code`; the message is for people. */
export class SystemError extends Error {
  static {
    Object.defineProperty(SystemError.prototype, 'name', { value: 'SystemError' });
  }

  /** `ENOENT`, `ECONNREFUSED` … */
  readonly code: string;
  /** The positive number of the error. */
  readonly errno: number;
  readonly syscall: string;

  /** @param subject what it was done to, for the message: an address, a path */
  constructor(syscall: string, errno: number, subject?: string) {
    const what = subject === undefined ? syscall : `${syscall} ${subject}`;
    super(`${what}: ${errnoMessage(errno)}`);
    this.code = errnoCode(errno);
    this.errno = errno;
    this.syscall = syscall;
  }
}

/** The result of a native call, or a SystemError when it is a negative errno. */
export const checked = (result: number, syscall: string, subject?: string): number => {
  if (result < 0) throw new SystemError(syscall, -result, subject);
  return result;
};

/** The same where "not now" is an ordinary answer: undefined. */
export const checkedUnlessBusy = (result: number, syscall: string): number | undefined =>
  result < 0 && result === -(errnos()['EAGAIN'] ?? 0) ? undefined : checked(result, syscall);
