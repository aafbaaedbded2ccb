import type { Console } from '@maverick/conf';
import { SYSTEM_ADDRESS, sessionAddress } from '@maverick/dbus';
import { type BusPlace, sessionBus, systemBus } from './bus-places.js';
import type { Environment } from './directories.js';

/**
 * Which kind of init the daemon is: of a machine (or of what is made to look like one), of a container with a program in
 * it, of a user's session, or like the first without its rights.
 */
export type Mode = 'system' | 'container' | 'user' | 'session';

/** What depends on the mode and nothing else. @see spec: engine.md 7.1 */
export interface ModeRule {
  /** Jobs inherit the daemon's environment, directory and file creation mask; else they get `PATH` and `TERM`, `/`, 022. */
  readonly inherits: boolean;
  /** Where the daemon listens. */
  readonly address: (uid: number, pid: number) => string;
  /** Clients look elsewhere unless they are told: jobs are, by `UPSTART_SESSION`. */
  readonly tellsAddress: (uid: number) => boolean;
  readonly bus: (env: Environment) => BusPlace;
  /** The console of jobs without the stanza, where no option says where output goes. */
  readonly console?: Console;
  /** Whoever starts it at a terminal is told how to talk to it. */
  readonly greets: boolean;
  /** What a job's console is. */
  readonly consoleIs: 'device' | 'own';
  /** How long everything may take to stop, in seconds. Absent: as long as the jobs' kill timeouts say. */
  readonly stopTimeoutSeconds?: number;
}

const system = {
  inherits: false,
  address: () => SYSTEM_ADDRESS,
  tellsAddress: () => false,
  // As in the original, for tests of it.
  bus: (env) => (env.USE_SESSION_BUS === undefined ? systemBus(env) : sessionBus(env)),
  greets: false,
  consoleIs: 'device',
} as const satisfies ModeRule;

const session = {
  inherits: true,
  address: sessionAddress,
  tellsAddress: () => true,
  bus: sessionBus,
  greets: true,
  consoleIs: 'device',
} as const satisfies ModeRule;

/** `docker stop` kills after 10 seconds: what is told to end last, with the 2 seconds that it has, is down before that. */
const CONTAINER_STOP_SECONDS = 7;

export const MODES: Readonly<Record<Mode, ModeRule>> = {
  system,
  // The image and `docker run --env` say what jobs get.
  container: {
    ...system,
    inherits: true,
    address: (uid, pid) => (uid === 0 ? SYSTEM_ADDRESS : sessionAddress(uid, pid)),
    tellsAddress: (uid) => uid !== 0,
    // The output of the container is what `docker logs` and its kin show.
    console: 'output',
    consoleIs: 'own',
    stopTimeoutSeconds: CONTAINER_STOP_SECONDS,
  },
  user: session,
  session: { ...session, inherits: false },
};
