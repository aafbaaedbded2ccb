import { readdirSync, readFileSync } from 'node:fs';
import type { InstanceUsage } from '@maverick/dbus';
import type { InstanceRef, InstanceView } from '@maverick/engine';

/** What `/proc/PID/stat` says of a process. */
interface Stat {
  readonly parent: number;
  readonly session: number;
  /** Of its own and of the children that it has waited for, in clock ticks. */
  readonly cpuTicks: bigint;
}

/** The kernel counts in 1/100 s wherever user space can see it. @see proc_pid_stat(5), USER_HZ */
const MICROSECONDS_A_TICK = 10_000n;
const KIB = 1024n;
/** No chain of parents is longer; a bound for a table that changes while it is read. */
const MAX_DEPTH = 64;

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // It has ended meanwhile, or this kernel does not say.
    return undefined;
  }
};

const statOf = (pid: number): Stat | undefined => {
  const text = read(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The second field is the program's name in parentheses, which may hold blanks and parentheses itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [, parent, , session] = fields;
  const cpuTicks = fields.slice(11, 15).reduce((sum, field) => sum + BigInt(field), 0n);
  return { parent: Number(parent), session: Number(session), cpuTicks };
};

const allStats = (): ReadonlyMap<number, Stat> =>
  new Map(
    readdirSync('/proc').flatMap((name) => {
      const pid = Number(name);
      const stat = pid > 0 ? statOf(pid) : undefined;
      return stat ? [[pid, stat] as const] : [];
    }),
  );

/** To whom a process belongs: to whoever has it, its session's leader, or the nearest parent of which that can be said. */
const ownerOf = (pid: number, stats: ReadonlyMap<number, Stat>, owners: ReadonlyMap<number, number>) => {
  let stat = stats.get(pid);
  for (let at = pid, depth = 0; stat && depth < MAX_DEPTH; depth += 1) {
    const owner = owners.get(at) ?? owners.get(stat.session);
    if (owner !== undefined) return owner;
    at = stat.parent;
    stat = stats.get(at);
  }
  return undefined;
};

const residentBytes = (pid: number): bigint => {
  const [, kib = '0'] = /^VmRSS:\s*(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '') ?? [];
  return BigInt(kib) * KIB;
};

const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);

const usageOf = (pids: readonly number[], stats: ReadonlyMap<number, Stat>, group: string | undefined) => {
  const [, charged] = /^usage_usec (\d+)$/m.exec((group && read(`${group}/cpu.stat`)) ?? '') ?? [];
  const memory = group === undefined ? undefined : read(`${group}/memory.current`)?.trim();
  return {
    source: charged === undefined ? 'proc' : 'cgroup',
    pids,
    memoryBytes: memory === undefined ? sum(pids.map(residentBytes)) : BigInt(memory),
    cpuMicroseconds:
      charged === undefined
        ? sum(pids.map((pid) => stats.get(pid)?.cpuTicks ?? 0n)) * MICROSECONDS_A_TICK
        : BigInt(charged),
  } as const satisfies InstanceUsage;
};

/**
 * What the processes of each instance use: its own and what descends from them, those that were orphaned included as long
 * as they are in their session. One look at `/proc` for all.
 * @param groupOf the directory of the control group that an instance has for itself
 */
export const usagesOf = (
  instances: readonly InstanceView[],
  groupOf: (instance: InstanceRef) => string | undefined,
): readonly InstanceUsage[] => {
  const owners = new Map<number, number>();
  instances.forEach(({ processes }, index) => {
    for (const { pid } of processes) if (pid !== undefined) owners.set(pid, index);
  });
  const stats = allStats();
  const pids: number[][] = instances.map(() => []);
  for (const pid of stats.keys()) {
    const owner = ownerOf(pid, stats, owners);
    if (owner !== undefined) pids[owner]?.push(pid);
  }
  return instances.map(({ ref }, index) => usageOf(pids[index] ?? [], stats, groupOf(ref)));
};
