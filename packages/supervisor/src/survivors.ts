import { readdirSync, readFileSync } from 'node:fs';
import type { ProcessRole } from '@maverick/conf';
import { type ProcessId, type SessionId, SYSTEM } from '@maverick/engine';
import { processStartTime } from '@maverick/spawner';
import { specOfSession } from './session-id.js';

/** The variable that names the run and the process in the environment of every process that is started. */
const VARIABLE = 'UPSTART_RUN';

/**
 * What is added to the environment of a process. One of a chroot's session says that it is of some session, for where the state is
 * lost nobody could tell of which: it is not to be taken for one of the system's. Those of a user say nothing: whoever knows the
 * run could have others taken for the system's.
 */
export const runEntries = (runId: string, process: ProcessId, role: ProcessRole, session: SessionId): string[] => {
  const kind = session === SYSTEM ? 'system' : specOfSession(session)?.kind;
  if (kind === 'system') return [`${VARIABLE}=${runId}.${process}.${role}`];
  return kind === 'chroot' ? [`${VARIABLE}=${runId}.${process}.session-${role}`] : [];
};

/** A process of an earlier supervisor that lives. */
export interface Survivor {
  readonly pid: number;
  readonly startTime: number;
  /** It leads a session, as what we start does, and not a descendant of it. */
  readonly leads: boolean;
}

/** What the environment of a process tells of it. */
export interface MarkedProcess extends Survivor {
  readonly parent: number;
  readonly runId: string;
  /** The process that it is or descends from, and what that one is for its job. */
  readonly process: ProcessId;
  readonly role: string;
  /** `KEY=VALUE`, in order. */
  readonly env: readonly string[];
}

const MARK = new RegExp(`^${VARIABLE}=(.+)\\.(\\d+)\\.([a-z-]+)$`);

/** How often, a millisecond apart, a process is looked at again that is becoming its program. */
const MOST_LOOKS = 200;

/** A program that is being executed has no environment for a moment. Nor have threads of the kernel, and zombies, for ever. */
const isBecomingProgram = (pid: string): boolean => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = 'Z', flags, environmentStart] = [fields[0], Number(fields[6]), fields[47]];
  return environmentStart === '0' && !'ZX'.includes(state) && (flags & KERNEL_THREAD) === 0;
};

/** `PF_KTHREAD` of the flags in `/proc/PID/stat`. @see proc_pid_stat(5) */
const KERNEL_THREAD = 0x0020_0000;

const pause = (): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);

const environmentOf = (pid: string): string => {
  try {
    for (let look = 0; look < MOST_LOOKS; look += 1) {
      const text = readFileSync(`/proc/${pid}/environ`, 'utf8');
      if (text !== '' || !isBecomingProgram(pid)) return text;
      pause();
    }
  } catch {
    // Gone, or somebody else's.
  }
  return '';
};

const statOf = (pid: string): { readonly parent: number; readonly session: number } | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state = 'Z', parent, , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return 'ZX'.includes(state) ? undefined : { parent: Number(parent), session: Number(session) };
  } catch {
    return undefined;
  }
};

/** What a process is, if it was started in a run whose id begins so. */
const markedProcess = (name: string, runIdStart: string): MarkedProcess[] => {
  const text = environmentOf(name);
  if (!text.includes(`${VARIABLE}=${runIdStart}`)) return [];
  const env = text.split('\0').filter((entry) => entry !== '');
  const [, runId = '', process, role = ''] = env.flatMap((entry) => MARK.exec(entry) ?? []);
  const [pid, stat, startTime] = [Number(name), statOf(name), processStartTime(Number(name))];
  if (!runId.startsWith(runIdStart) || stat === undefined || startTime === undefined) return [];
  const { parent, session } = stat;
  return [{ pid, startTime, leads: session === pid, parent, runId, process: Number(process), role, env }];
};

/** Whoever lives of the runs whose ids begin so; the oldest first. */
export const findMarked = (runIdStart: string): readonly MarkedProcess[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => markedProcess(name, runIdStart))
    .sort((a, b) => a.startTime - b.startTime || a.pid - b.pid);

/** Whoever lives of a run, by the number of the process that they are or descend from; the oldest first. */
export const findSurvivors = (runId: string): ReadonlyMap<ProcessId, readonly Survivor[]> => {
  const found = new Map<ProcessId, MarkedProcess[]>();
  for (const survivor of findMarked(runId)) {
    if (survivor.runId !== runId) continue;
    const others = found.get(survivor.process);
    if (others === undefined) found.set(survivor.process, [survivor]);
    else others.push(survivor);
  }
  return found;
};
