import type { ProcessId } from '@maverick/engine';
import { type NotifyMessage, NotifySocket, type ProcessSpec, ReadyPipe } from '@maverick/spawner';
import type { UnstampedInput } from './engine-loop.js';
import type { SpawnAction } from './launcher.js';

/** What a process tells of itself. */
export interface ReadinessPorts {
  readonly send: (input: UnstampedInput) => void;
  /** The PID that is supervised under the engine's number now. */
  readonly pidOf: (process: ProcessId) => number | undefined;
  /** Another process of the job is to be supervised in the place of the main one. */
  readonly mainPid: (process: ProcessId, pid: number) => void;
  /** A line for people. */
  readonly status: (process: ProcessId, text: string) => void;
  /** Descriptors are to be kept for who comes after the process, or not any more. They are closed after this. */
  readonly files: (process: ProcessId, message: NotifyMessage, fds: readonly number[]) => void;
  /** Where a process of this number finds us; default: a name that nobody else has. */
  readonly notifyAddress?: (process: ProcessId) => string;
}

/** A way that stays open over an `exec`. */
export interface HandedChannel {
  readonly process: ProcessId;
  readonly fd: number;
  /** Of a socket; absent for a pipe. */
  readonly address?: string;
}

/** A way on which a process can tell something. */
interface Channel {
  /** What is added to the process. */
  readonly spec: Partial<ProcessSpec>;
  readonly env: readonly string[];
  /** It has its own copy of everything. */
  started(): void;
  /** Take in everything that it has told until now. */
  read(): void;
  /** Stay open for who comes next. Undefined: there is nothing to be told any more. */
  handOver(): Omit<HandedChannel, 'process'> | undefined;
  close(): void;
}

/** The ways on which processes tell that they are ready (`expect notify`, `expect fd`) and alive (`watchdog`). */
export class Readiness {
  readonly #ports: ReadinessPorts;
  readonly #channels = new Map<ProcessId, Channel>();

  constructor(ports: ReadinessPorts) {
    this.#ports = ports;
  }

  /**
   * Open the way for a process that is about to start, where its job asks for one.
   * @throws SystemError where none can be had
   */
  open({ process, role, definition }: SpawnAction): Pick<Channel, 'spec' | 'env'> | undefined {
    if (role !== 'main') return undefined;
    const { expect, expectFd, watchdogSeconds } = definition;
    if (expect === 'fd') return this.#add(process, this.#pipe(process, expectFd));
    if (expect === 'notify' || watchdogSeconds !== undefined) {
      return this.#add(process, this.#socket(process, watchdogSeconds));
    }
    return undefined;
  }

  /** Listen again to a process that an earlier supervisor started; a pipe ended with that one. */
  reopen(process: ProcessId): void {
    if (this.#ports.notifyAddress !== undefined) this.#add(process, this.#socket(process, undefined));
  }

  /** Go on listening where the supervisor before us in this process has listened. */
  inherit({ process, fd, address }: HandedChannel): void {
    this.#add(
      process,
      address === undefined ? this.#pipe(process, undefined, fd) : this.#socket(process, undefined, { fd, address }),
    );
  }

  /** Leave every way open for who comes next. */
  handOver(): HandedChannel[] {
    const channels = [...this.#channels];
    this.#channels.clear();
    return channels.flatMap(([process, channel]) => {
      const handed = channel.handOver();
      return handed === undefined ? [] : [{ process, ...handed }];
    });
  }

  /** The process runs, or does not come to be. */
  started(process: ProcessId): void {
    this.#channels.get(process)?.started();
  }

  /** The process has ended: its last words come first. */
  ended(process: ProcessId): void {
    this.#channels.get(process)?.read();
    this.#channels.get(process)?.close();
    this.#channels.delete(process);
  }

  close(): void {
    for (const channel of this.#channels.values()) channel.close();
    this.#channels.clear();
  }

  #add(process: ProcessId, channel: Channel): Channel {
    this.#channels.get(process)?.close();
    this.#channels.set(process, channel);
    return channel;
  }

  #pipe(process: ProcessId, target: number | undefined, inherited?: number): Channel {
    const pipe = new ReadyPipe((event) => {
      if (event === 'ready') this.#ports.send({ kind: 'process-ready', process });
    }, inherited);
    return {
      spec: { readyFd: { fd: pipe.fd, ...(target === undefined ? {} : { target }) } },
      env: [],
      started: () => pipe.started(),
      read: () => pipe.read(),
      handOver: () => {
        const fd = pipe.handOver();
        return fd === undefined ? undefined : { fd };
      },
      close: () => pipe.close(),
    };
  }

  #socket(
    process: ProcessId,
    watchdogSeconds: number | undefined,
    inherited?: { readonly fd: number; readonly address: string },
  ): Channel {
    const { notifyAddress, pidOf } = this.#ports;
    const socket = new NotifySocket({
      ...(notifyAddress === undefined ? {} : { address: notifyAddress(process) }),
      ...inherited,
      mainPid: () => pidOf(process),
      access: 'all',
      onMessage: (message, _sender, fds) => this.#take(process, message, fds),
    }).unref();
    return {
      spec: { notifySocket: socket.address },
      // @see sd_watchdog_enabled(3)
      env: watchdogSeconds === undefined ? [] : [`WATCHDOG_USEC=${watchdogSeconds * 1_000_000}`],
      started: () => {},
      read: () => socket.read(),
      handOver: () => ({ fd: socket.handOver(), address: socket.address }),
      close: () => socket.close(),
    };
  }

  /** Whoever serves from now on is known before it counts as ready. */
  #take(process: ProcessId, message: NotifyMessage, fds: readonly number[]): void {
    const { mainPid, status, ready, watchdog, fdStore, fdStoreRemove } = message;
    if (fdStore || fdStoreRemove) this.#ports.files(process, message, fds);
    if (mainPid !== undefined && mainPid !== this.#ports.pidOf(process)) this.#ports.mainPid(process, mainPid);
    if (status !== undefined) this.#ports.status(process, status);
    if (ready) this.#ports.send({ kind: 'process-ready', process });
    if (watchdog === 'alive') this.#ports.send({ kind: 'process-alive', process });
  }
}
