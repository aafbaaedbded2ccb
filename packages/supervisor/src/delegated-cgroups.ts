import { accessSync, constants, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type CgroupFiles, kernelCgroups } from './cgroup-files.js';
import type { CgroupOptions } from './cgroups.js';

/** What `/proc` says of cgroup v2, replaceable for tests. */
export interface CgroupFacts {
  /** `/proc/self/mountinfo`. */
  readonly mountinfo: string;
  /** `/proc/PID/cgroup`; undefined for a process that is not there. */
  cgroupOf(pid: number): string | undefined;
  /** The PIDs of those that this process has started. */
  ownChildren(): readonly number[];
}

/** Where this process and its log process go when they have to make room. No job has this name: it would be a hidden file. */
const OWN_GROUP = '.upstart';

const PREFIX = 'upstart';

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

const kernelFacts = (): CgroupFacts => ({
  mountinfo: read('/proc/self/mountinfo') ?? '',
  cgroupOf: (pid) => read(`/proc/${pid}/cgroup`),
  ownChildren: () =>
    readdirSync('/proc/self/task')
      .flatMap((task) => (read(`/proc/self/task/${task}/children`) ?? '').split(' '))
      .filter((word) => word !== '')
      .map(Number),
});

interface Mount {
  /** Which part of the hierarchy is mounted. */
  readonly root: string;
  readonly point: string;
}

/** Blanks and the like are octal in the fields. @see proc_pid_mountinfo(5) */
const unescaped = (field: string): string =>
  field.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

const findMount = (mountinfo: string): Mount | undefined => {
  const line = mountinfo.split('\n').find((text) => / - cgroup2 /.test(text));
  const [, , , root, point] = line?.split(' ') ?? [];
  return root === undefined || point === undefined ? undefined : { root: unescaped(root), point: unescaped(point) };
};

/** The directory of the group that `/proc/PID/cgroup` names. @see cgroups(7) */
const directoryOf = ({ root, point }: Mount, cgroup: string | undefined): string | undefined => {
  const path = /^0::(\/.*)$/m.exec(cgroup ?? '')?.[1];
  if (path === undefined) return undefined;
  if (root === '/') return join(point, path);
  return path === root || path.startsWith(`${root}/`) ? join(point, path.slice(root.length)) : undefined;
};

const isWritable = (directory: string): boolean => {
  try {
    for (const file of ['', 'cgroup.procs', 'cgroup.subtree_control']) {
      accessSync(join(directory, file), constants.W_OK);
    }
    return true;
  } catch {
    return false;
  }
};

const isAlive = (pid: number): boolean => read(`/proc/${pid}/stat`) !== undefined;

/** Numbers of processes mean something within one PID namespace. */
const namePrefix = (): string => `${PREFIX}-${readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')}-`;

/** Remove what daemons have left that are dead; whoever is still in there keeps it. */
const tidy = (base: string, prefix: string, files: CgroupFiles): void => {
  for (const name of readdirSync(base)) {
    if (!name.startsWith(prefix) || isAlive(Number(name.slice(prefix.length)))) continue;
    try {
      files.remove(join(base, name));
    } catch {
      // Its jobs live on.
    }
  }
};

/** Where this process was before it made room: then a program that it has become goes on with the same place. */
const baseOf = (present: string, name: string): string => {
  const moved = `/${name}/${OWN_GROUP}`;
  return present.endsWith(moved) ? present.slice(0, -moved.length) : present;
};

/**
 * A place for the groups of jobs below the cgroup v2 that this process is in, if it may write there: the root of the machine's
 * or container's init, or what systemd's `Delegate=` gives. Nothing is made before a job needs it; jobs without `cgroup` stanzas
 * need none.
 * @returns undefined where there is no cgroup v2, or it is not ours to write in
 */
export const delegatedCgroups = (
  facts: CgroupFacts = kernelFacts(),
  files: CgroupFiles = kernelCgroups,
): CgroupOptions | undefined => {
  const mount = findMount(facts.mountinfo);
  const present = mount && directoryOf(mount, facts.cgroupOf(process.pid));
  if (mount === undefined || present === undefined) return undefined;
  const prefix = namePrefix();
  const base = baseOf(present, `${prefix}${process.pid}`);
  if (!isWritable(base)) return undefined;
  tidy(base, prefix, files);
  const root = join(base, `${prefix}${process.pid}`);
  const makeRoom = (): void => {
    const own = join(root, OWN_GROUP);
    files.create(own);
    for (const pid of [process.pid, ...facts.ownChildren()]) {
      if (directoryOf(mount, facts.cgroupOf(pid)) === base) files.write(join(own, 'cgroup.procs'), String(pid));
    }
  };
  const controllers = (files.read(join(base, 'cgroup.controllers')) ?? '').split(/\s+/).filter((word) => word !== '');
  const groupOf = (pid: number): string | undefined => directoryOf(mount, facts.cgroupOf(pid));
  return { root, onlyWhereAsked: true, delegation: { base, controllers, groupOf, makeRoom }, files };
};
