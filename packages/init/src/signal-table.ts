import type { Mode } from './mode.js';

/** What a signal asks the daemon for. */
export type SignalAction =
  /** Read the configuration again. */
  | { readonly kind: 'reload' }
  /** Look for the bus. */
  | { readonly kind: 'seek-bus' }
  /** Stop every job, and end. */
  | { readonly kind: 'stop' }
  /** Become a fresh process of the same program. */
  | { readonly kind: 'restart' }
  | { readonly kind: 'emit'; readonly name: string }
  /** Bring the machine down: the jobs that start on the runlevel do it. */
  | { readonly kind: 'runlevel'; readonly level: '0' | '6'; readonly halt?: 'HALT' | 'POWEROFF' }
  /** It is for the program that the container is there for; `group`: for what it has started, too, as a terminal does. */
  | { readonly kind: 'forward'; readonly group: boolean };

/** Signals without a name in Node, by the numbers that glibc counts from 34. @see systemd(1), "Signals" */
export const REAL_TIME_SIGNALS = { 'SIGRTMIN+3': 37, 'SIGRTMIN+4': 38, 'SIGRTMIN+5': 39 } as const;

export type SignalName = NodeJS.Signals | keyof typeof REAL_TIME_SIGNALS;
export type SignalTable = { readonly [name in SignalName]?: SignalAction };

const RELOAD = { SIGHUP: { kind: 'reload' } } as const satisfies SignalTable;
const BUS = { SIGUSR1: { kind: 'seek-bus' } } as const satisfies SignalTable;
const STOP = { kind: 'stop' } as const satisfies SignalAction;
const FORWARD = { kind: 'forward', group: false } as const satisfies SignalAction;
const FORWARD_TO_ALL = { kind: 'forward', group: true } as const satisfies SignalAction;

const SESSION = { ...RELOAD, ...BUS, SIGTERM: STOP, SIGINT: STOP } as const satisfies SignalTable;

/** Whoever stops a container: Docker and Kubernetes, systemd-nspawn and its kin, LXC. */
const CONTAINER_STOPS = {
  SIGTERM: STOP,
  'SIGRTMIN+3': STOP,
  'SIGRTMIN+4': STOP,
  SIGPWR: STOP,
} as const satisfies SignalTable;

/** @see spec: engine.md 7.4 */
const SIGNALS = {
  system: {
    ...RELOAD,
    ...BUS,
    SIGTERM: { kind: 'restart' },
    SIGINT: { kind: 'emit', name: 'control-alt-delete' },
    SIGWINCH: { kind: 'emit', name: 'keyboard-request' },
    SIGPWR: { kind: 'emit', name: 'power-status-changed' },
    'SIGRTMIN+3': { kind: 'runlevel', level: '0', halt: 'HALT' },
    'SIGRTMIN+4': { kind: 'runlevel', level: '0', halt: 'POWEROFF' },
    'SIGRTMIN+5': { kind: 'runlevel', level: '6' },
  },
  container: { ...SESSION, SIGQUIT: STOP, ...CONTAINER_STOPS },
  user: SESSION,
  session: SESSION,
} as const satisfies Record<Mode, SignalTable>;

/** In addition, where there is a program that the daemon runs for: it gets what is not about the container as a whole. */
const FOR_THE_PROGRAM = {
  SIGINT: FORWARD_TO_ALL,
  SIGQUIT: FORWARD_TO_ALL,
  SIGHUP: FORWARD,
  SIGUSR1: FORWARD,
  SIGUSR2: FORWARD,
  SIGWINCH: FORWARD,
  SIGALRM: FORWARD,
  SIGCONT: FORWARD,
  SIGURG: FORWARD,
} as const satisfies SignalTable;

/** What each signal asks for. */
export const signalTable = (mode: Mode, hasProgram: boolean): SignalTable =>
  hasProgram ? { ...SIGNALS[mode], ...FOR_THE_PROGRAM } : SIGNALS[mode];
