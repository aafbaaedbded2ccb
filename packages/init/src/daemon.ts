import { rmSync } from 'node:fs';
import type { ConfLocation } from '@maverick/conf';
import { Spawner, setSubreaper } from '@maverick/spawner';
import type { JournalSink, Supervisor, SupervisorOptions } from '@maverick/supervisor';
import { ownChildren } from './children.js';
import { DBusSurface } from './dbus-surface.js';
import { type Environment, findDirectories, missingDirectories } from './directories.js';
import { greeting } from './greeting.js';
import { journalPlaces, openFirstJournal } from './journal-place.js';
import { JournalTail } from './journal-tail.js';
import { LiveView } from './live-view.js';
import type { Log } from './log.js';
import { MODES, type Mode } from './mode.js';
import { openSupervisor } from './open-supervisor.js';
import type { Options } from './option-table.js';
import { prepareOwnConsole } from './own-console.js';
import { type Predecessor, readPredecessor, removePredecessor, writePredecessor } from './predecessor.js';
import { Program } from './program.js';
import { reportTo } from './report.js';
import { type SessionFile, writeSessionFile } from './session-file.js';
import { discardStates, statePlaces } from './state-place.js';

/** Longer than anybody waits, and as long as Node's timers go. */
const IDLE_MS = 2 ** 31 - 1;

const UID = process.getuid?.() ?? 0;

const NO_CHROOT_SESSIONS = '--chroot-sessions has no effect: sessions of root directories are not there yet';

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Do what the daemon can go on without; what is missing then is said once. */
const attempt = <T>(log: Log, failure: string, act: () => T): T | undefined => {
  try {
    return act();
  } catch (error) {
    log.write('warn', `${failure}: ${messageOf(error)}`);
    return undefined;
  }
};

const supervisorOptions = (mode: Mode, options: Options, env: Environment, address: string) => {
  const { semantics } = options;
  const { console: usualConsole, consoleIs } = MODES[mode];
  const defaultConsole = options.defaultConsole ?? (options.logDir === undefined ? usualConsole : undefined);
  const inherited = new Set(ownChildren());
  return {
    ...findDirectories(mode, options, env),
    sessionMode: MODES[mode].inherits,
    ...(options.inheritsEnv ? {} : { inheritEnv: false }),
    ...(MODES[mode].tellsAddress(UID) ? { sessionAddress: address } : {}),
    ...(semantics === undefined ? {} : { semantics }),
    ...(defaultConsole === undefined ? {} : { defaultConsole }),
    consoleIs: consoleIs === 'own' ? prepareOwnConsole() : consoleIs,
    // The orphans that we adopt as the subreaper are ours to reap.
    spawner: (listener) => new Spawner({ ...listener, reapStrangers: true }),
    // What jobs have left behind comes to us as the subreaper. What was there before us is not ours to end.
    strays: () => ownChildren().filter((pid) => !inherited.has(pid)),
  } satisfies SupervisorOptions;
};

/** The daemon: a supervisor, its private socket and its session file, from start to end. */
export class Daemon {
  readonly #mode: Mode;
  readonly #options: Options;
  readonly #env: Environment;
  readonly #log: Log;
  readonly #address: string;
  readonly #supervisor: Supervisor;
  readonly #journal: JournalTail;
  /** Settles when a client has ended the session: {@link stop} is due. */
  readonly loggedOut: Promise<void>;
  #loggedOut: () => void = () => {};
  readonly #program: Program | undefined;
  /** Settles when the program that the daemon runs for is over: {@link stop} is due. Never without one. */
  readonly programEnded: Promise<void>;
  #alive: NodeJS.Timeout | undefined;
  #sessionFile: SessionFile | undefined;
  readonly #surface: DBusSurface;
  readonly #stateDir: string | undefined;
  /** Of the daemon that has crashed before this one, whose jobs these are. */
  readonly #before: Predecessor | undefined;

  /** @throws NoHomeError where there is no place for the user's files */
  constructor(mode: Mode, options: Options, env: Environment, log: Log) {
    this.#mode = mode;
    this.#address = MODES[mode].address(UID, process.pid);
    this.#options = options;
    this.#env = env;
    this.#log = log;
    this.loggedOut = new Promise((resolve) => {
      this.#loggedOut = resolve;
    });
    const settings = supervisorOptions(mode, options, env, this.#address);
    this.#journal = new JournalTail(this.#openJournal(settings.logDir));
    const places = statePlaces(mode, options, env, settings.confDirs);
    // Nothing of an earlier PID 1 can have outlived it: what is there is of another container on the same boot.
    if (process.pid === 1) discardStates(places);
    const opened = openSupervisor(places, { ...settings, onEvent: reportTo(log), journal: this.#journal }, (message) =>
      log.write('warn', message),
    );
    this.#supervisor = opened.supervisor;
    this.#stateDir = opened.stateDir;
    this.#before =
      opened.stateDir !== undefined && this.#supervisor.isContinued ? readPredecessor(opened.stateDir) : undefined;
    this.#program = options.program && new Program(options.program);
    this.programEnded = this.#program?.ended.then(() => {}) ?? new Promise(() => {});
    this.#surface = this.#createSurface();
    if (options.chrootSessions && env.UPSTART_NO_SESSIONS === undefined) log.write('warn', NO_CHROOT_SESSIONS);
    for (const path of missingDirectories(options)) log.write('warn', `${path}: No such configuration directory`);
    this.#showLife(settings.confDirs);
  }

  /** Answer on the private socket, load the jobs, and begin. */
  start(): void {
    this.#alive = setInterval(() => {}, IDLE_MS);
    const subreaper = attempt(this.#log, 'Unable to register as subreaper', () => {
      setSubreaper(true);
      return true;
    });
    if (this.#mode === 'user') {
      this.#sessionFile = attempt(this.#log, 'Unable to write the session file', () =>
        writeSessionFile(this.#env, process.pid, this.#address),
      );
    }
    attempt(this.#log, 'Unable to listen for private connections', () => this.#surface.listen());
    this.#succeed();
    attempt(this.#log, 'Unable to look for the bus', () => this.#surface.seekBus());
    this.#program?.define(this.#supervisor);
    this.#supervisor.start({ startupEvent: this.#options.startupEvent });
    this.#program?.start(this.#supervisor, (message) => this.#log.write('error', message));
    // The one before had been told to end.
    if (this.#supervisor.isEnding) this.#loggedOut();
    if (subreaper === undefined) this.#supervisor.request({ kind: 'emit', name: 'child-subreaper-failed' }, () => {});
  }

  /** The bus may be there now, or again. */
  seekBus(): void {
    this.#surface.seekBus();
  }

  /** Read the configuration again. */
  reload(): void {
    this.#supervisor.reloadConfiguration();
  }

  /** Emit an event of the system's own. */
  emit(name: string, env: readonly string[] = []): void {
    this.#supervisor.request({ kind: 'emit', name, env }, () => {});
  }

  /** Send a signal to the program that the daemon runs for. */
  signalProgram(signal: number, group: boolean): void {
    this.#program?.signal(this.#supervisor, signal, group);
  }

  /** Become a fresh process of the same program. */
  restart(): void {
    this.#log.write('warn', 'Unable to re-execute: this version of the daemon can not take its jobs along');
  }

  /** That of the program that the daemon runs for, as far as it has one. */
  get exitStatus(): number {
    return this.#program?.status ?? 0;
  }

  /**
   * Stop every job, then everything else. Asking again changes nothing.
   * @param type as `session-end` tells it
   */
  async stop(type: 'shutdown' | 'logout' = 'shutdown'): Promise<void> {
    const seconds = this.#options.stopTimeoutSeconds ?? MODES[this.#mode].stopTimeoutSeconds;
    await this.#supervisor.shutdown(type, seconds === undefined ? {} : { withinMs: seconds * 1000 });
    this.#surface.close();
    attempt(this.#log, 'Unable to remove the session file', () => this.#sessionFile?.remove());
    if (this.#stateDir !== undefined) removePredecessor(this.#stateDir);
    await this.#supervisor.close();
    clearInterval(this.#alive);
  }

  /** Be found where the crashed daemon was, by its jobs, and tell where we are to be found. */
  #succeed(): void {
    const stateDir = this.#stateDir;
    if (stateDir === undefined) return;
    const { addresses = [], sessionFile: left } = this.#before ?? {};
    const others = addresses.filter((address) => address !== this.#address);
    if (left !== undefined && left !== this.#sessionFile?.path) {
      attempt(this.#log, `${left}: Unable to remove the session file`, () => rmSync(left, { force: true }));
    }
    for (const address of others) {
      attempt(this.#log, `Unable to listen for private connections at ${address}`, () => this.#surface.listen(address));
    }
    const sessionFile = this.#sessionFile?.path;
    attempt(this.#log, 'Unable to keep where clients find this daemon', () =>
      writePredecessor(stateDir, {
        addresses: [...others, this.#address],
        ...(sessionFile === undefined ? {} : { sessionFile }),
      }),
    );
  }

  #openJournal(logDir: string | undefined): JournalSink | undefined {
    const places = journalPlaces(this.#mode, this.#options, this.#env, logDir);
    return attempt(this.#log, 'Unable to open the journal', () => openFirstJournal(places));
  }

  #createSurface(): DBusSurface {
    const { joinsBus, activatesNames } = this.#options;
    return new DBusSurface({
      supervisor: this.#supervisor,
      log: this.#log,
      journal: this.#journal,
      address: this.#address,
      bus: MODES[this.#mode].bus(this.#env),
      joinsBus,
      activates: activatesNames,
      endSession: () => this.#loggedOut(),
    });
  }

  #showLife(confDirs: readonly ConfLocation[]): void {
    const { stdout } = process;
    const { live } = this.#options;
    if (live || stdout.isTTY) stdout.write(greeting(process.pid, confDirs, this.#address));
    if (!live) return;
    const colour = stdout.isTTY === true && !this.#env.NO_COLOR;
    this.#supervisor.subscribe(new LiveView({ write: (text) => stdout.write(text), colour }).listener);
  }
}
