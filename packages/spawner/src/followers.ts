import type { AdoptResult, Tracees } from './child-watcher.js';
import { Following, type FollowSpec, type TrackEvent } from './follow.js';
import type { ChildEvent } from './process-spec.js';
import { readProcess } from './process-table.js';
import { SystemError } from './system-error.js';
import type { Tracker, TrackerWay } from './tracker.js';
import { ConnectorTracker } from './tracker-connector.js';
import { PtraceTracker } from './tracker-ptrace.js';
import { ScanTracker } from './tracker-scan.js';

/** `auto`: the connector where the kernel answers, else ptrace, else a scan. */
export type TrackerChoice = 'auto' | TrackerWay;

export interface FollowersPort {
  readonly onEvent: (event: TrackEvent) => void;
  readonly onStop: (event: ChildEvent) => void;
  readonly adopt: (pid: number, startTime: number) => AdoptResult;
  /** A process that was started by us: nobody's descendant. */
  readonly isStarted: (pid: number) => boolean;
}

/** Everybody who is followed, by whichever way. */
export class Followers {
  readonly #choice: TrackerChoice;
  readonly #port: FollowersPort;
  readonly #connector = new ConnectorTracker();
  readonly #ptrace: PtraceTracker;
  readonly #scan: ScanTracker;
  readonly #followings = new Map<Following, Tracker>();
  #connectorErrno = 0;
  #tracingFails = false;

  /** @throws SystemError when the connector was chosen and the kernel does not answer */
  constructor(choice: TrackerChoice, port: FollowersPort) {
    this.#choice = choice;
    this.#port = port;
    this.#ptrace = new PtraceTracker(port.onStop);
    this.#scan = new ScanTracker(port.isStarted);
    if (choice === 'connector') {
      this.#openConnector();
      this.#connector.closeIfIdle();
    }
  }

  get tracees(): Tracees {
    return this.#ptrace;
  }

  /** Before a process is started: how it is going to be followed. */
  prepare(): TrackerWay {
    if (this.#choice === 'connector') this.#openConnector();
    if (this.#choice !== 'auto') return this.#choice;
    // What the kernel refused once it refuses for good; that no more files can be open passes.
    if (this.#connectorErrno === 0) this.#connectorErrno = -this.#connector.open();
    if (this.#connectorErrno === 0) return 'connector';
    return this.#tracingFails ? 'scan' : 'ptrace';
  }

  /** Tracing is forbidden here. @returns whether there is another way */
  giveUpTracing(): boolean {
    this.#tracingFails = true;
    return this.#choice === 'auto';
  }

  /** The process did not come to be. */
  abandon(): void {
    this.#connector.closeIfIdle();
  }

  /**
   * Follow a process that was started since `prepare`, before the event loop gets its turn.
   * @param environment what the process was given
   */
  begin(pid: number, spec: FollowSpec, way: TrackerWay, environment: readonly string[]): void {
    const tracker = { connector: this.#connector, ptrace: this.#ptrace, scan: this.#scan }[way];
    const following: Following = new Following(pid, spec, {
      onEvent: this.#port.onEvent,
      supervise: (main) => this.#supervise(main),
      sync: () => tracker.sync(following),
      release: () => {
        this.#followings.delete(following);
        tracker.release(following);
      },
    });
    this.#followings.set(following, tracker);
    tracker.begin(following, environment);
  }

  /**
   * Follow a process that somebody else has started for us, and that may have forked by now: what we have missed is looked
   * up. It can't be traced any more.
   */
  beginLate(pid: number, spec: FollowSpec, environment: readonly string[]): void {
    const way = this.#choice !== 'scan' && this.#connector.open() === 0 ? 'connector' : 'scan';
    this.begin(pid, spec, way, environment);
    this.#connector.catchUp();
  }

  /** News of any child, before anybody else hears of it. */
  news(event: ChildEvent): void {
    const clean = event.kind === 'vanished' || (event.kind === 'exited' && event.code === 0);
    const ended = clean || event.kind === 'exited' || event.kind === 'signalled';
    if (ended) for (const following of this.#followings.keys()) following.ended(event.pid, clean);
    for (const tracker of new Set(this.#followings.values())) tracker.look();
  }

  /** A process was told to end: it is not going to leave a successor. */
  signalled(pid: number): void {
    for (const following of this.#followings.keys()) if (following.mainPid === pid) following.signalled();
  }

  close(): void {
    for (const following of [...this.#followings.keys()]) following.close();
    for (const tracker of [this.#connector, this.#ptrace, this.#scan]) tracker.close();
  }

  #openConnector(): void {
    const result = this.#connector.open();
    if (result < 0) throw new SystemError('process connector', -result);
  }

  #supervise(pid: number): boolean {
    const startTime = readProcess(pid)?.startTime;
    return startTime !== undefined && this.#port.adopt(pid, startTime).ok;
  }
}
