import { constants } from 'node:os';
import { isEnd } from './child-watcher.js';
import { type FdWatch, watchFd } from './fd-watch.js';
import { asHelperFailure, failureOf, type HelperMessage, readMessage } from './helper-messages.js';
import { type NativeFailure, native } from './native.js';
import type { ChildEvent, SpawnError, SpawnResult } from './process-spec.js';

export interface StartOptions {
  /** Give up when this is aborted: nothing runs then, and the error's `errno` is ECANCELED. */
  readonly signal?: AbortSignal;
  /** Give up after so many milliseconds (`errno` ETIME). Default: never. */
  readonly timeoutMs?: number;
}

/** What a start needs of its surroundings. */
export interface StartPorts {
  /** The pid of a process that the helper has made for us: it must be waited for. */
  readonly onProcess: (pid: number) => void;
  /** What a PAM module says. */
  readonly onWords: (text: string) => void;
  readonly describe: (failure: NativeFailure, text: string) => SpawnError;
  /** Called once. `report` is open in a process that pauses, and tells if its program can't be executed. */
  readonly onResult: (result: SpawnResult, report: number | undefined) => void;
  /** The helper has no more to say. */
  readonly onClose: () => void;
}

const { ECANCELED, ETIME } = constants.errno;
const { SIGKILL, SIGTERM } = constants.signals;

/** How long a keeper has for ending the processes of its modules. */
const PATIENCE_MS = 5_000;

/** The longest delay of a timer. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/**
 * One process on its way through the helper, until its program runs or nothing does. The helper becomes the process
 * itself, or keeps its PAM session and makes it as our child.
 */
export class HelperStart {
  /** The process, once it is known. */
  pid: number | undefined;
  /** What became of the process before its start has come to a result. */
  readonly held: ChildEvent[] = [];
  readonly #helper: number;
  readonly #keepsSession: boolean;
  readonly #fd: number;
  readonly #ports: StartPorts;
  readonly #watch: FdWatch;
  #begun = false;
  #result: SpawnResult | undefined;
  #open = true;
  #forgetLimits = (): void => {};

  /** @param fd the pipe of the helper's messages, closed when the last has come */
  constructor(
    helper: { readonly pid: number; readonly keepsSession: boolean; readonly fd: number },
    ports: StartPorts,
  ) {
    this.#helper = helper.pid;
    this.#keepsSession = helper.keepsSession;
    this.pid = helper.keepsSession ? undefined : helper.pid;
    this.#fd = helper.fd;
    this.#ports = ports;
    this.#watch = watchFd(helper.fd, { readable: true }, () => this.read());
  }

  /** True once there is a result. */
  get isSettled(): boolean {
    return this.#result !== undefined;
  }

  /** True once the process is on its way to its program, unless that has failed. */
  get runs(): boolean {
    return this.#begun && this.#result?.ok !== false;
  }

  /** True once the process has ended, which has not been told. */
  get hasEnded(): boolean {
    return this.held.some(isEnd);
  }

  /** Take what the helper has said so far. */
  read(): void {
    while (this.#open) {
      const message = readMessage(this.#fd);
      if (message === undefined) return;
      this.#take(message);
    }
  }

  /** Have the start given up when the caller says so, or after some time. */
  limit({ signal, timeoutMs }: StartOptions): void {
    const onAbort = (): void => this.giveUp(ECANCELED);
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => this.giveUp(ETIME), Math.min(Math.max(timeoutMs, 0), MAX_DELAY_MS));
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#forgetLimits = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
  }

  /** Nothing is to run. What the helper still says is listened to: it may be making the process at this moment. */
  giveUp(errno: number): void {
    this.read();
    if (this.isSettled) return;
    this.#fail(failureOf(this.#keepsSession && !this.#begun ? 'pam' : 'helper', errno), '');
    this.#kill();
  }

  /** Listen no more. */
  close(): void {
    if (!this.#open) return;
    this.#leave();
    native.closeFd(this.#fd);
  }

  #take(message: HelperMessage): void {
    switch (message.kind) {
      case 'words':
        this.#ports.onWords(message.text);
        break;
      case 'begun':
        this.#begin(message.pid);
        break;
      case 'paused':
        this.#pause();
        break;
      case 'failed':
        this.#fail(this.#begun ? message.failure : asHelperFailure(message.failure), message.text);
        break;
      case 'end':
        this.#end();
    }
  }

  #begin(pid: number): void {
    this.#begun = true;
    this.pid = pid;
    if (this.#keepsSession) this.#ports.onProcess(pid);
    if (this.isSettled && this.#keepsSession) this.#kill();
  }

  #pause(): void {
    if (this.isSettled || this.pid === undefined) return;
    this.#leave();
    this.#settle({ ok: true, pid: this.pid }, this.#fd);
  }

  #fail(failure: NativeFailure, text: string): void {
    this.#settle({ ok: false, error: this.#ports.describe(failure, text) });
  }

  #end(): void {
    this.close();
    if (this.#begun && this.pid !== undefined) this.#settle({ ok: true, pid: this.pid });
    else this.#fail(failureOf('helper', 0), 'it has ended before its time');
  }

  #settle(result: SpawnResult, report?: number): void {
    if (this.isSettled) return;
    this.#result = result;
    this.#forgetLimits();
    this.#ports.onResult(result, report);
  }

  #leave(): void {
    this.#open = false;
    this.#watch.close();
    this.#ports.onClose();
  }

  /** A keeper ends what its modules have started before it ends itself; with a process it closes the session. */
  #kill(): void {
    if (this.#keepsSession && !this.#begun) this.#endKeeper();
    else if (this.pid !== undefined && !this.hasEnded) native.killProcess(this.pid, SIGKILL, false);
  }

  #endKeeper(): void {
    native.killProcess(this.#helper, SIGTERM, false);
    const insist = (): void => {
      if (this.#open && !this.#begun) native.killProcess(this.#helper, SIGKILL, false);
    };
    setTimeout(insist, PATIENCE_MS).unref();
  }
}
