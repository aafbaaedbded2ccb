import { basename, dirname, join } from 'node:path';
import type { JobDefinition } from '@maverick/conf';
import type { InstanceRef } from '@maverick/engine';
import type { CgroupProcess } from '@maverick/spawner';
import { type CgroupFiles, kernelCgroups } from './cgroup-files.js';
import { type CgroupPlan, groupNameOf, planCgroup } from './cgroup-plan.js';
import { controllerOf } from './cgroup-table.js';
import { SetupFailure } from './setup-failure.js';

/** Where groups are made. */
export interface CgroupOptions {
  /** A cgroup v2 directory that we may write in, without processes of its own. */
  readonly root: string;
  /** True: a group only for jobs with `cgroup` stanzas. Default: for every instance. */
  readonly onlyWhereAsked?: boolean;
  /** A place above `root` that was there before: see {@link delegatedCgroups}. */
  readonly delegation?: CgroupDelegation;
  /** Default: {@link kernelCgroups}. */
  readonly files?: CgroupFiles;
}

/** What a place asks for in which this process itself is. */
export interface CgroupDelegation {
  /** Controllers have to be switched on there, too. */
  readonly base: string;
  /** Those that there are. Settings of others have no effect, which is said when the job is defined. */
  readonly controllers: readonly string[];
  /** The group in which a process is now. */
  groupOf(pid: number): string | undefined;
  /** Take this process and its own out of `base`: a group with processes can't switch controllers on for others. */
  makeRoom(): void;
}

/** Of a name that is none the start of the job will tell. */
const knownController = (name: string): string | undefined => {
  try {
    return controllerOf(name);
  } catch {
    return undefined;
  }
};

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
  readonly #onlyWhereAsked: boolean;
  readonly #delegation: CgroupDelegation | undefined;
  readonly #groups = new Map<string, string>();
  /** Ended, but somebody was left. */
  readonly #abandoned = new Set<string>();
  /** Other places whose groups we have adopted: nobody else is left to remove them. */
  readonly #inherited = new Set<string>();

  constructor({ root, onlyWhereAsked = false, delegation, files = kernelCgroups }: CgroupOptions) {
    this.#root = root;
    this.#files = files;
    this.#onlyWhereAsked = onlyWhereAsked;
    this.#delegation = delegation;
  }

  /**
   * Get the group for a process of an instance ready.
   * @returns its path; undefined where it gets none
   * @throws SetupFailure
   */
  prepare(instance: InstanceRef, { cgroups }: JobDefinition, env: readonly string[]): string | undefined {
    if (this.#onlyWhereAsked && cgroups.length === 0) return undefined;
    const plan = this.#plan(instance, cgroups, env);
    const path = join(this.#root, plan.group);
    this.#abandoned.delete(path);
    const settings = join(this.#root, plan.settingsGroup);
    this.#attempt('', () => this.#files.create(settings));
    const absent = this.#absent(plan.controllers);
    for (const controller of plan.controllers) {
      if (!absent.includes(controller)) this.#switchOn(controller, plan.settingsGroup);
    }
    for (const { file, text } of plan.writes) {
      if (absent.some((controller) => file.startsWith(`${controller}.`))) continue;
      this.#attempt(`${file} of ${settings}`, () => this.#files.write(join(settings, file), text));
    }
    if (path !== settings) this.#attempt('', () => this.#files.create(path));
    this.#groups.set(keyOf(instance), path);
    return path;
  }

  /** The controllers without which a job of this definition would have to do. */
  absentFor({ cgroups }: JobDefinition): readonly string[] {
    return this.#absent([...new Set(cgroups.flatMap(({ controller }) => knownController(controller) ?? []))]);
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

  /** Know a group again that an earlier supervisor made, be it at another place. @param pids processes of the instance */
  adopt(instance: InstanceRef, { cgroups }: JobDefinition, env: readonly string[], pids: readonly number[] = []): void {
    const path = join(this.#root, this.#plan(instance, cgroups, env).group);
    const places = [path, ...pids.map((pid) => this.#delegation?.groupOf(pid))];
    const found = places.find(
      (place) =>
        place !== undefined &&
        basename(place) === groupNameOf(instance) &&
        this.#files.read(join(place, 'cgroup.events')) !== undefined,
    );
    if (found === undefined) return;
    this.#groups.set(keyOf(instance), found);
    if (found !== path) this.#inherited.add(dirname(found));
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

  /** All is over: the place goes that was made for it, and what was adopted of others, if nobody is there. */
  leave(): void {
    if (this.#delegation === undefined) return;
    for (const place of [...this.#inherited, this.#root]) {
      try {
        this.#files.remove(place);
      } catch {
        // Somebody is still there, if only this process: who comes after it tidies up.
      }
    }
  }

  /** Everybody in any group. */
  get left(): readonly CgroupProcess[] {
    return [...this.#groups.values(), ...this.#abandoned].flatMap((path) => this.#files.processes(path));
  }

  /** Where the place was chosen for us; where it was given, what is absent fails the start. */
  #absent(controllers: readonly string[]): readonly string[] {
    const there = this.#delegation?.controllers;
    return there === undefined ? [] : controllers.filter((controller) => !there.includes(controller));
  }

  #plan(instance: InstanceRef, cgroups: JobDefinition['cgroups'], env: readonly string[]): CgroupPlan {
    const own = groupNameOf(instance);
    if (cgroups.length === 0) return { group: own, settingsGroup: own, controllers: [], writes: [] };
    return this.#attempt('', () => planCgroup(cgroups, instance, env));
  }

  /** A controller has to be switched on in every group above; where it already is, writing it changes nothing. */
  #switchOn(controller: string, group: string): void {
    const base = this.#delegation?.base;
    for (const path of [...(base === undefined ? [] : [base]), ...above(this.#root, group)]) {
      this.#attempt(`controller ${controller} in ${path}`, () => this.#control(path, controller));
    }
  }

  #control(path: string, controller: string): void {
    const write = (): void => this.#files.write(join(path, 'cgroup.subtree_control'), `+${controller}`);
    try {
      write();
    } catch (error) {
      const isInTheWay = path === this.#delegation?.base && error instanceof Error && 'code' in error;
      if (!isInTheWay || error.code !== 'EBUSY') throw error;
      this.#delegation?.makeRoom();
      write();
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
