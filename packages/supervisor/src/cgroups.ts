import { dirname, join } from 'node:path';
import type { JobDefinition } from '@maverick/conf';
import type { InstanceRef } from '@maverick/engine';
import type { CgroupProcess } from '@maverick/spawner';
import { type CgroupFiles, kernelCgroups } from './cgroup-files.js';
import { type CgroupPlan, groupNameOf, planCgroup } from './cgroup-plan.js';
import { SetupFailure } from './setup-failure.js';

/** Where groups are made. */
export interface CgroupOptions {
  /** A cgroup v2 directory that we may write in, without processes of its own. */
  readonly root: string;
  /** Default: {@link kernelCgroups}. */
  readonly files?: CgroupFiles;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const refused = (what: string, error: unknown): SetupFailure =>
  new SetupFailure('cgroup', `unable to setup cgroup: ${what === '' ? '' : `${what}: `}${messageOf(error)}`, {
    cause: error,
  });

/** Directories from the root (included) down to a group (not included). */
const above = (root: string, group: string): string[] => {
  const words = dirname(group) === '.' ? [] : dirname(group).split('/');
  return [root, ...words.map((_word, index) => join(root, ...words.slice(0, index + 1)))];
};

/** A cgroup an instance, below a subtree that was given to us. */
export class Cgroups {
  readonly #root: string;
  readonly #files: CgroupFiles;
  readonly #groups = new Map<string, string>();
  /** Ended, but somebody was left. */
  readonly #abandoned = new Set<string>();

  constructor({ root, files = kernelCgroups }: CgroupOptions) {
    this.#root = root;
    this.#files = files;
  }

  /**
   * Get the group for a process of an instance ready.
   * @returns its path
   * @throws SetupFailure
   */
  prepare(instance: InstanceRef, { cgroups }: JobDefinition, env: readonly string[]): string {
    const plan = this.#plan(instance, cgroups, env);
    const path = join(this.#root, plan.group);
    this.#abandoned.delete(path);
    const settings = join(this.#root, plan.settingsGroup);
    this.#attempt('', () => this.#files.create(settings));
    for (const controller of plan.controllers) this.#switchOn(controller, plan.settingsGroup);
    for (const { file, text } of plan.writes) {
      this.#attempt(`${file} of ${settings}`, () => this.#files.write(join(settings, file), text));
    }
    if (path !== settings) this.#attempt('', () => this.#files.create(path));
    this.#groups.set(keyOf(instance), path);
    return path;
  }

  /** The group that an instance has; undefined if it has had no process. */
  pathOf(instance: InstanceRef): string | undefined {
    return this.#groups.get(keyOf(instance));
  }

  /** What is in the group of an instance. */
  processes(instance: InstanceRef): readonly CgroupProcess[] {
    const path = this.pathOf(instance);
    return path === undefined ? [] : this.#files.processes(path);
  }

  /** A file of an instance's group. */
  read(instance: InstanceRef, file: string): string | undefined {
    const path = this.pathOf(instance);
    return path === undefined ? undefined : this.#files.read(join(path, file));
  }

  /** Know a group again that an earlier supervisor made. */
  adopt(instance: InstanceRef, { cgroups }: JobDefinition, env: readonly string[]): void {
    const path = join(this.#root, this.#plan(instance, cgroups, env).group);
    if (this.#files.read(join(path, 'cgroup.events')) !== undefined) this.#groups.set(keyOf(instance), path);
  }

  /** Kill whatever is left of an instance. Returns who that was. */
  kill(instance: InstanceRef): readonly CgroupProcess[] {
    const path = this.pathOf(instance);
    const left = path === undefined ? [] : this.#files.processes(path);
    if (path !== undefined && left.length > 0) this.#files.kill(path);
    return left;
  }

  /** An instance is over: its group goes, as soon as nobody is left in it. */
  release(instance: InstanceRef): void {
    const path = this.pathOf(instance);
    if (path === undefined) return;
    this.#groups.delete(keyOf(instance));
    this.#abandoned.add(path);
    this.tidy();
  }

  /** Remove the groups of ended instances that are empty by now. */
  tidy(): void {
    for (const path of this.#abandoned) {
      try {
        this.#files.remove(path);
        this.#abandoned.delete(path);
      } catch {
        // Somebody is still there, or is a zombie that has not been waited for: another time.
      }
    }
  }

  /** Kill what is left in any group. */
  killAll(): void {
    for (const path of [...this.#groups.values(), ...this.#abandoned]) {
      if (this.#files.processes(path).length > 0) this.#files.kill(path);
    }
  }

  /** Everybody in any group. */
  get left(): readonly CgroupProcess[] {
    return [...this.#groups.values(), ...this.#abandoned].flatMap((path) => this.#files.processes(path));
  }

  #plan(instance: InstanceRef, cgroups: JobDefinition['cgroups'], env: readonly string[]): CgroupPlan {
    const own = groupNameOf(instance);
    if (cgroups.length === 0) return { group: own, settingsGroup: own, controllers: [], writes: [] };
    return this.#attempt('', () => planCgroup(cgroups, instance, env));
  }

  /** A controller has to be switched on in every group above; where it already is, writing it changes nothing. */
  #switchOn(controller: string, group: string): void {
    for (const path of above(this.#root, group)) {
      this.#attempt(`controller ${controller} in ${path}`, () =>
        this.#files.write(join(path, 'cgroup.subtree_control'), `+${controller}`),
      );
    }
  }

  #attempt<T>(what: string, act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw refused(what, error);
    }
  }
}

const keyOf = ({ session, job, instance }: InstanceRef): string => `${session}\0${job}\0${instance}`;
