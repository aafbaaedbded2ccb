import type { ProcessRole } from '@maverick/conf';
import { type Action, displayName, type Engine, type InstanceRef, type ProcessId } from '@maverick/engine';
import { allJobs } from './all-jobs.js';
import type { UnstampedInput } from './engine-loop.js';
import { forksAway } from './forks-away.js';
import type { SpawnAction } from './launcher.js';
import type { ProcessPort } from './ports.js';
import type { ProcessTable, RunningProcess } from './process-table.js';
import type { Readiness } from './readiness.js';
import type { SavedEngine } from './saved-engine.js';
import { findSurvivors, type Survivor } from './survivors.js';

export interface AdoptionPorts {
  readonly engine: Engine;
  /** Monotonic time in milliseconds. */
  readonly now: () => number;
  readonly processes: ProcessPort;
  readonly table: ProcessTable;
  readonly readiness: Readiness;
  /** It is watched from now on. */
  readonly started: (process: ProcessId, pid: number) => void;
  readonly launch: (action: SpawnAction) => void;
  readonly perform: (action: Action) => void;
  readonly send: (input: UnstampedInput) => void;
  readonly say: (priority: 'info' | 'warn', message: string) => void;
  /** Its end is known, but not how it ended. */
  readonly endedUnknown: (process: ProcessId) => void;
  /** What it has beside its number, where that is known. */
  readonly detailsOf?: (entry: RunningProcess) => Pick<RunningProcess, 'pause' | 'status'> | undefined;
  /** Its end has been seen and will be told: there is nothing to be watched any more. */
  readonly isToldOf?: (pid: number) => boolean;
  /** Listen on where it tells of itself, if that was left open. Returns whether it was. */
  readonly inheritChannel?: (process: ProcessId) => boolean;
  /** For tests; default: {@link findSurvivors}. */
  readonly findSurvivors?: typeof findSurvivors;
}

/** A process that the engine believes in. */
interface Believed {
  readonly process: ProcessId;
  readonly pid: number | undefined;
  readonly role: ProcessRole;
  readonly instance: InstanceRef;
  /** It is to fork away, and had not been seen to. */
  readonly isForking: boolean;
}

/** What became of the processes of the earlier run. */
export interface Adopted {
  readonly adopted: number;
  readonly ended: number;
  readonly startedNow: number;
}

/** How long the second fork of a daemon may take after the first. */
const SECOND_FORK_MS = 1000;

const REPEATED: ReadonlySet<string> = new Set<Action['kind']>(['kill', 'continue']);

/** Takes over the processes of a supervisor that died. */
export class Adoption {
  readonly #saved: SavedEngine;
  readonly #ports: AdoptionPorts;
  #survivors: ReadonlyMap<ProcessId, readonly Survivor[]> | undefined;
  /** Those that were to fork away and may not have: nobody follows them any more. With the time until which it is believed. */
  readonly #forking = new Map<ProcessId, number>();
  #counts = { adopted: 0, ended: 0, startedNow: 0 };

  constructor(saved: SavedEngine, ports: AdoptionPorts) {
    this.#saved = saved;
    this.#ports = ports;
  }

  /**
   * Watch what lives, report what has ended, start what had been asked for and never came to be, and do again what the last
   * input led to, as far as it does no harm to do it twice.
   */
  run(): Adopted {
    const believed = this.#believed();
    // First all that live, so that nothing that one's end leads to meets another that is not known yet.
    const moved = believed.filter((process) => this.#hasForked(process) && this.#moveToFork(process));
    const others = believed.filter((process) => !moved.includes(process));
    const gone = others.filter((process) => !this.#adopt(process));
    const movedLate = gone.filter((process) => this.#hasJustForked(process));
    const missing = gone.filter((process) => !movedLate.includes(process));
    for (const action of this.#saved.lastEffects) {
      if (REPEATED.has(action.kind)) this.#ports.perform(action as Action);
    }
    for (const process of missing) this.#resolve(process);
    for (const { process } of [...moved, ...movedLate]) this.#ports.send({ kind: 'process-ready', process });
    return this.#counts;
  }

  #believed(): Believed[] {
    const { engine } = this.#ports;
    return allJobs(engine).flatMap(({ instances }) =>
      instances.flatMap(({ ref, state, processes }) =>
        processes.map(({ process, pid, role }) => ({
          process,
          pid,
          role,
          instance: ref,
          isForking: role === 'main' && state === 'spawned' && forksAway(engine.definitionOf(ref)),
        })),
      ),
    );
  }

  /** Whether it lives, and is watched from now on. */
  #adopt(believed: Believed): boolean {
    const { process } = believed;
    const [, pid, startTime] = this.#saved.started.get(process) ?? [];
    // It may have moved on since its start time was looked up.
    const isSame = believed.pid === undefined || believed.pid === pid;
    if (pid !== undefined && startTime !== undefined && isSame) return this.#watch(believed, pid, startTime);
    if (believed.pid === undefined && !this.#saved.born.has(process)) return false;
    const survivor = this.#survivorsOf(process).find((one) =>
      believed.pid === undefined ? one.leads : one.pid === believed.pid,
    );
    return survivor !== undefined && this.#watch(believed, survivor.pid, survivor.startTime);
  }

  #watch(believed: Believed, pid: number, startTime: number): boolean {
    const { process, role, instance } = believed;
    if (this.#ports.isToldOf?.(pid) !== true && this.#ports.processes.adopt?.(pid, startTime).ok !== true) return false;
    const entry = { process, pid, role, instance };
    this.#ports.table.add({ ...entry, ...this.#ports.detailsOf?.(entry) });
    this.#ports.started(process, pid);
    this.#counts.adopted += 1;
    if (believed.isForking) this.#forking.set(process, Number.POSITIVE_INFINITY);
    this.#listen(believed);
    if (believed.pid === undefined) this.#ports.send({ kind: 'process-started', process, pid });
    return true;
  }

  /** What it would tell of itself is heard again, but for a pipe, which ended with the program that read it. */
  #listen({ process, role, instance }: Believed): void {
    if (this.#ports.inheritChannel?.(process) === true) return;
    const definition = this.#ports.engine.definitionOf(instance);
    if (role !== 'main' || definition === undefined) return;
    if (definition.expect === 'notify' || definition.watchdogSeconds !== undefined)
      this.#ports.readiness.reopen(process);
    if (definition.expect === 'fd') this.#ports.send({ kind: 'process-ready', process });
  }

  /** It does not live under the PID that was known. */
  #resolve(believed: Believed): void {
    const { process } = believed;
    const action = this.#saved.spawns.get(process);
    const came = this.#saved.started.has(process) || this.#saved.born.has(process);
    if (!came && believed.pid === undefined && action !== undefined) {
      this.#counts.startedNow += 1;
      this.#ports.launch(action);
      return;
    }
    this.#counts.ended += 1;
    const { instance, role } = believed;
    this.#ports.say('warn', `${displayName(instance)} ${role} process ended while nobody watched: how is not known`);
    this.#ports.endedUnknown(process);
  }

  /**
   * The end of an adopted process: nobody has followed its forks, but what remains has its environment. Returns whether
   * somebody goes on in its place. A stop that has begun meanwhile finds that one at the end of the kill timeout.
   */
  movedOn(process: ProcessId, role: ProcessRole, instance: InstanceRef): boolean {
    const until = this.#forking.get(process) ?? Number.NEGATIVE_INFINITY;
    this.#forking.delete(process);
    if (this.#ports.now() > until) return false;
    this.#survivors = undefined;
    if (!this.#moveToFork({ process, pid: undefined, role, instance, isForking: false })) return false;
    this.#ports.send({ kind: 'process-ready', process });
    return true;
  }

  /** Whether it has forked away while nobody watched. One that is only to be reaped has no environment any more. */
  #hasForked({ process, pid, isForking }: Believed): boolean {
    if (!isForking) return false;
    const known = pid ?? this.#saved.started.get(process)?.[1];
    const survivors = this.#survivorsOf(process);
    return survivors.length > 0 && !survivors.some((one) => (known === undefined ? one.leads : one.pid === known));
  }

  /** Of one that has ended since the living were looked for: it may have forked away meanwhile. */
  #hasJustForked(believed: Believed): boolean {
    if (!believed.isForking) return false;
    this.#survivors = undefined;
    return this.#moveToFork(believed);
  }

  /** What is left of a program that has forked away is watched in its place. It is not up by that. */
  #moveToFork(believed: Believed): boolean {
    const { process } = believed;
    const [oldest] = this.#survivorsOf(process);
    if (oldest === undefined) return false;
    const { pid, startTime } = oldest;
    if (!this.#watch({ ...believed, pid, isForking: false }, pid, startTime)) return false;
    // It may be the one between the two forks of a daemon, which leaves yet another in its place at once.
    this.#forking.set(process, this.#ports.now() + SECOND_FORK_MS);
    this.#ports.send({ kind: 'process-forked', process, pid });
    return true;
  }

  /** Looked for once, and only if somebody is missing. */
  #survivorsOf(process: ProcessId): readonly Survivor[] {
    this.#survivors ??= (this.#ports.findSurvivors ?? findSurvivors)(this.#saved.runId);
    return this.#survivors.get(process) ?? [];
  }
}
