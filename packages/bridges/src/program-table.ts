import { homedir } from 'node:os';
import type { BridgeKind } from './bridge.js';
import { DBUS_OPTIONS, dbusBridgeWith, readDbusSettings } from './dbus-bridge.js';
import { EVENT_OPTIONS, eventBridgeWith } from './event-bridge.js';
import { fileBridgeWith } from './file-bridge.js';
import { LOCAL_OPTIONS, localBridgeWith, readLocalSettings } from './local-bridge.js';
import type { OwnOptions } from './option-table.js';
import { socketBridge } from './socket-bridge.js';
import { timeBridge } from './time-bridge.js';
import { UDEV_OPTIONS, udevBridgeWith } from './udev-bridge.js';

/** Where a bridge works. */
export interface BridgeSettings {
  /** For the daemon of a user's session. */
  readonly user: boolean;
  /** What was said of its own options, by name with dashes; `''` for one without an argument. Default: nothing. */
  readonly own?: ReadonlyMap<string, string>;
}

/** A bridge, as a program of its own or inside the daemon. */
interface BridgeProgram {
  /** @throws SettingError */
  readonly kind: (settings: BridgeSettings) => BridgeKind;
  /** Those that it alone has. */
  readonly options?: OwnOptions;
  /** It can not be inside the daemon. */
  readonly isOutside?: true;
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
  'upstart-dbus-bridge': {
    kind: ({ user, own }) => dbusBridgeWith(readDbusSettings(user, own)),
    options: DBUS_OPTIONS,
    purpose: 'Emit the event dbus for signals on a bus that jobs ask for.',
  },
  'upstart-udev-bridge': {
    kind: ({ own }) => udevBridgeWith({ strip: own?.has('--no-strip') !== true }),
    options: UDEV_OPTIONS,
    purpose: 'Emit events such as net-device-added for devices that come, change and go.',
  },
  'upstart-event-bridge': {
    kind: ({ own }) => eventBridgeWith({ from: own?.get('--from') }),
    options: EVENT_OPTIONS,
    purpose: 'Emit :sys:EVENT in a session for events of the system that its jobs ask for.',
  },
  'upstart-local-bridge': {
    kind: ({ own }) => localBridgeWith(readLocalSettings(own)),
    options: LOCAL_OPTIONS,
    isOutside: true,
    purpose: 'Emit an event for each NAME=VALUE that somebody sends to a socket.',
  },
};

const nameOf = (program: string): string => program.replace(/^upstart-(.*)-bridge$/, '$1');

const INSIDE = Object.entries(PROGRAMS).filter(([, { isOutside }]) => isOutside !== true);

/** What the bridges are called inside the daemon: `socket`, `time` … */
export const BRIDGE_NAMES: readonly string[] = INSIDE.map(([program]) => nameOf(program));

/** The bridge of such a name; undefined where there is none. */
export const findBridge = (name: string, settings: BridgeSettings): BridgeKind | undefined =>
  INSIDE.find(([program]) => nameOf(program) === name)?.[1].kind(settings);
