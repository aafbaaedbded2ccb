import { homedir } from 'node:os';
import type { BridgeKind } from './bridge.js';
import { fileBridgeWith } from './file-bridge.js';
import { socketBridge } from './socket-bridge.js';
import { timeBridge } from './time-bridge.js';

/** Where a bridge works. */
export interface BridgeSettings {
  /** For the daemon of a user's session. */
  readonly user: boolean;
}

/** A bridge, as a program of its own or inside the daemon. */
interface BridgeProgram {
  readonly kind: (settings: BridgeSettings) => BridgeKind;
  /** For `--help`. */
  readonly purpose: string;
}

/** The programs, by the name that they are called by. */
export const PROGRAMS: Readonly<Record<string, BridgeProgram>> = {
  'upstart-socket-bridge': {
    kind: () => socketBridge,
    purpose: 'Emit the event socket when somebody connects to a socket that a job asks for.',
  },
  'upstart-file-bridge': {
    kind: ({ user }) => fileBridgeWith(user ? { home: homedir() } : {}),
    purpose: 'Emit the event file when files that jobs ask for are created, modified or deleted.',
  },
  'upstart-time-bridge': {
    kind: () => timeBridge,
    purpose: 'Emit the event time at the times that jobs ask for.',
  },
};

const nameOf = (program: string): string => program.replace(/^upstart-(.*)-bridge$/, '$1');

/** What the bridges are called inside the daemon: `socket`, `time` … */
export const BRIDGE_NAMES: readonly string[] = Object.keys(PROGRAMS).map(nameOf);

/** The bridge of such a name; undefined where there is none. */
export const findBridge = (name: string, settings: BridgeSettings): BridgeKind | undefined =>
  Object.entries(PROGRAMS)
    .find(([program]) => nameOf(program) === name)?.[1]
    .kind(settings);
