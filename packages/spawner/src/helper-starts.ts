import { constants } from 'node:os';
import { type ChildWatcher, isEnd } from './child-watcher.js';
import { asHelperFailure, failureOf } from './helper-messages.js';
import { helperPlan } from './helper-plan.js';
import { HelperStart, type StartOptions } from './helper-start.js';
import { type NativeFailure, type NativeHelper, type NativePlan, native } from './native.js';
import type { ChildEvent, SpawnError, SpawnResult } from './process-spec.js';
import type { SpawnWarning } from './spawn-warning.js';

/** A process to be started through the helper. */
export interface HelperRequest {
  readonly plan: NativePlan;
  readonly options: StartOptions;
  readonly describe: (failure: NativeFailure, text: string) => SpawnError;
  /** Called before anybody learns of the process. `report` as in `PausedProcesses`. */
  readonly onStarted: (pid: number, report: number | undefined) => void;
}

export interface HelperPorts {
  readonly children: ChildWatcher;
  readonly onWarning: (warning: SpawnWarning) => void;
  /** News of a process that was held back until its start was known. */
  readonly onNews: (event: ChildEvent) => void;
}

interface Keeper {
  readonly start: HelperStart;
  readonly service: string;
  /** The process that the session lasts for, where that is not the one that was started any more. */
  main?: number;
}

const { ECANCELED } = constants.errno;

/** In place of a pid: a job goes on in no other process. */
const NOWHERE = 0;

const sessionLost = (pid: number, service: string, event: ChildEvent): SpawnWarning => {
  const how = event.kind === 'exited' ? `PAM's status is ${event.code}` : 'its keeper was killed';
  return { kind: 'session-lost', pid, service, message: `unable to close PAM session of process ${pid}: ${how}` };
};

const failed = (error: SpawnError): SpawnResult => ({ ok: false, error });

/**
 * The processes that are on their way through the helper, and the keepers of PAM sessions. News of a process is held
 * back until its start has come to a result and whoever waits for that knows the pid; helpers that end are nobody's
 * business.
 */
export class HelperStarts {
  readonly #ports: HelperPorts;
  readonly #starts = new Set<HelperStart>();
  readonly #keepers = new Map<number, Keeper>();
  /** Processes of starts that have failed: their end is not told. */
  readonly #dropped = new Set<number>();
  /** News of processes whose starters are about to learn the pid. */
  readonly #fresh = new Map<number, ChildEvent[]>();

  constructor(ports: HelperPorts) {
    this.#ports = ports;
  }

  /** Start the helper. The plan's descriptors may be closed when this returns. */
  start(request: HelperRequest): Promise<SpawnResult> {
    if (request.options.signal?.aborted === true)
      return Promise.resolve(failed(request.describe(failureOf('helper', ECANCELED), '')));
    const opened = native.helperOpen(request.plan);
    if (typeof opened === 'number') return Promise.resolve(failed(request.describe(failureOf('helper', -opened), '')));
    const pid = native.spawn(helperPlan(request.plan, opened));
    native.closeFd(opened.file);
    native.closeFd(opened.theirs);
    if (typeof pid === 'number') return this.#follow(pid, opened, request);
    native.closeFd(opened.ours);
    const failure = 'step' in pid ? asHelperFailure(pid) : failureOf('helper', 0);
    return Promise.resolve(failed(request.describe(failure, '')));
  }

  /** Learn of processes that keepers have made: one may have ended before it was read that it is there. */
  listen(): void {
    for (const start of this.#starts) if (start.pid === undefined) start.read();
  }

  /** True: this is for whoever listens. False: it is about a helper, or is told later. */
  admits(event: ChildEvent): boolean {
    const { pid } = event;
    if (this.#keepers.has(pid)) return this.#keeperNews(event);
    const start = this.#unsettled(pid);
    const held = start?.held ?? this.#fresh.get(pid);
    if (held !== undefined) {
      held.push(event);
      // News of a process may overtake that of its start.
      start?.read();
      return false;
    }
    if (!this.#dropped.has(pid)) return true;
    if (isEnd(event)) this.#dropped.delete(pid);
    return false;
  }

  /** The job of `from` goes on in another process: its session, if it has one, lasts until that ends. */
  moved(from: number, pid: number): void {
    const found = this.#keeperOf(from);
    if (found === undefined) return;
    found.keeper.main = pid;
    native.helperTell(found.pid, pid);
  }

  /** A process has ended for good: the job goes on in no other. */
  ended(pid: number): void {
    const found = this.#keeperOf(pid);
    if (found !== undefined) native.helperTell(found.pid, NOWHERE);
  }

  /** Give up what has not come to a result. Sessions go on, and are closed. */
  close(): void {
    for (const start of this.#starts) {
      start.giveUp(ECANCELED);
      start.close();
    }
    this.#starts.clear();
    this.#fresh.clear();
  }

  #keeperOf(process: number): { readonly pid: number; readonly keeper: Keeper } | undefined {
    for (const [pid, keeper] of this.#keepers)
      if ((keeper.main ?? keeper.start.pid) === process) return { pid, keeper };
    return undefined;
  }

  #unsettled(pid: number): HelperStart | undefined {
    for (const start of this.#starts) if (start.pid === pid && !start.isSettled) return start;
    return undefined;
  }

  #follow(pid: number, { ours }: NativeHelper, request: HelperRequest): Promise<SpawnResult> {
    const service = request.plan.pamService;
    this.#ports.children.add(pid);
    return new Promise((resolve) => {
      const start: HelperStart = new HelperStart(
        { pid, fd: ours, keepsSession: service !== undefined },
        {
          onProcess: (process) => this.#adopt(start, process),
          onWords: (text) => this.#ports.onWarning({ kind: 'pam', service: service ?? '', message: text }),
          describe: request.describe,
          onResult: (result, report) => {
            if (result.ok) this.#started(start, result.pid, () => request.onStarted(result.pid, report));
            else this.#failed(start);
            resolve(result);
          },
          onClose: () => this.#starts.delete(start),
        },
      );
      this.#starts.add(start);
      if (service !== undefined) this.#keepers.set(pid, { start, service });
      start.limit(request.options);
    });
  }

  #adopt(start: HelperStart, pid: number): void {
    if (start.isSettled) this.#dropped.add(pid);
    this.#ports.children.addMade(pid);
  }

  #started(start: HelperStart, pid: number, tell: () => void): void {
    tell();
    this.#fresh.set(pid, start.held);
    // After every continuation of the promise.
    setImmediate(() => {
      if (!this.#fresh.delete(pid)) return;
      for (const event of start.held) this.#ports.onNews(event);
    });
  }

  #failed({ pid, hasEnded }: HelperStart): void {
    if (pid !== undefined && !hasEnded) this.#dropped.add(pid);
  }

  #keeperNews(event: ChildEvent): false {
    const keeper = this.#keepers.get(event.pid);
    if (keeper === undefined || !isEnd(event)) return false;
    keeper.start.read();
    this.#keepers.delete(event.pid);
    const closed = event.kind === 'exited' && event.code === 0;
    if (!closed && keeper.start.runs && keeper.start.pid !== undefined)
      this.#ports.onWarning(sessionLost(keeper.start.pid, keeper.service, event));
    return false;
  }
}
