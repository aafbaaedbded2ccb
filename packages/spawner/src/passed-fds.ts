import type { NativePlan } from './native.js';
import type { ProcessSpec } from './process-spec.js';

/** The first descriptor after the standard ones: where sockets begin, as sd_listen_fds(3) expects them. */
const FIRST_FD = 3;

/** Where a script is found unless something else has the place. */
const SCRIPT_FD = 9;

export const USUAL_SCRIPT = `/proc/self/fd/${SCRIPT_FD}`;

/** What POSIX lets a shell name in a redirection: it can close these and no others. */
const LAST_SHELL_FD = 9;

type FdSpec = Pick<ProcessSpec, 'inheritFds' | 'listenFds' | 'readyFd'>;

interface Passed {
  readonly source: number;
  readonly target: number;
}

const listening = ({ listenFds = [] }: FdSpec): Passed[] =>
  listenFds.map(({ fd }, index) => ({ source: fd, target: FIRST_FD + index }));

const inherited = ({ inheritFds = [] }: FdSpec): Passed[] => inheritFds.map((fd) => ({ source: fd, target: fd }));

const firstFree = (from: number, taken: ReadonlySet<number>): number => {
  let fd = from;
  while (taken.has(fd)) fd++;
  return fd;
};

const targets = (passed: readonly Passed[]): ReadonlySet<number> => new Set(passed.map(({ target }) => target));

const readiness = ({ readyFd }: FdSpec, others: readonly Passed[]): Passed[] =>
  readyFd === undefined ? [] : [{ source: readyFd.fd, target: readyFd.target ?? firstFree(FIRST_FD, targets(others)) }];

/** Which descriptors of ours a process gets, under which numbers. */
export const passedFds = (spec: FdSpec): NativePlan['passed'] => {
  const others = [...listening(spec), ...inherited(spec)];
  return [...others, ...readiness(spec, others)];
};

/**
 * The descriptor on which a process finds its script: 9, or the first one above it that nothing else has. A shell that
 * is to run the script gets `/proc/self/fd/` and this number as its argument.
 */
export const scriptFd = (spec: FdSpec): number => firstFree(SCRIPT_FD, targets(passedFds(spec)));

/** Makes the shell let go of its script, so that no command inherits it; with two digits POSIX has no way to say so. */
export const scriptPreamble = (fd: number): string => (fd <= LAST_SHELL_FD ? `exec ${fd}<&-\n` : '');

/** Room for the digits of any pid, which the child writes over these. */
const ANY_PID = '0000000000';

const listenEnv = (spec: FdSpec): string[] => {
  const { listenFds = [] } = spec;
  if (listenFds.length === 0) return [];
  const numbers = listening(spec).map(({ target }) => target);
  return [
    `UPSTART_FDS=${numbers.join(' ')}`,
    `UPSTART_FD=${FIRST_FD}`,
    `LISTEN_FDS=${listenFds.length}`,
    `LISTEN_FDNAMES=${listenFds.map(({ name = 'unknown' }) => name).join(':')}`,
    `${PID_VARIABLE}=${ANY_PID}`,
  ];
};

const readyEnv = (spec: FdSpec): string[] => {
  const variable = spec.readyFd?.variable;
  return variable === undefined ? [] : [`${variable}=${passedFds(spec).at(-1)?.target}`];
};

/** The variable that has to hold the pid of the process itself. */
const PID_VARIABLE = 'LISTEN_PID';

/** The variables that tell a process about its descriptors. */
export const fdEnvironment = (spec: FdSpec): readonly string[] => [...listenEnv(spec), ...readyEnv(spec)];

/** Which entry of an environment the child completes; -1: none. */
export const pidEntry = (spec: FdSpec, env: readonly string[]): number =>
  spec.listenFds === undefined || spec.listenFds.length === 0 ? -1 : env.indexOf(`${PID_VARIABLE}=${ANY_PID}`);

/** Names are joined by colons, and must be printable. @see sd_listen_fds_with_names(3) */
const FD_NAME = /^[!-9;-~ ]{1,255}$/;

/** @throws RangeError for descriptors that can't be passed as asked */
export const checkFds = (spec: FdSpec): void => {
  const seen = new Set<number>();
  for (const { source, target } of passedFds(spec)) {
    const given = source === target ? `descriptor ${target}` : `descriptor ${source} as ${target}`;
    if (!Number.isInteger(target) || target < FIRST_FD || seen.has(target))
      throw new RangeError(`${given} can't be passed: its place is taken`);
    seen.add(target);
  }
  const wrong = spec.listenFds?.find(({ name }) => name !== undefined && !FD_NAME.test(name));
  if (wrong !== undefined)
    throw new RangeError(`'${wrong.name}' can't be a descriptor's name: expected printable characters without colons`);
};
