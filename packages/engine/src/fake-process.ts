import type { ExitStatus, JobDefinition, ProcessRole } from '@maverick/conf';
import { FORKS_EXPECTED } from './definition.js';
import type { Caller, ProcessId, RequestId, SpawnFailure } from './input.js';
import type { UntimedInput } from './simulation.js';

/** A call that a process makes, as a script does by `initctl`. */
export type FakeCall = {
  /** Milliseconds after its start, or after the call before; where it waited for that, after the answer. Default 0. */
  readonly afterMs?: number;
  /** It goes on when the call is answered: what was emitted is handled, what was started is up. Default true. */
  readonly wait?: boolean;
  /** `KEY=VALUE` entries. */
  readonly env?: readonly string[];
} & (
  | { readonly kind: 'emit'; readonly name: string }
  | { readonly kind: 'start' | 'stop' | 'restart'; readonly job: string; readonly instance?: string }
);

/** What a process would do, for `simulate`. */
export interface FakeProcess {
  /** What it calls, one after the other. Default: nothing. */
  readonly calls?: readonly FakeCall[];
  /**
   * Milliseconds until it ends by itself, counted as those of a call. Default: a service's main process runs until it is told to
   * end, all else ends at once.
   */
  readonly runsForMs?: number;
  /** How it ends by itself: an exit code, or more. Default 0. */
  readonly exit?: number | ExitStatus;
  /** It does not come to run: the reason, or all of it. */
  readonly failsToStart?: string | SpawnFailure;
  /** Milliseconds until it says, as its `expect` wants it, that it is ready. Default 0; `Infinity`: never. */
  readonly readyAfterMs?: number;
  /** Milliseconds from the kill signal to its end. Default 0; `Infinity`: it ends by SIGKILL only. */
  readonly endsAfterMs?: number;
  /** Milliseconds between two signs of life, for `watchdog`. Default: it gives none. */
  readonly aliveEveryMs?: number;
}

/** By job and process; a list is for one process after the other, the last for all that follow. */
export type FakeProcesses = Readonly<
  Record<string, { readonly [role in ProcessRole]?: FakeProcess | readonly FakeProcess[] }>
>;

const isList = (fake: FakeProcess | readonly FakeProcess[]): fake is readonly FakeProcess[] => Array.isArray(fake);

/** The process that is the n-th of its kind. */
export const fakeFor = (fakes: FakeProcesses, job: string, role: ProcessRole, count: number): FakeProcess => {
  const fake = fakes[job]?.[role] ?? {};
  return isList(fake) ? (fake[Math.min(count, fake.length - 1)] ?? {}) : fake;
};

export const exitStatus = ({ exit = 0 }: FakeProcess): ExitStatus =>
  typeof exit === 'number' ? { kind: 'exited', code: exit } : exit;

/** How long it runs if it is left alone. */
export const lifeOf = ({ runsForMs }: FakeProcess, role: ProcessRole, { task }: JobDefinition): number =>
  runsForMs ?? (role === 'main' && !task ? Number.POSITIVE_INFINITY : 0);

/** A call as the engine is told of it. */
export const callInput = (
  { afterMs: _, wait = true, env = [], ...call }: FakeCall,
  caller: Caller,
  request: RequestId,
): UntimedInput => ({ ...call, session: caller.instance.session, env, wait, caller, request });

export const spawnFailure = (failure: string | SpawnFailure): SpawnFailure =>
  typeof failure === 'string' ? { step: 'exec', errno: 2, message: failure } : failure;

/** What a main process reports when it is ready. */
export const readinessInputs = (process: ProcessId, pid: number, { expect }: JobDefinition): UntimedInput[] => {
  switch (expect) {
    case 'stop':
      return [{ kind: 'process-stopped', process, signal: 19 }];
    case 'fork':
    case 'daemon':
      return Array.from({ length: FORKS_EXPECTED[expect] }, () => ({ kind: 'process-forked', process, pid }));
    case 'notify':
    case 'fd':
      return [{ kind: 'process-ready', process }];
    default:
      return [];
  }
};
