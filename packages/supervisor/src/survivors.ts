import { readdirSync, readFileSync } from 'node:fs';
import type { ProcessId } from '@maverick/engine';
import { processStartTime } from '@maverick/spawner';

/** The variable that names the run and the process in the environment of every process that is started. */
const VARIABLE = 'UPSTART_RUN';

/** The entry for the environment of a process. */
export const runEntry = (runId: string, process: ProcessId): string => `${VARIABLE}=${runId}.${process}`;

/** A process of an earlier supervisor that lives. */
export interface Survivor {
  readonly pid: number;
  readonly startTime: number;
  /** It leads a session, as what we start does, and not a descendant of it. */
  readonly leads: boolean;
}

const environmentOf = (pid: string): readonly string[] => {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    // Gone, or somebody else's.
    return [];
  }
};

const sessionOf = (pid: string): number | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state = 'Z', , , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return 'ZX'.includes(state) ? undefined : Number(session);
  } catch {
    return undefined;
  }
};

const survivorOf = (name: string): Survivor[] => {
  const [pid, session, startTime] = [Number(name), sessionOf(name), processStartTime(Number(name))];
  return session === undefined || startTime === undefined ? [] : [{ pid, startTime, leads: session === pid }];
};

/** Whoever lives of a run, by the number of the process that they are or descend from; the oldest first. */
export const findSurvivors = (runId: string): ReadonlyMap<ProcessId, readonly Survivor[]> => {
  const found = new Map<ProcessId, Survivor[]>();
  const prefix = `${VARIABLE}=${runId}.`;
  for (const name of readdirSync('/proc')) {
    const entry = /^\d+$/.test(name) ? environmentOf(name).find((variable) => variable.startsWith(prefix)) : undefined;
    if (entry === undefined) continue;
    const process = Number(entry.slice(prefix.length));
    found.set(process, [...(found.get(process) ?? []), ...survivorOf(name)]);
  }
  for (const survivors of found.values()) survivors.sort((a, b) => a.startTime - b.startTime || a.pid - b.pid);
  return found;
};
