import type { ProcessRole } from '@maverick/conf';
import { type Action, type Engine, type InstanceRef, type ProcessId, SYSTEM } from '@maverick/engine';
import { Adoption, type AdoptionPorts } from './adoption.js';
import { waitsBeforeProgram } from './before-program.js';
import { type ChildNews, UNKNOWN_END } from './child-news.js';
import type { Clock } from './clock.js';
import type { EarlierRun } from './earlier-run.js';
import type { UnstampedInput } from './engine-loop.js';
import type { SupervisorNotice } from './event.js';
import type { InstanceGroups } from './instance-groups.js';
import type { Launcher } from './launcher.js';
import type { Leftovers } from './leftovers.js';
import type { LostRun } from './lost-run.js';
import type { ProcessPort } from './ports.js';
import type { ProcessTable, RunningProcess } from './process-table.js';
import type { Readiness } from './readiness.js';
import { type DefinedJob, planRecovery } from './recovery.js';
import { recoveredEngine, type SavedEngine } from './saved-engine.js';
import { handedPorts, type Predecessor, takenOverMessages } from './taken-over.js';
import type { Timers } from './timers.js';

export interface TakeOverPorts {
  readonly clock: Clock;
  readonly engine: Engine;
  readonly processes: ProcessPort;
  readonly table: ProcessTable;
  readonly timers: Timers;
  readonly groups: InstanceGroups;
  readonly readiness: Readiness;
  readonly launcher: Launcher;
  readonly leftovers: Leftovers;
  readonly news: () => ChildNews;
  readonly perform: (action: Action) => void;
  readonly send: (input: UnstampedInput) => void;
  readonly tell: (notice: SupervisorNotice) => void;
}

/** Goes on where an earlier supervisor of the same run was. */
export class TakeOver {
  readonly #earlier: EarlierRun;
  readonly #ports: TakeOverPorts;
  /** Until it is clear that nothing of it can be gone on with. */
  #lost: LostRun | undefined;
  #adoption: Adoption | undefined;

  constructor(earlier: EarlierRun, ports: TakeOverPorts) {
    this.#earlier = earlier;
    this.#ports = ports;
    this.#lost = earlier.lost;
  }

  /** What an earlier supervisor had started is ours now. */
  get isContinued(): boolean {
    return this.#earlier.saved !== undefined || this.#lost !== undefined;
  }

  /** Take over what was left, as far as the engine of then is there. */
  begin(): void {
    const { saved, state } = this.#earlier;
    if (saved === undefined) return;
    this.#takeOver(saved);
    state?.save();
  }

  /**
   * Define the jobs that there are, and take over what lives of a run whose state is lost.
   * @returns false where there is no such run, or not any more: then nothing has been done
   */
  recover(jobs: readonly DefinedJob[]): boolean {
    const lost = this.#lost;
    if (lost === undefined || this.#adoption !== undefined) return false;
    const { engine, processes: port, table, send, tell } = this.#ports;
    const known = engine.jobs(SYSTEM).filter(({ name }) => !jobs.some((job) => job.name === name));
    const { input, processes, left } = planRecovery(lost, [...known, ...jobs]);
    for (const message of left) tell({ kind: 'message', priority: 'warn', message });
    const living = new Set<number>();
    for (const { startTime, ...found } of processes) {
      if (port.adopt?.(found.pid, startTime).ok !== true) continue;
      living.add(found.pid);
      table.add(found);
    }
    send(input);
    if (processes.length > 0) {
      this.#takeOver(recoveredEngine(engine, lost.runId, processes), { isToldOf: (pid) => living.has(pid) });
    } else this.#lost = undefined;
    this.#earlier.state?.save();
    return true;
  }

  /** Of a process of the earlier run that has ended: whether what it forked goes on in its place. */
  movedOn(process: ProcessId, role: ProcessRole, instance: InstanceRef): boolean {
    return this.#adoption?.movedOn(process, role, instance) ?? false;
  }

  #takeOver(saved: SavedEngine, more: Partial<AdoptionPorts> = this.#handedPorts()): void {
    const { clock, engine, processes, table, timers, groups, readiness, leftovers, perform, send, tell } = this.#ports;
    for (const { timer, dueAt } of engine.timers()) timers.set(timer, dueAt);
    groups.adopt();
    this.#adoption = new Adoption(saved, {
      now: () => clock.now(),
      engine,
      processes,
      table,
      readiness,
      started: (process, pid) => this.#earlier.state?.started(process, pid),
      launch: (action) => {
        this.#ports.launcher.launch(action);
        this.#ports.launcher.startGathered();
      },
      perform,
      send,
      say: (priority, message) => tell({ kind: 'message', priority, message }),
      detailsOf: (entry) => (this.#waitsFor(entry) ? { pause: 'found' } : undefined),
      endedUnknown: (process) => send({ kind: 'process-exited', process, status: UNKNOWN_END }),
      ...more,
    });
    const counts = this.#adoption.run();
    const { news, groups: orphaned } = this.#earlier.handed ?? { news: [], groups: [] };
    leftovers.adopt(orphaned);
    for (const event of news) this.#ports.news().child(event);
    tell({ kind: 'taken-over', ...counts });
    for (const notice of takenOverMessages(this.#predecessor, counts)) tell(notice);
  }

  /** A process of a `debug` job that has stopped before its program, and was not ours. */
  #waitsFor({ pid, instance }: RunningProcess): boolean {
    const definition = this.#ports.engine.definitionOf(instance);
    return definition?.debug === true && waitsBeforeProgram(pid);
  }

  get #predecessor(): Predecessor {
    if (this.#earlier.handed !== undefined) return 'handed over';
    return this.#lost === undefined ? 'died' : 'lost';
  }

  #handedPorts(): Partial<AdoptionPorts> {
    const { handed } = this.#earlier;
    return handed === undefined ? {} : handedPorts(handed, (channel) => this.#ports.readiness.inherit(channel));
  }
}
