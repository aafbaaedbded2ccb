import type { Option } from './option.js';

/** Options that every program of the package takes. */
export const COMMON_OPTIONS = [
  { key: 'priority', short: 'q', long: 'quiet', value: 'error', help: 'reduce output to errors only' },
  {
    key: 'priority',
    short: 'v',
    long: 'verbose',
    value: 'info',
    help: 'increase output to include informational messages',
  },
  { key: 'priority', long: 'debug', value: 'debug' },
  { key: 'help', long: 'help', help: 'display this help and exit' },
  { key: 'version', long: 'version', help: 'output version information and exit' },
] as const satisfies readonly Option[];

/** What Upstart 1.13.2 has not: shown after all others, so that the lines of its help stay where they are. */
export const ADDED_GLOBAL_OPTIONS = [
  {
    key: 'global',
    long: 'global',
    help: 'use the jobs of the system, whatever session the caller is in (after a command on variables: --global as above)',
  },
  { key: 'in-session', long: 'in-session', argument: 'ID', help: 'use the jobs of the session ID of the daemon' },
  { key: 'chroot', long: 'chroot', argument: 'DIR', help: 'use the jobs of the session of the root directory DIR' },
] as const satisfies readonly Option[];

/** Options that every command takes, before or after its name. @see initctl(8), "OPTIONS" */
export const GLOBAL_OPTIONS = [
  { key: 'session', long: 'session', help: 'use existing D-Bus session bus to connect to init daemon (for testing)' },
  { key: 'system', long: 'system', help: 'use D-Bus system bus to connect to init daemon' },
  { key: 'dest', long: 'dest', argument: 'NAME', help: 'destination well-known name on D-Bus bus' },
  { key: 'user', long: 'user', help: 'run in user mode (as used for user sessions)' },
  ...COMMON_OPTIONS,
] as const satisfies readonly Option[];
