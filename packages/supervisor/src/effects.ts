import type { Action, ProcessId, SpawnFailure } from '@maverick/engine';
import type { KillOptions } from '@maverick/spawner';
import type { UnstampedInput } from './engine-loop.js';
import type { SupervisorNotice } from './event.js';
import type { ProcessPort } from './ports.js';
import { type ProcessDefaults, processSpec } from './process-spec.js';
import type { ProcessTable } from './process-table.js';
import type { Requests } from './requests.js';
import { SIGCONT, signalProcess } from './signal.js';
import type { Timers } from './timers.js';

/** What performing an action needs. */
export interface EffectPorts {
  readonly processes: ProcessPort;
  readonly table: ProcessTable;
  readonly timers: Timers;
  readonly requests: Requests;
  readonly defaults: ProcessDefaults;
  /** A job that a signal has stopped could not obey the next one: wake it, which the original does not. */
  readonly wakeToKill: boolean;
  readonly send: (input: UnstampedInput) => void;
  readonly tell: (notice: SupervisorNotice) => void;
  readonly exit: () => void;
  /** A process of ours has this PID now. */
  readonly started: (pid: number) => void;
  readonly closeFd: (fd: number) => void;
}

type ActionOf<K extends Action['kind']> = Extract<Action, { kind: K }>;

type Started = { readonly ok: true; readonly pid: number } | { readonly ok: false; readonly error: SpawnFailure };

/** An exception here is as much a failed start as the system's refusal; unlike a failed fork, it is not tried again. */
const trySpawn = (action: ActionOf<'spawn'>, { processes, defaults }: EffectPorts): Started => {
  try {
    return processes.spawn(processSpec(action, defaults));
  } catch (error) {
    const message = `unable to start: ${error instanceof Error ? error.message : String(error)}`;
    return { ok: false, error: { step: 'spawn', errno: 0, message } };
  }
};

const spawn = (action: ActionOf<'spawn'>, ports: EffectPorts): void => {
  const { process, instance, role } = action;
  const result = trySpawn(action, ports);
  if (result.ok) {
    ports.table.add({ process, pid: result.pid, instance, role });
    ports.started(result.pid);
    ports.tell({ kind: 'process-started', instance, role, pid: result.pid });
    ports.send({ kind: 'process-started', process, pid: result.pid });
  } else {
    const failure = result.error;
    ports.tell({ kind: 'spawn-failed', instance, role, failure });
    ports.send({ kind: 'spawn-failed', process, failure });
  }
};

const signal = (process: ProcessId, number: number, options: KillOptions, ports: EffectPorts): void => {
  const pid = ports.table.byProcess(process)?.pid;
  if (pid === undefined) return;
  const failure = signalProcess(ports.processes, pid, number, options);
  if (failure !== undefined) ports.tell({ kind: 'message', priority: 'warn', message: failure });
};

const PERFORM = {
  spawn,
  kill: ({ process, signal: number, group }, ports) =>
    signal(process, number, { group, wake: group && ports.wakeToKill }, ports),
  continue: ({ process }, ports) => signal(process, SIGCONT, { group: false }, ports),
  'set-timer': ({ timer, dueAt }, { timers }) => timers.set(timer, dueAt),
  'clear-timer': ({ timer }, { timers }) => timers.clear(timer),
  reply: ({ request, reply }, { requests }) => requests.answer(request, reply),
  'close-fd': ({ fd }, { closeFd }) => closeFd(fd),
  exit: (_action, { exit }) => exit(),
} as const satisfies { readonly [K in Action['kind']]: (action: ActionOf<K>, ports: EffectPorts) => void };

/** Whether an effect is something to be done, not only something to be known. */
export const isAction = (effect: { readonly kind: string }): effect is Action => Object.hasOwn(PERFORM, effect.kind);

/** Do what the engine asks for. What comes of it is sent back as inputs, later. */
export const perform = (action: Action, ports: EffectPorts): void => {
  // The table has one row a kind, each taking its own action: a link that TypeScript cannot follow through an index.
  (PERFORM[action.kind] as (action: Action, ports: EffectPorts) => void)(action, ports);
};
