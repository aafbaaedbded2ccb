import { nativeFile } from './native-files.js';
import type { NativeSystem } from './native-system.js';
import type { NativeTracking } from './native-tracking.js';

/** A native handle; JavaScript can only hand it back. */
export interface NativeWatch {
  readonly __nativeWatch: unique symbol;
}

/** What the kernel says about the other end of a unix socket, as it was when the connection was made. */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** What `native/addon/read-plan.c` reads: a {@link ProcessSpec} with every name looked up and every file opened. */
export interface NativePlan {
  /** Programs to be tried one after the other. */
  readonly files: readonly string[];
  readonly argv: readonly string[];
  readonly env: readonly string[];
  /** Descriptors for 0, 1 and 2; -1 is `/dev/null`. */
  readonly stdio: readonly [number, number, number];
  /** Descriptor 0 becomes the controlling terminal. */
  readonly controlling: boolean;
  /** -1: no script. */
  readonly scriptFd: number;
  readonly scriptTarget: number;
  /** Descriptors that the process gets beside those; no two have the same target. */
  readonly passed: readonly { readonly source: number; readonly target: number }[];
  /** Index of an entry of `env` whose value has room for the child's pid, -1: none. */
  readonly pidEntry: number;
  /** What is written for the security module. */
  readonly apparmor?: string | undefined;
  /** An open `cgroup.procs`, -1: none. */
  readonly cgroupFd: number;
  /** Where the child writes `birth` first of all, -1: nowhere. */
  readonly birthFd: number;
  readonly birth?: string | undefined;
  readonly limits: readonly { readonly resource: number; readonly soft: bigint; readonly hard: bigint }[];
  readonly softNofile?: bigint | undefined;
  readonly umask?: number | undefined;
  readonly nice?: number | undefined;
  readonly oom?: number | undefined;
  readonly chroot: readonly string[];
  readonly cwd?: string | undefined;
  readonly groups?: readonly number[] | undefined;
  readonly gid?: number | undefined;
  readonly uid?: number | undefined;
  readonly pause: boolean;
  readonly trace: boolean;
  /** Limits, niceness and directory come after the change of user. */
  readonly ownRights: boolean;
  /** Index of a step that is known to fail, -1: none. */
  readonly failingStep: number;
  readonly failingErrno: number;
  /** For the helper program alone: names that it looks up, and the service of its PAM session. */
  readonly user?: string | undefined;
  readonly group?: string | undefined;
  readonly pamService?: string | undefined;
  /** The session lasts as long as the process that following finds, of which the keeper is told. */
  readonly follows: boolean;
  /** Standard output and error are ends of a log, to be made the user's once that is looked up. */
  readonly ownOutput: boolean;
  readonly ownError: boolean;
}

/** A plan on its way to the helper program: descriptors of ours. */
export interface NativeHelper {
  /** The plan. */
  readonly file: number;
  /** The two ends of the pipe for the helper's messages. */
  readonly ours: number;
  readonly theirs: number;
  /** What the helper is to be given: these, and the plan's own descriptors. */
  readonly passed: NativePlan['passed'];
}

/** What the helper program says: see `native/spawn-helper/message.h`. */
export interface NativeMessage extends NativeFailure {
  readonly failed: boolean;
  readonly text: string;
}

/** A step that failed: its index, a positive errno, and which of the step's list it was. */
export interface NativeFailure {
  readonly step: number;
  readonly errno: number;
  readonly argument: number;
}

/** A process that stops before its program; a report on the descriptor tells if that can't be executed. */
export interface NativePaused {
  readonly pid: number;
  readonly report: number;
}

/** News of a child, as in siginfo_t: `code` is one of the `CLD_` values. */
export interface NativeNews {
  readonly pid: number;
  readonly code: number;
  readonly status: number;
}

/** The functions of `native/addon/*.c`. A number below zero is a negative errno, wherever a number can come back. */
export interface Native extends NativeSystem, NativeTracking {
  socketConnect(address: string): number;
  socketListen(address: string, backlog: number): number;
  socketAccept(fd: number): number;
  socketSend(fd: number, data: Uint8Array, offset: number, fds: readonly number[]): number;
  socketReceive(fd: number, buffer: Uint8Array, fds: number[]): number;
  peerCredentials(fd: number): PeerCredentials | number;
  peerPidfd(fd: number): number;
  duplicate(fd: number): number;
  setBlocking(fd: number): number;
  closeFd(fd: number): number;

  pollStart(fd: number, events: number, callback: (eventsOrErrno: number) => void): NativeWatch | number;
  pollUpdate(watch: NativeWatch, events: number): number;
  watchClose(watch: NativeWatch): void;
  watchRef(watch: NativeWatch, keep: boolean): void;

  spawn(plan: NativePlan): number | NativePaused | NativeFailure;
  /** The same of each, several at a time. None may pause or be traced. */
  spawnAll(plans: readonly NativePlan[]): (number | NativeFailure)[];
  readReport(fd: number): NativeFailure | number;
  helperOpen(plan: NativePlan): NativeHelper | number;
  helperMessage(fd: number): NativeMessage | number;
  helperTell(keeper: number, pid: number): number;
  stepNames(): string[];
  resourceNumbers(): Record<string, number>;
  scriptOpen(text: string): number;
  consoleOpen(): number;
  /** 0, or a negative errno. */
  fileIdentity(uid: number, gid: number, groups: readonly number[]): number;
  openInRoots(roots: readonly string[], path: string, walks: boolean): number;
  outputOpen(asPipe: boolean, uid: number): { readonly ours: number; readonly theirs: number } | number;

  signalStart(signal: number, callback: () => void): NativeWatch | number;
  waitChild(pid: number): NativeNews | number;
  killProcess(pid: number, signal: number, group: boolean): number;
  setSubreaper(enabled: boolean): number;
  trimMemory(): void;
  errnoMessage(errno: number): string;
  exitNow(status: number): never;
  closeOnExec(fd: number): number;
  execProcess(program: {
    readonly path: string;
    readonly argv: readonly string[];
    readonly env: readonly string[];
    readonly keep: readonly number[];
    readonly softNofile: bigint | undefined;
  }): number;

  logSocketPair(): { readonly ours: number; readonly theirs: number } | number;
  logConnect(address: string): number;
  logWait(fd: number, timeoutMs: number): number;
  logReap(pid: number): number;
}

const load = (): Native => {
  const file = nativeFile('maverick.node');
  try {
    const addon: { exports: unknown } = { exports: {} };
    // What require() does in the end; what it looks up before takes a client longer than its call of the daemon.
    process.dlopen(addon, file);
    // The one boundary where the types are ours to promise: this interface is written by hand after native/addon/*.c.
    return addon.exports as Native;
  } catch (cause) {
    const message = `the native part of @maverick/spawner can't be loaded (${file}): build it with "npm run build:native"`;
    throw new Error(message, { cause });
  }
};

export const native: Native = load();
