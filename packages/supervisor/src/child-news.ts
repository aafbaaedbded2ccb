import type { ExitStatus, ProcessRole } from '@maverick/conf';
import { displayName, type InstanceRef, type ProcessId, type SpawnFailure } from '@maverick/engine';
import { type ChildEvent, processStartTime, type TrackEvent } from '@maverick/spawner';
import type { UnstampedInput } from './engine-loop.js';
import type { SupervisorNotice } from './event.js';
import type { Launcher } from './launcher.js';
import type { Leftovers } from './leftovers.js';
import type { ProcessTable, RunningProcess } from './process-table.js';
import type { Readiness } from './readiness.js';
import { unreachable } from './unreachable.js';

export interface ChildNewsPorts {
  readonly table: ProcessTable;
  readonly launcher: Launcher;
  readonly readiness: Readiness;
  readonly leftovers: Leftovers;
  readonly send: (input: UnstampedInput) => void;
  readonly tell: (notice: SupervisorNotice) => void;
  /** Watch a process that somebody else has started. Returns whether that can be done. */
  readonly adopt: (pid: number, startTime: number) => boolean;
  /** Of a process of an earlier supervisor that has ended: whether what it forked goes on in its place. */
  readonly movedOn: (process: ProcessId, role: ProcessRole, instance: InstanceRef) => boolean;
}

/** Of a process whose end nobody can tell nothing is held against it. */
export const UNKNOWN_END = { kind: 'exited', code: 0 } as const satisfies ExitStatus;

/** What becomes of processes: told to the engine where it decides something, and to listeners. */
export class ChildNews {
  readonly #ports: ChildNewsPorts;

  constructor(ports: ChildNewsPorts) {
    this.#ports = ports;
  }

  child(event: ChildEvent): void {
    switch (event.kind) {
      case 'exited':
        this.#ended(event.pid, { kind: 'exited', code: event.code });
        break;
      case 'signalled':
        this.#ended(event.pid, { kind: 'signalled', signal: event.signal });
        break;
      case 'stopped':
        this.#stopped(event.pid, event.signal);
        break;
      // Nobody can tell how it ended: then nothing is held against it.
      case 'vanished':
        this.#vanished(event.pid);
        break;
      case 'continued':
        this.#continued(event.pid);
        break;
      case 'executed':
        this.#resumed(event.pid);
        break;
      case 'exec-failed':
        this.#execFailed(event.pid, event.error);
        break;
      default:
        unreachable(event);
    }
  }

  /** Of an adopted process nobody has followed the forks. */
  #hasForkedAway({ process, role, instance }: RunningProcess): boolean {
    return this.#ports.movedOn(process, role, instance);
  }

  #vanished(pid: number): void {
    const entry = this.#ports.table.byPid(pid);
    if (entry !== undefined) {
      const message = `${displayName(entry.instance)} ${entry.role} process (${pid}) has ended: how is not known`;
      this.#ports.tell({ kind: 'message', priority: 'warn', message, instance: entry.instance });
    }
    this.#ended(pid, UNKNOWN_END, { kind: 'unknown' });
  }

  /** What a main process that forks away has come to. Its end is told by its child event. */
  track(event: TrackEvent): void {
    const process = this.#ports.table.byPid(event.kind === 'forked' ? event.from : event.pid)?.process;
    if (process === undefined) return;
    switch (event.kind) {
      case 'forked':
        this.#ports.send({ kind: 'process-forked', process, pid: event.pid });
        break;
      case 'executed':
        this.#ports.send({ kind: 'process-execed', process });
        break;
      case 'settled':
        this.#ports.send({ kind: 'process-ready', process });
        break;
      case 'lost':
        break;
      default:
        unreachable(event);
    }
  }

  /** A process of the job says that another one serves. */
  moveMain(process: ProcessId, pid: number): void {
    const startTime = processStartTime(pid);
    if (startTime === undefined || !this.#ports.adopt(pid, startTime)) return;
    this.#ports.send({ kind: 'process-forked', process, pid });
  }

  setStatus(process: ProcessId, text: string): void {
    const entry = this.#ports.table.byProcess(process);
    if (entry === undefined) return;
    this.#ports.table.add({ ...entry, status: text });
    const { instance, role, pid } = entry;
    this.#ports.tell({ kind: 'process-status', instance, role, pid, text });
  }

  /** A pause before the program is no sign of readiness. @see spec: engine.md section 11 */
  #stopped(pid: number, signal: number): void {
    const entry = this.#ports.table.byPid(pid);
    if (entry === undefined || entry.pause === 'paused') return;
    if (!this.#ports.table.pause(pid)) {
      this.#ports.send({ kind: 'process-stopped', process: entry.process, signal });
      return;
    }
    const { instance, role } = entry;
    this.#ports.tell({ kind: 'process-paused', instance, role, pid });
    const message = `Pausing ${displayName(instance)} (${pid}) [pre-exec] for debug: kill -CONT ${pid} lets it go on`;
    this.#ports.tell({ kind: 'message', priority: 'message', message, instance });
  }

  #continued(pid: number): void {
    const entry = this.#ports.table.byPid(pid);
    if (entry === undefined) return;
    const message = `${displayName(entry.instance)} ${entry.role} process (${pid}) continued by CONT signal`;
    this.#ports.tell({ kind: 'message', priority: 'info', message, instance: entry.instance });
    this.#resumed(pid);
  }

  #resumed(pid: number): void {
    const entry = this.#ports.table.byPid(pid);
    if (entry === undefined || !this.#ports.table.resume(pid)) return;
    const { instance, role } = entry;
    this.#ports.tell({ kind: 'process-resumed', instance, role, pid });
  }

  /** Only of a process that had been paused: the engine believes that it runs, and will hear of its end. */
  #execFailed(pid: number, failure: SpawnFailure): void {
    const entry = this.#ports.table.byPid(pid);
    if (entry === undefined) return;
    const { instance, role } = entry;
    this.#ports.tell({ kind: 'spawn-failed', instance, role, failure });
    const message = `Failed to spawn ${displayName(instance)} ${role} process: ${failure.message}`;
    this.#ports.tell({ kind: 'message', priority: 'warn', message, instance });
  }

  /** @param known what can be said of it to listeners: the engine has to be told something in any case */
  #ended(pid: number, status: ExitStatus, known: ExitStatus | { readonly kind: 'unknown' } = status): void {
    if (this.#ports.launcher.ended(pid, status)) return;
    const running = this.#ports.table.byPid(pid);
    if (running !== undefined && this.#hasForkedAway(running)) return;
    // Its last words may be that another process goes on in its place.
    if (running !== undefined) this.#ports.readiness.ended(running.process);
    const entry = this.#ports.table.remove(pid);
    if (entry !== undefined) {
      const { instance, role, process } = entry;
      this.#ports.tell({ kind: 'process-ended', instance, role, pid, status: known });
      this.#ports.send({ kind: 'process-exited', process, status });
      this.#ports.leftovers.ended(pid);
    }
    this.#ports.leftovers.look();
  }
}
