import type { Action, ProcessId } from '@maverick/engine';
import type { KillOptions } from '@maverick/spawner';
import type { SupervisorNotice } from './event.js';
import type { Launcher } from './launcher.js';
import type { ProcessPort } from './ports.js';
import type { ProcessTable } from './process-table.js';
import type { Requests } from './requests.js';
import { SIGCONT, signalProcess } from './signal.js';
import type { Timers } from './timers.js';

/** What performing an action needs. */
export interface EffectPorts {
  readonly processes: ProcessPort;
  readonly table: ProcessTable;
  readonly launcher: Launcher;
  readonly timers: Timers;
  readonly requests: Requests;
  /** A job that a signal has stopped could not obey the next one: wake it, which the original does not. */
  readonly wakeToKill: boolean;
  readonly tell: (notice: SupervisorNotice) => void;
  readonly exit: () => void;
  readonly closeFd: (fd: number) => void;
}

type ActionOf<K extends Action['kind']> = Extract<Action, { kind: K }>;

const spawn = (action: ActionOf<'spawn'>, { launcher }: EffectPorts): void => launcher.launch(action);

const signal = (process: ProcessId, number: number, options: KillOptions, ports: EffectPorts): void => {
  const pid = ports.table.byProcess(process)?.pid;
  if (pid === undefined) {
    ports.launcher.cancel(process, number);
    return;
  }
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
