import { readdirSync, readFileSync } from 'node:fs';
import type { InstanceRef } from '@maverick/engine';
import type { Cgroups } from './cgroups.js';

/** One process of an instance. */
export interface ProcessUsage {
  readonly pid: number;
  /** As the kernel has it, at most 15 bytes. */
  readonly name: string;
}

/** What an instance uses of the machine. */
export interface Usage {
  /** All that are known to belong to it, children included, by PID. */
  readonly processes: readonly ProcessUsage[];
  /** With a cgroup what the kernel accounts to it, else the resident memory of its processes, shared pages counted each time. */
  readonly memoryBytes: number;
  /** With a cgroup since it was made, ended processes included; else of the processes that there are. */
  readonly cpuMs: number;
  readonly source: 'cgroup' | 'proc';
}

/** USER_HZ, the unit of times in `/proc`: the same on every Linux of today. */
const TICKS_PER_SECOND = 100;

interface Row extends ProcessUsage {
  readonly parent: number;
  readonly session: number;
  readonly ticks: number;
}

/** Undefined for a process that has gone, and for a zombie, who uses nothing. @see proc_pid_stat(5) */
const rowOf = (pid: number): Row | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [open, close] = [text.indexOf('('), text.lastIndexOf(')')];
    const fields = text.slice(close + 2).split(' ');
    const [state = 'Z', parent, , session] = fields;
    if ('ZX'.includes(state)) return undefined;
    return {
      pid,
      name: text.slice(open + 1, close),
      parent: Number(parent),
      session: Number(session),
      ticks: Number(fields[11]) + Number(fields[12]),
    };
  } catch {
    return undefined;
  }
};

const allRows = (): Row[] =>
  readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (rowOf(Number(name)) ?? []) : []));

/** The processes of these sessions, and all that descend from them. */
const family = (leaders: ReadonlySet<number>): Row[] => {
  const rows = allRows();
  const members = new Set(
    rows.filter(({ pid, session }) => leaders.has(pid) || leaders.has(session)).map(({ pid }) => pid),
  );
  for (let size = -1; size !== members.size; ) {
    size = members.size;
    for (const { pid, parent } of rows) if (members.has(parent)) members.add(pid);
  }
  return rows.filter(({ pid }) => members.has(pid));
};

const toUsage = ({ pid, name }: Row): ProcessUsage => ({ pid, name });

/** Of `/proc/PID/stat` it would be a number of pages, whose size differs. */
const residentBytes = (pids: readonly ProcessUsage[]): number =>
  pids.reduce((total, { pid }) => total + residentKib(pid) * 1024, 0);

const residentKib = (pid: number): number => {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
};

const fromProc = (pids: readonly number[]): Usage => {
  const rows = family(new Set(pids));
  return {
    processes: rows.map(toUsage).sort((a, b) => a.pid - b.pid),
    memoryBytes: residentBytes(rows),
    cpuMs: (rows.reduce((total, { ticks }) => total + ticks, 0) * 1000) / TICKS_PER_SECOND,
    source: 'proc',
  };
};

/** The processor's time of a group is always counted, its memory only where that controller is on. */
const fromCgroup = (instance: InstanceRef, cgroups: Cgroups): Usage => {
  const processes = cgroups.processes(instance);
  const memory = cgroups.read(instance, 'memory.current');
  const cpuUs = /^usage_usec (\d+)$/m.exec(cgroups.read(instance, 'cpu.stat') ?? '')?.[1];
  return {
    processes,
    memoryBytes: memory === undefined ? residentBytes(processes) : Number(memory),
    cpuMs: Number(cpuUs ?? 0) / 1000,
    source: 'cgroup',
  };
};

/** What an instance uses. @param pids its supervised processes */
export const usageOf = (instance: InstanceRef, pids: readonly number[], cgroups: Cgroups | undefined): Usage =>
  cgroups?.pathOf(instance) === undefined ? fromProc(pids) : fromCgroup(instance, cgroups);
