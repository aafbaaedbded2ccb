import type { BridgeKind } from './bridge.js';
import { socketBridge } from './socket-bridge.js';
import { timeBridge } from './time-bridge.js';

/** A bridge, as a program of its own or inside the daemon. */
interface BridgeProgram {
  readonly kind: BridgeKind;
  /** For `--help`. */
  readonly purpose: string;
}

/** The programs, by the name that they are called by. */
export const PROGRAMS: Readonly<Record<string, BridgeProgram>> = {
  'upstart-socket-bridge': {
    kind: socketBridge,
    purpose: 'Emit the event socket when somebody connects to a socket that a job asks for.',
  },
  'upstart-time-bridge': {
    kind: timeBridge,
    purpose: 'Emit the event time at the times that jobs ask for.',
  },
};

const nameOf = (program: string): string => program.replace(/^upstart-(.*)-bridge$/, '$1');

/** What the bridges are called inside the daemon: `socket`, `time` … */
export const BRIDGE_NAMES: readonly string[] = Object.keys(PROGRAMS).map(nameOf);

/** The bridge of such a name; undefined where there is none. */
export const findBridge = (name: string): BridgeKind | undefined =>
  Object.entries(PROGRAMS).find(([program]) => nameOf(program) === name)?.[1].kind;
