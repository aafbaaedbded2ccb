import type { ExitStatus, ProcessRole } from '@maverick/conf';
import {
  type Action,
  displayName,
  type InstanceRef,
  type ProcessId,
  type SessionId,
  type SpawnFailure,
} from '@maverick/engine';
import type { ProcessSpec, SpawnResult } from '@maverick/spawner';
import type { Cgroups } from './cgroups.js';
import type { UnstampedInput } from './engine-loop.js';
import type { SupervisorNotice } from './event.js';
import { withOwnLog } from './give-log.js';
import type { KeptFile } from './kept-files.js';
import type { ProcessPort } from './ports.js';
import { type ProcessDefaults, processSpec } from './process-spec.js';
import type { ProcessTable } from './process-table.js';
import type { Readiness } from './readiness.js';
import { failureOf } from './setup-failure.js';
import { signalProcess } from './signal.js';
import { StartLines } from './start-lines.js';
import { tmpfilesSpec } from './tmpfiles.js';

export type SpawnAction = Extract<Action, { readonly kind: 'spawn' }>;

export interface LauncherPorts {
  readonly processes: ProcessPort;
  readonly table: ProcessTable;
  /** @throws SetupFailure for a session that can't have processes */
  readonly defaults: (session: SessionId) => ProcessDefaults;
  /** Absent: there is no subtree for groups. */
  readonly cgroups?: Cgroups;
  readonly send: (input: UnstampedInput) => void;
  readonly tell: (notice: SupervisorNotice) => void;
  readonly readiness: Readiness;
  /** What an earlier main process of the instance has given into keeping. */
  readonly filesOf: (instance: InstanceRef) => readonly KeptFile[];
  /** What makes a process known to a later supervisor. Absent: nothing is kept for one. */
  readonly keep?: (
    process: ProcessId,
    role: ProcessRole,
    session: SessionId,
  ) => { readonly env: readonly string[]; readonly birth?: ProcessSpec['birth'] };
  /** A process of ours has this PID now; `process`: if it is one that the engine has asked for. */
  readonly started: (pid: number, process?: ProcessId) => void;
}

/** So many are started together: each needs a few descriptors until it runs. */
const MOST_TOGETHER = 256;

/** A process that is not there yet. */
interface Pending {
  readonly action: SpawnAction;
  /** The signal that would have ended it. */
  readonly cancel: (signal: number) => void;
  /** The last signal that was to end it. */
  cancelledBy?: number;
}

const CANCELLED: SpawnFailure = { step: 'spawn', errno: 0, message: 'stopped before it started' };

type Start = NonNullable<ProcessPort['start']>;

type Launched = SpawnResult | { readonly ok: false; readonly error: SpawnFailure };

/** Users and groups may be known to name services that take their time, and so does a PAM session. */
const takesTime = ({ role, definition }: SpawnAction, { owner }: ProcessDefaults): boolean =>
  role !== 'security' && (definition.setuid !== undefined || definition.setgid !== undefined || owner !== undefined);

/** A main process that forks away is followed. */
const followed = ({ role, definition: { expect } }: SpawnAction): Pick<ProcessSpec, 'follow'> =>
  role === 'main' && (expect === 'fork' || expect === 'daemon') ? { follow: { expect } } : {};

/** What a call returns or throws. */
const settled = <T>(call: () => T): PromiseSettledResult<T> => {
  try {
    return { status: 'fulfilled', value: call() };
  } catch (reason) {
    return { status: 'rejected', reason };
  }
};

const spawnEach = (processes: ProcessPort, specs: readonly ProcessSpec[]): PromiseSettledResult<SpawnResult>[] =>
  processes.spawnAll !== undefined && specs.length > 1
    ? processes.spawnAll(specs)
    : specs.map((spec) => settled(() => processes.spawn(spec)));

/** Starts the processes that the engine asks for, after whatever has to be done before them. */
export class Launcher {
  readonly #ports: LauncherPorts;
  readonly #pending = new Map<ProcessId, Pending>();
  /** By the PID of what is done before. */
  readonly #preparing = new Map<number, Pending>();
  readonly #lines = new StartLines();
  #gathered: SpawnAction[] = [];

  constructor(ports: LauncherPorts) {
    this.#ports = ports;
  }

  /** Start a process, with the next {@link startGathered} or after its preparation. What comes of it is sent as an input. */
  launch(action: SpawnAction): void {
    const { definition, role, env, instance } = action;
    const defaults = settled(() => this.#ports.defaults(instance.session));
    if (defaults.status === 'rejected') {
      this.#settled(action, defaults);
      return;
    }
    const first = tmpfilesSpec(definition, role, env, defaults.value);
    if (first === undefined) this.#start(action);
    else this.#prepare(action, first);
  }

  /** Start now what is to be started: sooner together than one after the other. */
  startGathered(): void {
    const actions = this.#gathered;
    if (actions.length === 0) return;
    this.#gathered = [];
    // What they need is opened now and not earlier: whoever gathers may close something meanwhile.
    const specs = actions.map((action) => settled(() => this.#specOf(action)));
    const results = spawnEach(
      this.#ports.processes,
      specs.flatMap((each) => (each.status === 'fulfilled' ? each.value : [])),
    ).values();
    for (const [index, action] of actions.entries()) {
      const spec = specs[index];
      this.#settled(action, spec?.status === 'rejected' ? spec : results.next().value);
    }
  }

  /** Start nothing any more of what waits: it is in {@link pending}, for who goes on. */
  close(): void {
    this.#lines.close();
  }

  /** Some processes are not there yet. */
  get isBusy(): boolean {
    return this.#pending.size > 0;
  }

  /** What has been asked for and is not there yet. */
  get pending(): readonly SpawnAction[] {
    return [...this.#pending.values()].map(({ action }) => action);
  }

  /** Stop a process that is not there yet, if it is on its way. */
  cancel(process: ProcessId, signal: number): void {
    const pending = this.#pending.get(process);
    if (pending === undefined) return;
    pending.cancelledBy = signal;
    pending.cancel(signal);
  }

  /** Some child has ended. Returns whether it was a preparation; what it was for goes on then. */
  ended(pid: number, status: ExitStatus): boolean {
    const pending = this.#preparing.get(pid);
    if (pending === undefined) return false;
    this.#preparing.delete(pid);
    const { action, cancelledBy } = pending;
    this.#pending.delete(action.process);
    if (cancelledBy !== undefined) {
      this.#failed(action, CANCELLED);
      return true;
    }
    if (status.kind === 'signalled' || status.code !== 0)
      this.#say('warn', action, 'not all of its tmpfiles were made');
    this.#start(action);
    this.startGathered();
    return true;
  }

  #prepare(action: SpawnAction, spec: ProcessSpec): void {
    const result = this.#ports.processes.spawn(spec);
    if (!result.ok) {
      this.#say('info', action, `its tmpfiles are not made: ${result.error.message}`);
      this.#start(action);
      return;
    }
    const { pid } = result;
    const pending: Pending = {
      action,
      cancel: (signal) => void signalProcess(this.#ports.processes, pid, signal, { group: true }),
    };
    this.#preparing.set(pid, pending);
    this.#pending.set(action.process, pending);
    this.#ports.started(pid);
  }

  #start(action: SpawnAction): void {
    const { processes } = this.#ports;
    if (processes.start === undefined || !takesTime(action, this.#ports.defaults(action.instance.session))) {
      this.#gathered.push(action);
      if (this.#gathered.length >= MOST_TOGETHER) this.startGathered();
      return;
    }
    this.#startInTurn(action, processes.start.bind(processes));
  }

  #startInTurn(action: SpawnAction, start: Start): void {
    const { session } = action.instance;
    const begin = (): void => {
      this.#pending.delete(action.process);
      try {
        this.#startLater(action, this.#specOf(action), start);
        this.#ports.readiness.started(action.process);
      } catch (error) {
        this.#lines.leave(session);
        this.#settled(action, { status: 'rejected', reason: error });
      }
    };
    const cancel = (): void => {
      if (!this.#lines.withdraw(session, begin)) return;
      this.#pending.delete(action.process);
      this.#failed(action, CANCELLED);
    };
    this.#pending.set(action.process, { action, cancel });
    this.#lines.enter(session, begin);
  }

  #settled(action: SpawnAction, result: PromiseSettledResult<SpawnResult> | undefined): void {
    try {
      if (result?.status === 'fulfilled') this.#launched(action, result.value);
      // As much a failed start as the system's refusal; unlike a failed fork, it is not tried again.
      else this.#failed(action, failureOf(result?.reason));
    } finally {
      this.#ports.readiness.started(action.process);
    }
  }

  #startLater(action: SpawnAction, spec: ProcessSpec, start: Start): void {
    const abort = new AbortController();
    const pending: Pending = { action, cancel: () => abort.abort() };
    this.#pending.set(action.process, pending);
    const settle = (result: Launched): void => {
      this.#lines.leave(action.instance.session);
      this.#pending.delete(action.process);
      const { cancelledBy } = pending;
      if (cancelledBy === undefined) this.#launched(action, result);
      else if (result.ok) this.#launchedTooLate(action, result, cancelledBy);
      else this.#failed(action, CANCELLED);
    };
    start(spec, { signal: abort.signal }).then(settle, (error: unknown) =>
      settle({ ok: false, error: failureOf(error) }),
    );
  }

  #launched(action: SpawnAction, result: Launched): void {
    if (!result.ok) {
      this.#failed(action, result.error);
      return;
    }
    const { process, instance, role, definition } = action;
    const { pid } = result;
    this.#ports.table.add({ process, pid, instance, role, ...(definition.debug ? { pause: 'due' } : {}) });
    this.#ports.started(pid, process);
    this.#ports.tell({ kind: 'process-started', instance, role, pid });
    this.#ports.send({ kind: 'process-started', process, pid });
  }

  /** It had started before it could be cancelled: what was to end it ends it now. */
  #launchedTooLate(action: SpawnAction, result: Extract<Launched, { ok: true }>, signal: number): void {
    this.#launched(action, result);
    signalProcess(this.#ports.processes, result.pid, signal, { group: true });
  }

  #failed({ process, instance, role }: SpawnAction, failure: SpawnFailure): void {
    this.#ports.readiness.ended(process);
    this.#ports.tell({ kind: 'spawn-failed', instance, role, failure });
    this.#ports.send({ kind: 'spawn-failed', process, failure });
  }

  #specOf(action: SpawnAction): ProcessSpec {
    const { role, instance, definition, env } = action;
    const defaults = this.#ports.defaults(instance.session);
    const spec = withOwnLog(processSpec(action, defaults), defaults.owner);
    // The security process loads a profile for the others: no settings apply to it. @see spec: engine.md 5.3
    if (role === 'security') return spec;
    const cgroup = this.#ports.cgroups?.prepare(instance, definition, env);
    const channel = this.#ports.readiness.open(action);
    const kept = this.#ports.keep?.(action.process, role, instance.session);
    const files = role === 'main' ? this.#ports.filesOf(instance) : [];
    return {
      ...spec,
      ...(files.length === 0 ? {} : { listenFds: [...(spec.listenFds ?? []), ...files] }),
      ...channel?.spec,
      env: [...spec.env, ...(channel?.env ?? []), ...(kept?.env ?? [])],
      ...(kept?.birth === undefined ? {} : { birth: kept.birth }),
      ...(cgroup === undefined ? {} : { cgroup }),
      ...followed(action),
    };
  }

  #say(priority: 'info' | 'warn', action: SpawnAction, text: string): void {
    const { instance } = action;
    this.#ports.tell({ kind: 'message', priority, message: `${displayName(instance)}: ${text}`, instance });
  }
}
