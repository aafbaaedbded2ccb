import type { ConfLocation, Console } from '@maverick/conf';
import type { Semantics } from '@maverick/engine';
import type { CgroupOptions } from './cgroups.js';
import type { Clock } from './clock.js';
import type { ReadConfiguration } from './configuration.js';
import type { SupervisorListener } from './event.js';
import type { HandedOver } from './handed-over.js';
import type { JournalSink } from './journal.js';
import type { OpenProcessPort } from './ports.js';
import type { ProcessTree } from './process-tree.js';
import type { UserLimits } from './user-session.js';
import type { OpenFileWatch } from './watch-table.js';

/** Which sessions there may be beside the system's. */
export interface SessionOptions {
  /** Root in another root directory has a session there, made at the first contact. Default false. */
  readonly chroots?: boolean;
  /** So many of them at a time. One in which nothing runs makes room for the next. Default 64. */
  readonly contacts?: number;
  /** A user has a session, made at the first contact. Default: none has. */
  readonly users?: UserSessionOptions;
}

/** How sessions of users are to work. */
export interface UserSessionOptions {
  /** The PAM service that opens a session for each of their processes. Default: none is opened. */
  readonly pamService?: string;
  /** The D-Bus address at which their jobs find the daemon, in `UPSTART_SESSION`. Default: they are told none. */
  readonly address?: string;
  /** What is absent is as large as usual. */
  readonly limits?: Partial<UserLimits>;
}

/** How a supervisor is to work. Only the directories have no default. */
export interface SupervisorOptions {
  /** Configuration directories, highest priority first. One that does not exist is passed over. */
  readonly confDirs: readonly (string | ConfLocation)[];
  /** Where the output of `console log` jobs goes. Default: nowhere, as with `--no-log`. */
  readonly logDir?: string;
  /** Whose rules the engine follows. Default `maverick`. */
  readonly semantics?: Semantics;
  /**
   * True (the default): jobs inherit the working directory, the file creation mask and the environment of this process,
   * as under a session's init. False: `/`, 022, `PATH` and `TERM`, as under the system's.
   */
  readonly sessionMode?: boolean;
  /**
   * False: jobs inherit neither the environment nor the file creation mask of this process, also in session mode
   * (`--no-inherit-env`). Default: as `sessionMode`.
   */
  readonly inheritEnv?: boolean;
  /** The D-Bus address of the daemon around this supervisor: every job finds it in `UPSTART_SESSION`. */
  readonly sessionAddress?: string;
  /** The job environment table, `KEY=VALUE`. Default: `jobEnvironment(process.env, inheritEnv)`. */
  readonly env?: readonly string[];
  /** What a bare `env KEY` takes its value from. Default: all of `process.env`. */
  readonly initEnv?: readonly string[];
  /**
   * A directory that keeps what is needed to go on after a crash: another supervisor with the same one finds the jobs of this
   * one alive, and supervises them. On a file system that forgets at boot, such as `/run`. Default: nothing is kept.
   */
  readonly stateDir?: string;
  /**
   * What another supervisor has handed over in this process, before an `exec` or without one: this one goes on where that was.
   * It counts for more than what is in `stateDir`. Default: nothing.
   */
  readonly handedOver?: HandedOver;
  /** The PAM service that opens a session for the processes of jobs with `setuid`. Default: none is opened. */
  readonly pamService?: string;
  /** Where each instance gets a cgroup of its own. Default: nowhere, and `cgroup` stanzas have no effect. */
  readonly cgroups?: CgroupOptions;
  /** Which sessions callers get by calling. Default: none, and only those are there that were opened by name. */
  readonly sessions?: SessionOptions;
  /** The console of jobs without the stanza. Default `log`. */
  readonly defaultConsole?: Console;
  /**
   * What `console output` and `console owner` mean: `device`, the default, is `/dev/console`; `own` are the standard
   * descriptors of this process, whose input is the owner's; `own-terminal` the same where that is a terminal, which becomes
   * the owner's controlling one.
   */
  readonly consoleIs?: 'device' | 'own' | 'own-terminal';
  /** Default: {@link systemClock}. */
  readonly clock?: Clock;
  /** Default: {@link openSpawner}. */
  readonly spawner?: OpenProcessPort;
  /** Default: the file system, by the rules of `@maverick/conf/files`. What another one reads is not watched. */
  readonly readConfiguration?: ReadConfiguration;
  /** How files are watched, so that their changes are taken in at once; false: not at all. Default: inotify(7). */
  readonly watch?: OpenFileWatch | false;
  /** Default: `/proc`. */
  readonly processTree?: ProcessTree;
  /** PIDs of processes that must not outlive this supervisor though no job supervises them. Default: none. */
  readonly strays?: () => readonly number[];
  /** Where journal lines go. Default: nowhere. It is closed with the supervisor. */
  readonly journal?: JournalSink;
  /** A first listener, who misses nothing. @see Supervisor.subscribe */
  readonly onEvent?: SupervisorListener;
}
