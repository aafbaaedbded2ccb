import type { JobDefinition } from '@maverick/conf';
import { displayName, type Engine, type InstanceRef, type InstanceView } from '@maverick/engine';
import { allJobs } from './all-jobs.js';
import { type CgroupOptions, Cgroups } from './cgroups.js';
import type { SupervisorNotice } from './event.js';
import { type Usage, usageOf } from './usage.js';

export interface InstanceGroupsPorts {
  readonly engine: Engine;
  readonly tell: (notice: SupervisorNotice) => void;
}

/** The control groups of the engine's instances, where there are any; without them everything here does nothing. */
export class InstanceGroups {
  readonly cgroups: Cgroups | undefined;
  readonly #ports: InstanceGroupsPorts;

  constructor(options: CgroupOptions | undefined, ports: InstanceGroupsPorts) {
    this.cgroups = options && new Cgroups(options);
    this.#ports = ports;
  }

  /** The groups of the instances that there are. */
  adopt(): void {
    if (this.cgroups === undefined) return;
    const { engine } = this.#ports;
    for (const { definition, instances } of allJobs(engine)) {
      for (const { ref, env, processes } of instances) {
        const pids = processes.flatMap(({ pid }) => pid ?? []);
        this.cgroups.adopt(ref, engine.definitionOf(ref) ?? definition, env, pids);
      }
    }
  }

  /** The controllers without which a job of this definition would have to do. */
  absentFor(definition: JobDefinition): readonly string[] {
    return this.cgroups?.absentFor(definition) ?? [];
  }

  /** The directory of the cgroup that an instance has for itself. */
  pathOf(instance: InstanceRef): string | undefined {
    return this.cgroups?.pathOf(instance);
  }

  usage({ ref, processes }: InstanceView): Usage {
    const pids = processes.flatMap(({ pid }) => pid ?? []);
    return usageOf(ref, pids, this.cgroups);
  }

  /** The PIDs that outlived the processes of their instances. */
  get left(): number[] {
    return this.cgroups?.left.map(({ pid }) => pid) ?? [];
  }

  /** A run of a job with a group of its own leaves nobody behind. */
  release(instance: InstanceRef): void {
    const { cgroups } = this;
    if (cgroups === undefined) return;
    const { definition } = this.#ports.engine.job(instance.session, instance.job) ?? {};
    const left = (definition?.cgroups.length ?? 0) > 0 ? cgroups.kill(instance) : [];
    if (left.length > 0) {
      const names = left.map(({ pid, name }) => `${name} (${pid})`).join(', ');
      const message = `Killed what ${displayName(instance)} has left: ${names}`;
      this.#ports.tell({ kind: 'message', priority: 'info', message, instance });
    }
    cgroups.release(instance);
  }

  /** Nobody is left, and no group. */
  end(): void {
    this.cgroups?.killAll();
    this.cgroups?.tidy();
    this.cgroups?.leave();
  }
}
