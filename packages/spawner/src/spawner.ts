import { constants } from 'node:os';
import { ChildWatcher, isEnd } from './child-watcher.js';
import { type ConsoleOutput, openOutput } from './console-output.js';
import { Descriptors } from './descriptors.js';
import { type IdentityResult, resolveIdentity } from './identity.js';
import { sortLimits } from './limits.js';
import { type NativeFailure, native } from './native.js';
import { type LogId, OutputLog } from './output-log.js';
import { makePlan, type Prepared } from './plan.js';
import type { ChildEvent, ProcessSpec, SpawnError, SpawnResult } from './process-spec.js';
import { spawnError } from './spawn-error.js';
import type { SpawnWarning } from './spawn-warning.js';
import { stepAt } from './steps.js';
import { SystemError } from './system-error.js';

export interface SpawnerOptions {
  /**
   * What became of a child. Called from the event loop only: never before `spawn` has returned the pid, and for an end
   * not before the output that the process wrote has been taken into its log.
   */
  readonly onChild: (event: ChildEvent) => void;
  /** Something went less well than asked for; the process runs. */
  readonly onWarning?: (warning: SpawnWarning) => void;
  /**
   * True, the default: wait for every child of this process, also those that were adopted (PID 1, subreaper) or started
   * by other means, and report them all. Nothing else in the process may then wait for children: no `child_process`.
   * False: only those that this spawner started; `child_process` works as ever beside it.
   */
  readonly reapStrangers?: boolean;
}

export interface KillOptions {
  /** True: the process group (the process itself where the group can't be found). Default false. */
  readonly group?: boolean;
  /**
   * Follow the signal with SIGCONT, so that a stopped process gets to act on it; never done after a signal that stops
   * by itself or that needs no help (KILL). Default: as `group`, for a group is signalled to end it.
   */
  readonly wake?: boolean;
}

/** `errno` is positive: ESRCH when there is no such process (any more), EPERM. */
export type KillResult = { readonly ok: true } | { readonly ok: false; readonly errno: number };

const { SIGCONT, SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU } = constants.signals;

/** Signals after which a SIGCONT would be pointless or would undo them; 0 only asks. */
const NOT_WOKEN: ReadonlySet<number> = new Set([0, SIGCONT, SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU]);

const NO_FD = -1;

/** The descriptor of a script, which nothing else may take. */
const SCRIPT_FD = 9;

const checkSpec = (spec: ProcessSpec): void => {
  if (spec.argv.length === 0) throw new TypeError('argv is empty: expected a program');
  const fds = spec.inheritFds ?? [];
  const taken = fds.find((fd) => fd < 3 || (fd === SCRIPT_FD && spec.script !== undefined));
  if (taken !== undefined) throw new RangeError(`descriptor ${taken} can't be inherited: its place is taken`);
};

/** What the native side counted, by name. */
const argumentOf = (spec: ProcessSpec, prepared: Prepared, { step, argument }: NativeFailure): string | undefined => {
  switch (stepAt(step)) {
    case 'limit':
      return prepared.limits[argument]?.resource;
    case 'chroot':
      return spec.chroot?.[argument];
    case 'inherit':
      return String(spec.inheritFds?.[argument]);
    case 'chdir':
      return spec.cwd;
    case 'exec':
      return spec.argv[0];
    case 'getpwnam':
    case 'user':
    case 'setuid':
      return spec.user;
    case 'getgrnam':
    case 'group':
    case 'setgid':
      return spec.group;
    default:
      return undefined;
  }
};

/** Starts processes and tells what becomes of them. One of these is enough for a program. */
export class Spawner {
  readonly #options: SpawnerOptions;
  readonly #children: ChildWatcher;
  /** Made for the first process that is logged. */
  #output: OutputLog | undefined;
  readonly #logs = new Map<number, LogId>();
  /** Ended, but their output is still on its way: their pids no longer mean them. */
  readonly #ending = new Set<number>();
  #closed = false;

  constructor(options: SpawnerOptions) {
    this.#options = options;
    this.#children = new ChildWatcher({
      reapStrangers: options.reapStrangers ?? true,
      onNews: (event) => this.#onNews(event),
    });
  }

  /**
   * Start a process. Returns when the program runs (its `exec` has succeeded) or a step has failed, after which nothing
   * runs; both within a millisecond or so, whatever the size of this process.
   * @throws TypeError or RangeError when the spec itself is wrong: an empty `argv`, an unknown resource, a NUL in a string
   */
  spawn(spec: ProcessSpec): SpawnResult {
    if (this.#closed) throw new Error('this spawner is closed: make a new one');
    checkSpec(spec);
    const identity = resolveIdentity(spec);
    const console = openOutput(spec.console, identity.ok ? identity.identity.uid : undefined);
    if (!console.ok) return console;
    const descriptors = new Descriptors();
    descriptors.keep(...console.output.opened, console.output.log?.source ?? -1);
    try {
      const result = this.#spawnWith(spec, console.output, identity, descriptors);
      if (console.warning !== undefined) this.#warn(console.warning);
      return result;
    } finally {
      descriptors.close();
    }
  }

  /** Send a signal to a process and, if asked, to its group. Never to this process's own group. */
  kill(pid: number, signal: number, options: KillOptions = {}): KillResult {
    const { group = false, wake = group } = options;
    if (this.#ending.has(pid)) return { ok: false, errno: constants.errno.ESRCH };
    const result = native.killProcess(pid, signal, group);
    if (result < 0) return { ok: false, errno: -result };
    // Whether that worked no longer matters: the process may be gone by now.
    if (wake && !NOT_WOKEN.has(signal)) native.killProcess(pid, SIGCONT, group);
    return { ok: true };
  }

  /** Write what is kept in memory for log files that could not be written. */
  flushLogs(): void {
    this.#output?.flush();
  }

  /** Watch and log no more; what has been written is in the logs. Processes go on, but lose their logged output. */
  close(): void {
    this.#closed = true;
    this.#children.close();
    this.#output?.close();
    this.#output = undefined;
  }

  #spawnWith(
    spec: ProcessSpec,
    output: ConsoleOutput,
    identity: IdentityResult,
    descriptors: Descriptors,
  ): SpawnResult {
    const scriptFd = spec.script === undefined ? NO_FD : native.scriptOpen(spec.script);
    if (spec.script !== undefined && scriptFd < 0) return { ok: false, error: spawnError('script', -scriptFd) };
    descriptors.keep(scriptFd);
    const prepared: Prepared = { ...output, scriptFd, limits: sortLimits(spec.limits ?? []), identity };
    // Before the process is there: where its output can't be logged, it should not be.
    const logError = output.log === undefined ? undefined : this.#startOutputLog(output.log.path);
    if (logError !== undefined) return { ok: false, error: logError };

    const result = native.spawn(makePlan(spec, prepared));
    if (typeof result !== 'number') return { ok: false, error: this.#failure(spec, prepared, result) };
    this.#children.add(result);
    if (output.log !== undefined) this.#log(result, output.log, descriptors);
    return { ok: true, pid: result };
  }

  #startOutputLog(path: string): SpawnError | undefined {
    try {
      this.#output ??= new OutputLog((warning) => this.#warn(warning));
      return undefined;
    } catch (error) {
      if (error instanceof SystemError) return spawnError('log', error.errno, path);
      throw error;
    }
  }

  #log(pid: number, { source, path }: NonNullable<ConsoleOutput['log']>, descriptors: Descriptors): void {
    descriptors.release(source);
    const log = this.#output?.add(source, path);
    if (log !== undefined) this.#logs.set(pid, log);
  }

  #failure(spec: ProcessSpec, prepared: Prepared, failure: NativeFailure): SpawnError {
    return spawnError(stepAt(failure.step), failure.errno, argumentOf(spec, prepared, failure));
  }

  #warn(warning: SpawnWarning): void {
    this.#options.onWarning?.(warning);
  }

  #onNews(event: ChildEvent): void {
    const log = isEnd(event) ? this.#logs.get(event.pid) : undefined;
    if (log === undefined || this.#output === undefined) {
      this.#options.onChild(event);
      return;
    }
    this.#logs.delete(event.pid);
    this.#ending.add(event.pid);
    this.#output.drain(log, () => {
      this.#ending.delete(event.pid);
      this.#options.onChild(event);
    });
  }
}
