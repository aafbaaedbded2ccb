/** How often a program forks until the process that serves is there: once, or twice as daemon(7) has it. */
const FORKS_OF = { fork: 1, daemon: 2 } as const;

export type ForkExpectation = keyof typeof FORKS_OF;

/** What to follow a process for, and how long. */
export interface FollowSpec {
  readonly expect: ForkExpectation;
  /**
   * Milliseconds after which a process that has neither forked away nor ended is taken for the one that serves, as it
   * is. Default 30,000.
   */
  readonly patienceMs?: number;
  /** Milliseconds after which a process that has forked away less often than expected is. Default 500. */
  readonly settleMs?: number;
  /**
   * Milliseconds after settling in which a main process that ends with 0 and leaves descendants is still taken for one
   * that forked once more than expected. Default 1,000.
   */
  readonly lingerMs?: number;
}

/**
 * What following finds out. Told from the event loop, and before the end of the process that was the main one is.
 *
 * For an engine: `forked` is its `process-forked`, `executed` its `process-execed`, `settled` its `process-ready`;
 * `lost` has no input of its own, for the end of the process is told by a `ChildEvent`.
 */
export type TrackEvent =
  /** The main process `from` has ended; what remains of it, and is watched from now on, is `pid`. */
  | { readonly kind: 'forked'; readonly from: number; readonly pid: number }
  /** The main process runs another program. */
  | { readonly kind: 'executed'; readonly pid: number }
  /**
   * This is the process that serves. Told once; only `forked` can still follow, within `lingerMs`.
   * `forks` is how many forks it is away from the process that was started: other than expected where the program does
   * otherwise than it was said to.
   */
  | { readonly kind: 'settled'; readonly pid: number; readonly forks: number }
  /** The main process has ended before it settled, and nothing of it remains. Told once, and the last. */
  | { readonly kind: 'lost'; readonly pid: number; readonly reason: 'ended' | 'signalled' };

/** What a {@link Following} needs from outside. */
export interface FollowingPort {
  readonly onEvent: (event: TrackEvent) => void;
  /** Hold a process by its pidfd and watch it. False: it is gone. */
  readonly supervise: (pid: number) => boolean;
  /** Bring what is known up to date: everything that has happened until now has been told when it returns. */
  readonly sync: () => void;
  /** Nothing more has to be told about these processes. */
  readonly release: () => void;
}

interface Member {
  readonly pid: number;
  readonly parent: number;
  /** Forks away from the process that was started. */
  readonly depth: number;
  executed: boolean;
}

const DEFAULTS = { patienceMs: 30_000, settleMs: 500, lingerMs: 1000 } as const;

/**
 * The descendants of one process, and which of them is the main one.
 *
 * The main process is the descendant that remains. The one that was started is it, until it ends: then the nearest
 * living descendant takes its place. So a child that comes and goes (a pipeline of the shell in front) is never taken for
 * the daemon, and it does not matter whether a parent ends before or after its child has forked on. It has settled when
 *
 * - it is as many forks away as expected, or
 * - it was forked and runs another program: nobody forks away after that, or
 * - it has stayed for `settleMs`, though it should have forked on, or for `patienceMs` without forking away at all.
 *
 * How a parent ended does not matter, except that one that we ended ourselves leaves no successor.
 */
export class Following {
  readonly #spec: Required<FollowSpec>;
  readonly #port: FollowingPort;
  readonly #members = new Map<number, Member>();
  #main: Member;
  #state: 'following' | 'settled' | 'over' = 'following';
  #signalled = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(pid: number, spec: FollowSpec, port: FollowingPort) {
    this.#spec = { ...DEFAULTS, ...spec };
    this.#port = port;
    this.#main = { pid, parent: 0, depth: 0, executed: false };
    this.#members.set(pid, this.#main);
    this.#wait(this.#spec.patienceMs, () => this.#settle());
  }

  get mainPid(): number {
    return this.#main.pid;
  }

  get isOver(): boolean {
    return this.#state === 'over';
  }

  get pids(): readonly number[] {
    return [...this.#members.keys()];
  }

  has(pid: number): boolean {
    return this.#members.has(pid);
  }

  /** @param depth forks away from the process that was started, where that is known otherwise than by the parent */
  forked(parent: number, child: number, depth = (this.#members.get(parent)?.depth ?? 0) + 1): void {
    if (this.#state === 'over' || this.#members.has(child)) return;
    this.#members.set(child, { pid: child, parent, depth, executed: false });
  }

  executed(pid: number): void {
    const member = this.#members.get(pid);
    if (member === undefined || this.#state !== 'following') return;
    member.executed = true;
    if (member !== this.#main) return;
    this.#port.onEvent({ kind: 'executed', pid });
    if (member.depth > 0) this.#settle();
  }

  /** @param clean it exited with 0, or nobody can tell */
  ended(pid: number, clean: boolean): void {
    if (this.#state === 'over') return;
    if (pid === this.#main.pid) this.#port.sync();
    // The port may have told of this very end.
    if (!this.#members.delete(pid) || pid !== this.#main.pid) return;
    if (this.#signalled) this.#finish('signalled');
    else if (this.#state === 'settled' && !clean) this.#over();
    else this.#replaceMain();
  }

  /** The main process was told to end. */
  signalled(): void {
    this.#signalled = true;
  }

  /** Stop following; nothing more is told. */
  close(): void {
    if (this.#state !== 'over') this.#over();
  }

  /** The nearest living descendants: none of them has one of the others above it. */
  #remaining(): Member[] {
    return [...this.#members.values()].filter(({ parent }) => !this.#members.has(parent));
  }

  /** As many forks away as expected, else the one that was forked first. */
  #best(): Member | undefined {
    const remaining = this.#remaining();
    return remaining.find(({ depth }) => depth === FORKS_OF[this.#spec.expect]) ?? remaining[0];
  }

  #replaceMain(): void {
    const from = this.#main.pid;
    for (let best = this.#best(); best !== undefined; best = this.#best()) {
      const found = this.#port.supervise(best.pid);
      // While we got hold of it, it may have ended, and the number become another's: then this has been told by now.
      this.#port.sync();
      if (found && this.#members.get(best.pid) === best) {
        this.#moveTo(best, from);
        return;
      }
      this.#members.delete(best.pid);
    }
    this.#finish('ended');
  }

  #moveTo(best: Member, from: number): void {
    this.#main = best;
    this.#port.onEvent({ kind: 'forked', from, pid: best.pid });
    if (this.#state !== 'following') return;
    if (best.depth >= FORKS_OF[this.#spec.expect] || best.executed) this.#settle();
    else this.#wait(this.#spec.settleMs, () => this.#settle());
  }

  #settle(): void {
    this.#state = 'settled';
    this.#wait(this.#spec.lingerMs, () => this.#over());
    this.#port.onEvent({ kind: 'settled', pid: this.#main.pid, forks: this.#main.depth });
  }

  #finish(reason: 'ended' | 'signalled'): void {
    const wasFollowing = this.#state === 'following';
    this.#over();
    if (wasFollowing) this.#port.onEvent({ kind: 'lost', pid: this.#main.pid, reason });
  }

  #over(): void {
    this.#state = 'over';
    clearTimeout(this.#timer);
    this.#port.release();
    this.#members.clear();
  }

  #wait(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }
}
