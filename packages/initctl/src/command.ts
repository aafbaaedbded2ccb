import type { UpstartClient } from '@maverick/dbus/client';
import type { InitAddress } from './init-address.js';
import type { Machine } from './machine.js';
import type { Option, OptionOccurrences, OptionValues } from './option.js';
import type { Output } from './output.js';

/** The headings of `initctl help`, in its order. */
export const COMMAND_GROUPS = ['Job', 'Event', 'Environment', 'Other', 'File', 'More'] as const;
export type CommandGroup = (typeof COMMAND_GROUPS)[number];

/** The environment variables that count. @see initctl(8), "ENVIRONMENT" */
export interface Environment {
  /** The D-Bus address of the Session Init. */
  readonly UPSTART_SESSION?: string | undefined;
  /** The job that the caller is a process of. */
  readonly UPSTART_JOB?: string | undefined;
  /** Its instance; empty for a job that has only one. */
  readonly UPSTART_INSTANCE?: string | undefined;
  /** Where the session files lie. */
  readonly XDG_RUNTIME_DIR?: string | undefined;
  /** The runlevel, and the one before, where a job or its script has them. */
  readonly RUNLEVEL?: string | undefined;
  readonly PREVLEVEL?: string | undefined;
  /** The width of help texts. */
  readonly COLUMNS?: string | undefined;
  /** Colours are not wanted, whatever it is set to. @see https://no-color.org */
  readonly NO_COLOR?: string | undefined;
  /** The kind of terminal; `dumb` has neither colours nor a cursor that moves. */
  readonly TERM?: string | undefined;
  /** The editor, the first that is set. */
  readonly VISUAL?: string | undefined;
  readonly EDITOR?: string | undefined;
  /** Where service files are looked for, beside the usual places. @see XDG Base Directory Specification */
  readonly XDG_DATA_HOME?: string | undefined;
  readonly XDG_DATA_DIRS?: string | undefined;
  /** The bus that started the program. @see dbus-daemon(1) */
  readonly DBUS_STARTER_ADDRESS?: string | undefined;
  /** Where the files of a session are, if no daemon can be asked. */
  readonly HOME?: string | undefined;
  readonly XDG_CONFIG_HOME?: string | undefined;
  readonly XDG_CONFIG_DIRS?: string | undefined;
  readonly XDG_CACHE_HOME?: string | undefined;
  readonly UPSTART_CONFDIR?: string | undefined;
  readonly UPSTART_LOGDIR?: string | undefined;
  readonly UPSTART_NO_SYSTEM_USERCONFDIR?: string | undefined;
  /** What characters the terminal shows, the first that is set. */
  readonly LC_ALL?: string | undefined;
  readonly LC_CTYPE?: string | undefined;
  readonly LANG?: string | undefined;
}

/** The standard descriptors: input, output, errors. */
export type StandardFd = 0 | 1 | 2;

/** What a command has to work with. */
export interface CommandContext {
  /** The name that the program was called by. */
  readonly program: string;
  readonly options: OptionValues;
  readonly occurrences: OptionOccurrences;
  /** What follows the command's name, options taken out. */
  readonly operands: readonly string[];
  readonly env: Environment;
  /** Who runs the program. */
  readonly uid: number;
  readonly output: Output;
  /** The width of the screen. */
  columns(): number;
  /** Is a person at this descriptor? */
  isTerminal(fd: StandardFd): boolean;
  /** Write as it is, without a newline: what is drawn on a terminal. */
  writeRaw(fd: 1 | 2, text: string): void;
  /** May what is written there be coloured? */
  hasColours(fd: 1 | 2): boolean;
  /** The daemon that would be talked to is a Session Init. */
  isUserSession(): boolean;
  /**
   * Connect to the init daemon that options and environment name, or to this one. The connection ends with the command.
   * @throws InitctlError `dest-without-bus`, `no-session-address`, `cannot-connect`
   */
  connect(init?: InitAddress): Promise<UpstartClient>;
  /** Files, clock and end of the machine. */
  machine(): Promise<Machine>;
}

/** Carries a command out. Whatever it throws is printed, and the exit status is 1. */
export type CommandHandler = (context: CommandContext) => Promise<void>;

/** What help, completions and man pages say of a command or a program. */
export interface Described {
  /** Its operands, as the usage line shows them. */
  readonly usage?: string;
  /** One sentence, for the list of commands and the top of its own help. */
  readonly summary: string;
  /** What the summary leaves open; paragraphs are separated by an empty line. */
  readonly details?: string;
  readonly options: readonly Option[];
}

/** One row of the command table. {@link GLOBAL_OPTIONS} come after its own options. */
export interface Command extends Described {
  /** What Upstart 1.13.2 has not: shown after all other options. */
  readonly additions?: readonly Option[];
  readonly group: CommandGroup;
  /** How many operands it takes at most. Absent: any number, or it passes over those that are too many, as the original's do. */
  readonly mostOperands?: number;
  /** Read the code that carries it out. */
  readonly load: () => Promise<CommandHandler>;
}

/** One row of the table of programs: its options are all that it takes. */
export interface Program extends Described {
  /** Read the code that carries it out. */
  readonly load: () => Promise<CommandHandler>;
}
