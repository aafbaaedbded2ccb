import { constants } from 'node:os';
import { type AdoptResult, ChildWatcher, isEnd } from './child-watcher.js';
import { type ConsoleOutput, openOutput } from './console-output.js';
import { Descriptors } from './descriptors.js';
import { environmentOf } from './environment.js';
import type { TrackEvent } from './follow.js';
import { Followers, type TrackerChoice } from './followers.js';
import { planForHelper } from './helper-plan.js';
import type { StartOptions } from './helper-start.js';
import { HelperStarts } from './helper-starts.js';
import { needNameServices } from './name-services.js';
import { type NativeFailure, type NativePaused, native } from './native.js';
import { finish, hasRunOut, isAlone, type OpenedStart, openStart, settled } from './opened-start.js';
import type { LogOptions } from './output-log.js';
import { processStartTime } from './own-process.js';
import { checkFds, scriptFd, USUAL_SCRIPT } from './passed-fds.js';
import { PausedProcesses } from './paused.js';
import { makePlan } from './plan.js';
import { prepare } from './prepare.js';
import { ProcessLogs } from './process-logs.js';
import type { ChildEvent, ProcessSpec, SpawnError, SpawnResult } from './process-spec.js';
import { describeFailure } from './spawn-error.js';
import type { SpawnWarning } from './spawn-warning.js';
import { stepAt } from './steps.js';
import type { TrackerWay } from './tracker.js';

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
  /** How the log process is found. Absent: one is started for the first process that is logged. */
  readonly log?: LogOptions;
  /** False: strangers are reaped, but `onChild` does not hear of them. Default true. */
  readonly reportStrangers?: boolean;
  /** What became of a process with `follow` in its spec. */
  readonly onTrack?: (event: TrackEvent) => void;
  /** How forks are followed. Default `auto`: the connector where the kernel answers, else ptrace, else a scan. */
  readonly tracker?: TrackerChoice;
}

export interface KillOptions {
  /** True: the process group, also when its leader has ended and others have not. Default false. */
  readonly group?: boolean;
  /**
   * Follow the signal with SIGCONT, so that a stopped process gets to act on it; never done after a signal that stops
   * by itself or that needs no help (KILL). Default: as `group`, for a group is signalled to end it.
   */
  readonly wake?: boolean;
}

/** `errno` is positive: ESRCH when there is no such process (any more), EPERM. */
export type KillResult = { readonly ok: true } | { readonly ok: false; readonly errno: number };

const { SIGCONT, SIGKILL, SIGSTOP, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU } = constants.signals;

/** Signals after which a SIGCONT would be pointless or would undo them; 0 only asks. */
const NOT_WOKEN: ReadonlySet<number> = new Set([0, SIGCONT, SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU]);

/** Who counts on the usual place of the script would run something else. */
const checkScript = (spec: ProcessSpec): void => {
  const place = `/proc/self/fd/${scriptFd(spec)}`;
  if (spec.argv.includes(USUAL_SCRIPT) && place !== USUAL_SCRIPT)
    throw new RangeError(`the script is at ${place}, not at ${USUAL_SCRIPT}: ask scriptFd for the descriptor`);
};

const checkSpec = (spec: ProcessSpec): void => {
  if (spec.argv.length === 0) throw new TypeError('argv is empty: expected a program');
  checkFds(spec);
  if (spec.script !== undefined) checkScript(spec);
};

/** Starts processes and tells what becomes of them. One of these is enough for a program. */
export class Spawner {
  readonly #options: SpawnerOptions;
  readonly #children: ChildWatcher;
  readonly #starts: HelperStarts;
  readonly #followers: Followers;
  readonly #paused = new PausedProcesses();
  readonly #logs: ProcessLogs;
  /** Ended, but their output is still on its way: their pids no longer mean them. */
  readonly #ending = new Set<number>();
  #closed = false;

  /** @throws SystemError when `tracker` is `connector` and the kernel does not answer */
  constructor(options: SpawnerOptions) {
    this.#options = options;
    this.#followers = new Followers(options.tracker ?? 'auto', {
      onEvent: (event) => this.#onTrack(event),
      onStop: (event) => this.#options.onChild(event),
      adopt: (pid, startTime) => this.#children.adopt(pid, startTime),
      isStarted: (pid) => this.#children.has(pid),
    });
    this.#children = new ChildWatcher({
      reapStrangers: options.reapStrangers ?? true,
      reportStrangers: options.reportStrangers ?? true,
      onNews: (event) => {
        if (this.#starts.admits(event)) this.#onNews(event);
      },
      onUnknown: () => this.#starts.listen(),
      tracees: this.#followers.tracees,
    });
    this.#starts = new HelperStarts({
      children: this.#children,
      onWarning: (warning) => this.#warn(warning),
      onNews: (event) => this.#onNews(event),
    });
    this.#logs = new ProcessLogs(options.log ?? {}, { onWarning: (warning) => this.#warn(warning) });
  }

  /**
   * Start a process. Returns when the program runs (its `exec` has succeeded) or a step has failed, after which nothing
   * runs; both within a millisecond or so, whatever the size of this process.
   * @throws TypeError or RangeError when the spec itself is wrong: an empty `argv`, an unknown resource, a NUL in a string
   */
  spawn(spec: ProcessSpec): SpawnResult {
    const opened = this.#open(spec);
    return 'ok' in opened ? opened : finish(opened, () => this.#spawnOpened(opened));
  }

  /**
   * Start several processes, as {@link spawn} would one after the other, but sooner: each waits for its turn on a processor
   * before its program runs, and here several wait at once. Returns when each of them runs or has failed.
   * @returns for each, in order, what `spawn` would have returned (`fulfilled`) or thrown (`rejected`)
   */
  spawnAll(specs: readonly ProcessSpec[]): PromiseSettledResult<SpawnResult>[] {
    const opened = specs.map((spec) => settled(() => (isAlone(spec) ? this.spawn(spec) : this.#open(spec))));
    const ready = opened.flatMap((each) => (each.status === 'fulfilled' && !('ok' in each.value) ? each.value : []));
    const results = native.spawnAll(ready.map(({ spec, prepared }) => makePlan(spec, prepared)));
    const started = new Map(ready.map((each, index) => [each, results[index] ?? Number.NaN]));
    const all = opened.map((each): PromiseSettledResult<SpawnResult> => {
      if (each.status === 'rejected') return each;
      const { value } = each;
      if ('ok' in value) return { status: 'fulfilled', value };
      return settled(() => finish(value, () => this.#spawned(value, started.get(value) ?? Number.NaN)));
    });
    return specs.map((spec, index) => {
      const result = all[index] as PromiseSettledResult<SpawnResult>; // one for each
      return hasRunOut(result) ? settled(() => this.spawn(spec)) : result;
    });
  }

  /**
   * Start a process that may need more than the kernel: a PAM session (`pamService`), and users and groups that other
   * name services of its root know than the files. It goes through the helper program then, which takes a millisecond or
   * two, or as long as a module or a name service takes; the event loop is free meanwhile. Everything else is started as
   * by `spawn`, at once.
   * @returns settles when the program runs or a step has failed; no news of the process is told before that
   * @throws as `spawn`, by rejecting
   */
  async start(spec: ProcessSpec, options: StartOptions = {}): Promise<SpawnResult> {
    this.#check(spec);
    if (spec.pamService === undefined && !needNameServices(spec)) return this.spawn(spec);
    const console = openOutput(spec.console, undefined);
    if (!console.ok) return console;
    const descriptors = new Descriptors();
    descriptors.keep(...console.output.opened);
    try {
      const result = this.#startWith(spec, options, console.output, descriptors);
      this.#logs.warnOfConsole(spec, console.warning);
      return result;
    } finally {
      descriptors.close();
    }
  }

  /**
   * Watch a process that this spawner did not start, whoever its parent is: one that was there before this program, or
   * that somebody else started. Its end is told like a child's; `vanished` where nobody can tell how it ended.
   * @param startTime as `processStartTime` told it: another process that has got the number by now is refused (`ESRCH`)
   */
  adopt(pid: number, startTime: number): AdoptResult {
    return this.#children.adopt(pid, startTime);
  }

  /** Send a signal to a process and, if asked, to its group. Never to this process's own group. */
  kill(pid: number, signal: number, options: KillOptions = {}): KillResult {
    const { group = false, wake = group } = options;
    const isOver = this.#ending.has(pid) || !this.#children.isThere(pid);
    // A group outlives its leader, and keeps its number from being used again: who has it now is somebody else.
    if (isOver && (!group || processStartTime(pid) !== undefined)) return { ok: false, errno: constants.errno.ESRCH };
    const result = native.killProcess(pid, signal, group);
    if (result < 0) return { ok: false, errno: -result };
    if (group || signal === SIGKILL || signal === SIGTERM) this.#followers.signalled(pid);
    // Whether that worked no longer matters: the process may be gone by now.
    if (wake && !NOT_WOKEN.has(signal)) native.killProcess(pid, SIGCONT, group);
    return { ok: true };
  }

  /** Write what is kept in memory for log files that could not be written. */
  flushLogs(): void {
    this.#logs.flush();
  }

  /** Open every log file anew by its name at its next output: for a rotation that renames files. */
  reopenLogs(): void {
    this.#logs.reopen();
  }

  /**
   * Let the log process write what is there and end, so that nothing of it holds a file system. Processes go on; what
   * they write waits where they write it, and they wait when that is full.
   */
  async pauseLogs(): Promise<void> {
    await this.#logs.pause();
  }

  /** Log again. @throws SystemError when no log process can be started */
  resumeLogs(): void {
    this.#logs.resume();
  }

  /**
   * Leave the log process to the program that this process becomes by `exec`: it gives the descriptor, kept open, as
   * `log.control`. Ends of processes that wait for their output are told now.
   * @returns undefined when nothing is logged
   */
  handOverLogs(): number | undefined {
    return this.#logs.handOver();
  }

  /**
   * Watch and log no more; what has been written is in the logs. Processes go on, and so does the log process as long as
   * one of them may write.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#starts.close();
    this.#followers.close();
    this.#children.close();
    this.#paused.close();
    this.#logs.close();
  }

  #check(spec: ProcessSpec): void {
    if (this.#closed) throw new Error('this spawner is closed: make a new one');
    checkSpec(spec);
  }

  async #startWith(
    spec: ProcessSpec,
    options: StartOptions,
    output: ConsoleOutput,
    descriptors: Descriptors,
  ): Promise<SpawnResult> {
    const prepared = prepare(spec, output, { ok: true, identity: {} }, descriptors);
    const source = new Descriptors();
    source.keep(...(output.log?.sources ?? []));
    const logError = this.#logs.prepare(output);
    if (logError !== undefined) {
      source.close();
      return { ok: false, error: logError };
    }
    const describe = (failure: NativeFailure, text?: string) => describeFailure(spec, prepared.limits, failure, text);
    const onStarted = (pid: number, report: number | undefined): void => {
      if (report !== undefined) this.#pause({ pid, report }, describe);
      if (spec.follow !== undefined) this.#followers.beginLate(pid, spec.follow, environmentOf(spec));
      this.#logs.add(pid, output, source);
    };
    const plan = planForHelper(makePlan(spec, prepared), spec, output);
    const starting = this.#starts.start({ plan, options, describe, onStarted });
    return starting.finally(() => source.close());
  }

  #open(spec: ProcessSpec): ReturnType<typeof openStart> {
    this.#check(spec);
    if (spec.pamService !== undefined) throw new TypeError('a PAM session takes its time: use start, not spawn');
    return openStart(spec, this.#logs);
  }

  #spawnOpened(opened: OpenedStart): SpawnResult {
    const { spec, prepared } = opened;
    const way = spec.follow === undefined ? undefined : this.#followers.prepare();
    const result = native.spawn(makePlan(way === 'ptrace' ? { ...spec, trace: true } : spec, prepared));
    if (typeof result === 'number' || !('step' in result)) return this.#spawned(opened, result, way);
    this.#followers.abandon();
    const again = way === 'ptrace' && stepAt(result.step) === 'trace' && this.#followers.giveUpTracing();
    return again ? this.#spawnOpened(opened) : this.#spawned(opened, result);
  }

  #spawned(opened: OpenedStart, result: ReturnType<typeof native.spawn>, way?: TrackerWay): SpawnResult {
    const { spec, output, prepared, descriptors } = opened;
    const describe = (failure: NativeFailure) => describeFailure(spec, prepared.limits, failure);
    if (typeof result === 'object' && 'step' in result) return { ok: false, error: describe(result) };
    const pid = typeof result === 'number' ? result : this.#pause(result, describe);
    this.#children.add(pid);
    if (spec.follow !== undefined && way !== undefined)
      this.#followers.begin(pid, spec.follow, way, environmentOf(spec));
    this.#logs.add(pid, output, descriptors);
    return { ok: true, pid };
  }

  #pause({ pid, report }: NativePaused, describe: (failure: NativeFailure) => SpawnError): number {
    this.#paused.add(pid, report, (failure) => {
      if (failure === undefined) this.#options.onChild({ kind: 'executed', pid });
      else this.#options.onChild({ kind: 'exec-failed', pid, error: describe(failure) });
    });
    return pid;
  }

  #warn(warning: SpawnWarning): void {
    this.#options.onWarning?.(warning);
  }

  /** What a process wrote before and after it forked away goes to the same log. */
  #onTrack(event: TrackEvent): void {
    if (event.kind === 'forked') {
      this.#logs.move(event.from, event.pid);
      this.#starts.moved(event.from, event.pid);
    }
    this.#options.onTrack?.(event);
  }

  #onNews(event: ChildEvent): void {
    if (isEnd(event)) this.#paused.settle(event.pid, event);
    this.#followers.news(event);
    if (isEnd(event)) this.#starts.ended(event.pid);
    const tell = (): void => {
      this.#ending.delete(event.pid);
      this.#options.onChild(event);
    };
    if (isEnd(event) && this.#logs.drain(event.pid, tell)) this.#ending.add(event.pid);
    else tell();
  }
}
