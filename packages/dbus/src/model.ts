import type {
  Caller,
  Explanation,
  InstanceRef,
  InstanceView,
  JobView,
  JournalFilter,
  LogPriority,
  Notification,
  Reply,
  SessionId,
} from '@maverick/engine';
import type { DBusError } from './dbus-error.js';

/** Who sent a message, from the kernel's word (private socket) or the bus daemon's. */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  /** The root directory of the process; absent where it can't be seen. */
  readonly root?: string | undefined;
}

/** Hears by which number the answer is known, where it does not come at once: a later daemon in this process is asked for it by that. */
export type Waits = (token: number) => void;

/** A command on a job, as D-Bus gives it. */
export interface JobCommand {
  readonly kind: 'start' | 'stop' | 'restart';
  readonly job: string;
  /** The instance by name (`Instance.Start` …); absent: the `instance` stanza expanded with `env` names it. */
  readonly instance?: string;
  readonly env?: readonly string[];
  readonly wait: boolean;
  readonly caller?: Caller;
}

/** Which environment table is meant: the global one (absent), or that of an instance that exists. */
export type EnvironmentTarget = { readonly job: string; readonly instance: string } | undefined;

/** The job environment tables. */
export interface EnvironmentModel {
  /** The whole table, `KEY=VALUE`. */
  list(target: EnvironmentTarget): readonly string[];
  /** Set `KEY=VALUE` variables; `replace` false keeps what is already set. */
  set(variables: readonly string[], replace: boolean, target: EnvironmentTarget, answer: (reply: Reply) => void): void;
  /** Forget variables; one that is not set is no error. */
  unset(names: readonly string[], target: EnvironmentTarget, answer: (reply: Reply) => void): void;
  /** Back to the defaults. */
  reset(target: EnvironmentTarget, answer: (reply: Reply) => void): void;
}

/** What to explain: a job, one of its instances, an event that has not finished, or any, spelt as conditions spell it. */
export type Subject =
  | { readonly job: string; readonly instance?: string }
  | { readonly event: number }
  | { readonly condition: readonly string[] };

/** The journal, as JSON lines. */
export interface JournalModel {
  /** The newest lines that fit, the oldest first. */
  tail(filter: JournalFilter, count: number): readonly string[];
  /** Hear every line from now on that fits. Returns what ends it. */
  follow(filter: JournalFilter, listener: (line: string) => void): () => void;
  /**
   * Where its files are.
   * @param answer called when all that has been told is in them, with the directory; undefined: it is kept in none
   */
  place?(answer: (dir: string | undefined) => void): void;
}

/** A set of jobs with a root directory, a user, or neither. */
export interface SessionView {
  readonly id: string;
  readonly kind: 'system' | 'chroot' | 'user';
  readonly root?: string;
  readonly uid?: number;
  readonly jobs: number;
  /** It was told to close, and some of its jobs are not down yet. */
  readonly closing?: boolean;
}

/** The session of a caller, or why it has none: then nothing is answered but that. */
export type Contact =
  | { readonly ok: true; readonly session: SessionId }
  | { readonly ok: false; readonly error: DBusError };

/** Whose session is meant. */
export type SessionWish = { readonly root: string } | { readonly uid: number } | { readonly user: string };

/** What the processes of an instance use together. */
export interface InstanceUsage {
  /** Where the numbers come from: its control group, or the processes that descend from the job's, one by one. */
  readonly source: 'cgroup' | 'proc';
  readonly pids: readonly number[];
  /** Resident memory (`proc`), or all that is charged to the group. */
  readonly memoryBytes: bigint;
  readonly cpuMicroseconds: bigint;
}

/** The files that define a job. */
export interface JobFiles {
  readonly file: string;
  readonly override?: string;
}

/** What clients are told of beside the engine's notifications. */
export type ModelChange =
  /** The processes of an instance are others than before. */
  | { readonly kind: 'processes-changed'; readonly instance: InstanceRef }
  /** Some have stopped before their programs, or gone on. */
  | { readonly kind: 'pause-changed'; readonly instance: InstanceRef }
  /** A job that was there already is defined anew. */
  | { readonly kind: 'definition-changed'; readonly session: SessionId; readonly job: string }
  /** Its file is broken now, or no longer. */
  | { readonly kind: 'staleness-changed'; readonly session: SessionId; readonly job: string };

/** What a start that waits to be confirmed can be answered: `always` counts for its job; `quit`: no more is asked. */
export type StartAnswer = 'yes' | 'no' | 'always' | 'quit';

/** A start that waits to be confirmed. */
export interface HeldStart {
  readonly job: string;
  readonly instance: string;
  /** Why it is to start, for people. */
  readonly reason: readonly string[];
  /** Until it is taken as confirmed; absent: for ever. */
  readonly remainingMs?: number;
}

/** Whose starts wait for a word. */
export interface ConfirmState {
  /** Empty: of all jobs. */
  readonly jobs: readonly string[];
  /** Jobs of which no more is asked. */
  readonly always: readonly string[];
  /** How long each waits at most; 0: for ever. */
  readonly timeoutMs: number;
}

/** Starts that wait for a word. */
export interface ConfirmModel {
  /** Undefined: no start does. */
  state(): ConfirmState | undefined;
  /** @param jobs empty: all. @param timeoutMs 0: for ever */
  set(on: boolean, jobs: readonly string[], timeoutMs: number, answer: (reply: Reply) => void): void;
  answer(job: string, instance: string, said: StartAnswer, answer: (reply: Reply) => void): void;
  held(): readonly HeldStart[];
}

/**
 * What only some daemons can do. A member that is absent makes its D-Bus method answer
 * `org.freedesktop.DBus.Error.NotSupported`.
 */
export interface OptionalModel {
  /** The init of the machine: its environment and its bus are not for clients to choose. Default false. */
  readonly isSystemInit?: boolean;
  readonly environment?: EnvironmentModel;
  /** The state as JSON text, as a re-exec would save it. */
  state?(): string;
  /** Re-execute the daemon, keeping its state. Who goes on answers. */
  reexec?(answer: (outcome: Reply | DBusError) => void, waits?: Waits): void;
  /** Answer what an earlier daemon in this process was asked for: it knew the answer by this number. */
  awaitAnswer?(token: number, answer: (outcome: Reply | DBusError) => void): void;
  /** Logs that were held because the disk was read-only can be written now. */
  notifyDiskWriteable?(answer: (reply: Reply) => void): void;
  /** A bus has come up at this address: join it. An error is what kept the daemon from it. */
  notifyDBusAddress?(address: string, answer: (failure?: DBusError) => void): void;
  /** The bus was told what programs that it starts are to have in their environment; jobs are to have it, too. */
  takeActivationEnvironment?(variables: readonly string[]): void;
  notifyCGroupManagerAddress?(address: string, answer: (reply: Reply) => void): void;
  /** Stop everything and exit: a user logs out. */
  endSession?(answer: (reply: Reply) => void): void;
  /** @returns undefined for what is not known */
  explain?(subject: Subject): Explanation | undefined;
  /**
   * Play what would happen to the jobs as they are defined now.
   * @param request JSON data from a client, not checked yet
   * @returns JSON-safe data
   * @throws Error for a request that is none
   */
  simulate?(request: unknown): unknown;
  readonly confirm?: ConfirmModel;
  /** Events that bridges inside the daemon emit in this session, or patterns of their names. Absent: there are none. */
  bridgeEvents?(): readonly string[];
  readonly journal?: JournalModel;
  /** One each, in the same order. */
  usage?(instances: readonly InstanceView[]): readonly InstanceUsage[];
  /** Whether it matters which root directory a caller has. Absent: it does not. A session that is opened may change it, once. */
  looksAtRoots?(): boolean;
  /** Whose session a caller is in; it may be opened by this. Absent: everybody is in the system's. */
  contact?(caller: PeerCredentials): Contact;
  /**
   * The same daemon as it is seen in another session: its jobs, its environment, its configuration. Undefined for one that is
   * not open. Absent: there is only the system's.
   * @param inside whoever asks is in that session, and has its root directory: paths begin there
   */
  inSession?(session: SessionId, inside: boolean): UpstartModel | undefined;
  /** Jobs of the system that lists show in this session, too. */
  jobsBeside?(): readonly JobView[];
  sessions?(): readonly SessionView[];
  /** @param startupEvent emitted in a session that this has opened */
  openSession?(wish: SessionWish, startupEvent: string | undefined): Contact;
  closeSession?(session: SessionId, answer: (failure?: DBusError) => void): void;
  /**
   * Hold no file open, so that file systems can be unmounted or mounted read-only. The journal goes on in the directory, or
   * stops. The answer is what still hinders it, a sentence each.
   */
  releaseFiles?(journalDir: string | undefined, answer: (result: DBusError | readonly string[]) => void): void;
  /** Hold them again, the journal where it was. An error is what could not be opened. */
  resumeFiles?(answer: (failure?: DBusError) => void): void;
  /** The broken file because of which a job keeps an older definition. */
  staleBecauseOf?(job: string): string | undefined;
  /** The processes of an instance that have stopped before their programs, for `debug`: role and PID. */
  paused?(job: string, instance: string): readonly (readonly [role: string, pid: number])[];
  /** The files that define a job, as far as they are in force; undefined for one that no file defines. */
  filesOf?(job: string): JobFiles | undefined;
  /** Where the output of an instance goes, whether it runs or not; undefined where that is no log file. */
  logFile?(job: string, instance: string): string | undefined;
}

/**
 * What the D-Bus surface needs of a daemon. Everything is synchronous and answers come by call-back, so that replies and
 * signals leave in the order in which things happened.
 */
export interface UpstartModel extends OptionalModel {
  /** The `version` property: `init (upstart 1.13.2)`. */
  readonly version: string;
  readonly logPriority: LogPriority;
  setLogPriority(priority: LogPriority): void;
  /** The registered job classes that the caller may see, in the order of definition. */
  jobs(): readonly JobView[];
  job(name: string): JobView | undefined;
  instance(job: string, instance: string): InstanceView | undefined;
  /** What a start of the job with this environment would call its instance. An error shows the job's usage, if it has one. */
  instanceName(job: string, env: readonly string[]): { ok: true; name: string } | Extract<Reply, { ok: false }>;
  command(command: JobCommand, answer: (reply: Reply) => void, waits?: Waits): void;
  /** Send the job's `reload signal` to the main process of an instance. */
  reload(job: string, instance: string, answer: (reply: Reply) => void): void;
  emit(
    event: {
      readonly name: string;
      readonly env: readonly string[];
      readonly wait: boolean;
      /** Open descriptors that are the model's from now on, also where it answers with an error. */
      readonly fds?: readonly number[];
      readonly caller?: Caller;
    },
    answer: (reply: Reply) => void,
    waits?: Waits,
  ): void;
  /**
   * Read every configuration directory again.
   * @throws DBusError where it is asked for too often
   */
  reloadConfiguration(): void;
  /** The job process a PID belongs to or descends from. */
  callerOf(pid: number): Caller | undefined;
  /** Hear every notification of the engine, and what else has changed, in order. Returns what ends it. */
  subscribe(listener: (notification: Notification | ModelChange) => void): () => void;
}
