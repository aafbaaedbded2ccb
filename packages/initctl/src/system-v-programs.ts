import type { Program } from './command.js';
import { COMMON_OPTIONS } from './global-options.js';
import type { Option } from './option.js';

/** Options that other versions of a program have: taken, not shown, without effect. */
const ignored = (...letters: readonly string[]): Option[] => letters.map((short) => ({ key: 'ignored', short }));

const END_OPTIONS: readonly Option[] = [
  { key: 'no-sync', short: 'n', long: 'no-sync', help: "don't sync before reboot or halt" },
  { key: 'force', short: 'f', long: 'force', help: "force reboot or halt, don't call shutdown(8)" },
  { key: 'poweroff', short: 'p', long: 'poweroff', help: 'switch off the power when called as halt' },
  {
    key: 'wtmp-only',
    short: 'w',
    long: 'wtmp-only',
    help: "don't actually reboot or halt, just write wtmp record",
  },
  ...ignored('d', 'i', 'h'),
  ...COMMON_OPTIONS,
];

const END_DETAILS =
  'Unless --force is given, or the system is in runlevel 0 or 6, the work is left to /sbin/shutdown. A reboot may be given a word for the boot loader.';

/** The rows of the programs that machines with an init of System V have. */
export const SYSTEM_V_PROGRAMS = {
  telinit: {
    usage: 'RUNLEVEL',
    summary: 'Change runlevel.',
    details:
      'RUNLEVEL is one of 0 to 6, S or s. Q or q has the init daemon read its configuration again, which it does by itself where it can see changes; U or u has it execute itself again.',
    options: [
      { key: 'event-env', short: 'e', argument: 'KEY=VALUE', help: 'set environment variable in the runlevel event' },
      { key: 'ignored', short: 't', argument: 'SECS' },
      ...COMMON_OPTIONS,
    ],
    load: async () => (await import('./programs/telinit.js')).telinit,
  },
  runlevel: {
    usage: '[UTMP]',
    summary: 'Output previous and current runlevel.',
    details: 'Reads /var/run/utmp unless another file is named; RUNLEVEL and PREVLEVEL in the environment count more.',
    options: COMMON_OPTIONS,
    load: async () => (await import('./programs/runlevel.js')).runlevel,
  },
  shutdown: {
    usage: 'TIME [MESSAGE]',
    summary: 'Bring the system down.',
    details:
      "TIME is 'now', a number of minutes (+m), or a time of the day (hh:mm). Until then the program waits; Control-C ends it, or -c from elsewhere. Everybody who is logged in is told, with MESSAGE.\n\nWithout -r, -h, -H or -P the system goes into maintenance (single-user) mode.",
    options: [
      { key: 'ending', short: 'r', value: 'r', help: 'reboot after shutdown' },
      { key: 'ending', short: 'h', value: 'h', help: 'halt or power off after shutdown' },
      { key: 'ending', short: 'H', value: 'H', help: 'halt after shutdown (implies -h)' },
      { key: 'ending', short: 'P', value: 'P', help: 'power off after shutdown (implies -h)' },
      { key: 'cancel', short: 'c', help: 'cancel a running shutdown' },
      { key: 'warn-only', short: 'k', help: "only send warnings, don't shutdown" },
      { key: 'when', short: 'g', argument: 'TIME' },
      ...ignored('a', 'n', 'f', 'F', 'y'),
      { key: 'ignored', short: 'i', argument: 'LEVEL' },
      { key: 'ignored', short: 't', argument: 'SECS' },
      ...COMMON_OPTIONS,
    ],
    load: async () => (await import('./programs/shutdown.js')).shutdown,
  },
  reboot: {
    summary: 'Reboot the system.',
    details: END_DETAILS,
    options: END_OPTIONS,
    load: async () => (await import('./programs/reboot.js')).reboot,
  },
  halt: {
    summary: 'Halt the system.',
    details: END_DETAILS,
    options: END_OPTIONS,
    load: async () => (await import('./programs/reboot.js')).halt,
  },
  poweroff: {
    summary: 'Power off the system.',
    details: END_DETAILS,
    options: END_OPTIONS,
    load: async () => (await import('./programs/reboot.js')).poweroff,
  },
} as const satisfies Record<string, Program>;
