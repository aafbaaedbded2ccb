import type { ConfLocation } from '@maverick/conf';
import { type ConfirmModel, DBusError } from '@maverick/dbus';
import { SYSTEM } from '@maverick/engine';
import { setSubreaper } from '@maverick/spawner';
import type { JournalSink, Supervisor, SupervisorOptions } from '@maverick/supervisor';
import { attempt, messageOf } from './attempt.js';
import { cgroupPlace } from './cgroup-place.js';
import type { ConsoleQuestions } from './console-questions.js';
import { assemble, type DaemonParts, type PartsPlan } from './daemon-parts.js';
import type { DBusSurface } from './dbus-surface.js';
import { DeclaredSessions } from './declared-sessions.js';
import { type Environment, missingDirectories } from './directories.js';
import { giveBackMemoryAtRest } from './give-back-memory.js';
import { greeting } from './greeting.js';
import { type Handover, makeHandover } from './handover.js';
import { versionText } from './help.js';
import { type BridgeMakers, InnerBridges } from './inner-bridges.js';
import { journalPlaces, openFirstJournal } from './journal-place.js';
import { JournalTail } from './journal-tail.js';
import { standardLiveView } from './live-view.js';
import type { Log } from './log.js';
import { LogShares } from './log-shares.js';
import { MODES, type Mode } from './mode.js';
import type { Options } from './option-table.js';
import { ownAddress } from './own-address.js';
import { ownRun, runtimeDir } from './places.js';
import { removePredecessor } from './predecessor.js';
import { Program } from './program.js';
import { becomeSuccessor } from './reexec.js';
import { reportTo } from './report.js';
import { type SessionFile, writeSessionFile } from './session-file.js';
import { declarationDirs } from './session-rules.js';
import { confirmModel } from './session-view.js';
import { releaseAtShutdown } from './shutdown-release.js';
import { wantsStateFile, writeStateFile } from './state-file.js';
import { discardStates, statePlaces } from './state-place.js';
import { stateText } from './state-text.js';
import { succeed } from './succession.js';
import { supervisorSettings } from './supervisor-settings.js';
import { takeHandover } from './take-handover.js';
import { isTerminal } from './terminal.js';

/** Longer than anybody waits, and as long as Node's timers go. */
const IDLE_MS = 2 ** 31 - 1;

/** A start that nobody has answered for so long goes on. */
const CONFIRM_TIMEOUT_MS = 30_000;

/** How long what can't be handed over may take to end before a re-exec. */
const REST_MS = 3000;

const NOT_FOR_USERS = '--chroot-sessions, --chroot-session and --user-sessions have no effect in the daemon of a user';

/** The daemon: a supervisor, its private socket and its session file, from start to end. */
export class Daemon {
  readonly #mode: Mode;
  readonly #options: Options;
  readonly #env: NodeJS.ProcessEnv & Environment;
  readonly #log: Log;
  readonly #shares: LogShares;
  readonly #address: string;
  readonly #journalPlaces: readonly string[];
  readonly #plan: PartsPlan;
  readonly #inherited: readonly number[];
  readonly #declarationDirs: readonly string[];
  #parts: DaemonParts;
  /** Settles when a client has ended the session: {@link stop} is due. */
  readonly loggedOut: Promise<void>;
  #loggedOut: () => void = () => {};
  readonly #program: Program | undefined;
  /** Settles when the program that the daemon runs for is over: {@link stop} is due. Never without one. */
  readonly programEnded: Promise<void>;
  #alive: NodeJS.Timeout | undefined;
  #keepMemory: () => void = () => {};
  #sessionFile: SessionFile | undefined;
  /** The daemon is about to become another. */
  #reexecuting: Promise<void> | undefined;
  /** Why it has not become one, the last time. */
  #reexecFailure: DBusError | undefined;
  #isStopping = false;
  #declared: DeclaredSessions | undefined;
  readonly #bridges: InnerBridges;
  #questions: ConsoleQuestions | undefined;

  /**
   * @param bridges those that are to run inside
   * @throws NoHomeError where there is no place for the user's files; for an address that can't be used, what says so
   */
  constructor(
    mode: Mode,
    options: Options,
    env: NodeJS.ProcessEnv & Environment,
    log: Log,
    bridges: BridgeMakers = new Map(),
  ) {
    this.#mode = mode;
    this.#address = ownAddress(mode, options, env);
    this.#options = options;
    this.#env = env;
    this.#log = log;
    this.#shares = new LogShares({
      tell: (whose, count) => log.write('warn', `${whose}: ${count} lines left out`),
    });
    this.loggedOut = new Promise((resolve) => {
      this.#loggedOut = resolve;
    });
    // What the daemon was before; undefined for a daemon that begins.
    const handover = options.stateFd === undefined ? undefined : takeHandover(options.stateFd, log);
    if (handover !== undefined) log.priority = handover.priority;
    const { settings, inherited } = supervisorSettings(mode, options, env, this.#address, handover);
    this.#inherited = inherited;
    this.#declarationDirs = declarationDirs(mode, settings.confDirs);
    const places = statePlaces(mode, options, env, settings.confDirs);
    // Nothing of an earlier PID 1 can have outlived it: what is there is of another container on the same boot.
    if (process.pid === 1 && !options.restart) discardStates(places);
    this.#journalPlaces = journalPlaces(mode, options, env, settings.logDir);
    const cgroups = attempt(log, 'Unable to use control groups', () => cgroupPlace(options));
    const settingsOfAll = cgroups === undefined ? settings : { ...settings, cgroups };
    this.#plan = { log, places, settings: settingsOfAll, surface: this.#surfaceOptions(bridges) };
    this.#parts = this.#assemble(handover);
    this.#bridges = new InnerBridges(bridges, runtimeDir(mode, env), log, this.#parts.handover?.bridges);
    this.#program = options.program && new Program(options.program, handover?.programStatus);
    this.programEnded = this.#program?.ended ?? new Promise(() => {});
    if (mode === 'user' && (options.chrootSessions || options.userSessions || options.chrootRoots.length > 0)) {
      log.write('warn', NOT_FOR_USERS);
    }
    for (const path of missingDirectories(options)) log.write('warn', `${path}: No such configuration directory`);
    this.#showLife(settings.confDirs);
  }

  get #supervisor(): Supervisor {
    return this.#parts.supervisor;
  }

  get #surface(): DBusSurface {
    return this.#parts.surface;
  }

  /** Answer on the private socket, load the jobs, and begin, or go on. */
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
    this.#begin();
    if (subreaper === undefined) this.#supervisor.request({ kind: 'emit', name: 'child-subreaper-failed' }, () => {});
    this.#keepMemory = giveBackMemoryAtRest();
  }

  #begin(): void {
    if (!this.#surface.resume()) {
      attempt(this.#log, 'Unable to listen for private connections', () => this.#surface.listen());
      this.#succeed();
    }
    attempt(this.#log, 'Unable to look for the bus', () => this.#surface.seekBus());
    this.#program?.define(this.#supervisor);
    this.#supervisor.start({
      startupEvent: this.#options.restart ? undefined : this.#options.startupEvent,
      // What listens to what happens outside is there before anything happens inside.
      loaded: () => {
        attempt(this.#log, 'Unable to start the bridges', () => this.#bridges.attach(this.#supervisor));
        if (this.#options.confirms) attempt(this.#log, 'Unable to ask before starts', () => this.#confirmStarts());
      },
    });
    this.#declareSessions();
    this.#program?.start(this.#supervisor, (message) => this.#log.write('error', message));
    // The one before had been told to end.
    if (this.#supervisor.isEnding) this.#loggedOut();
  }

  /** Ask a person before each start. After a re-exec it is as it was before: somebody may have had enough of it. */
  #confirmStarts(): void {
    const scope = this.#supervisor.scope(SYSTEM);
    if (scope === undefined) return;
    const model = confirmModel(scope);
    if (this.#parts.handover === undefined) model.set(true, [], CONFIRM_TIMEOUT_MS, () => {});
    void this.#openQuestions(model);
  }

  /** Node's code for terminals is read only where somebody is asked. */
  async #openQuestions(model: ConfirmModel): Promise<void> {
    const { ConsoleQuestions: Questions, openConsole } = await import('./console-questions.js');
    const terminal = openConsole(this.#mode === 'system');
    if (terminal === undefined) {
      this.#log.write('warn', '--confirm: there is no console to ask on; initctl confirm answers');
      return;
    }
    this.#questions = new Questions(model, terminal);
    this.#supervisor.subscribe(this.#questions.listener);
    this.#questions.ask();
  }

  /** After the start of the system: its `startup` is not theirs. */
  #declareSessions(): void {
    const { chrootRoots: roots, startupEvent } = this.#options;
    this.#declared = new DeclaredSessions({
      supervisor: this.#supervisor,
      dirs: this.#declarationDirs,
      roots: this.#mode === 'user' ? [] : roots,
      kept: this.#parts.handover?.declared ?? [],
      ...(startupEvent === undefined ? {} : { startupEvent }),
      warn: (message) => this.#log.write('warn', message),
    });
    this.#declared.start();
  }

  /** The bus may be there now, or again. */
  seekBus(): void {
    this.#surface.seekBus();
  }

  /** Read the configuration again. */
  reload(): void {
    this.#supervisor.reloadConfiguration();
    this.#declared?.load(true);
  }

  /** Emit an event of the system's own. */
  emit(name: string, env: readonly string[] = []): void {
    this.#supervisor.request({ kind: 'emit', name, env }, () => {});
  }

  /** Send a signal to the program that the daemon runs for. */
  signalProgram(signal: number, group: boolean): void {
    this.#program?.signal(this.#supervisor, signal, group);
  }

  /**
   * Become a fresh process of the same program, under the same PID: jobs, clients and everything else go on. Where that fails
   * this daemon goes on, and says why.
   */
  restart(): void {
    if (this.#isStopping) return;
    this.#reexecuting ??= this.#reexec().finally(() => {
      this.#reexecuting = undefined;
    });
  }

  async #reexec(): Promise<void> {
    this.#log.write('info', 'Re-executing');
    await this.#supervisor.atRest(REST_MS);
    await this.#parts.journal.written();
    // From here on nothing else is done before the new program: not even news of the kernel is taken.
    if (this.#isStopping) return;
    this.#writeStateFile();
    this.#declared?.close();
    this.#questions?.close();
    this.#bridges.detach();
    const handover = this.#handOver();
    try {
      becomeSuccessor(handover, { ...this.#env });
    } catch (error) {
      const reason = `Unable to re-execute: ${messageOf(error)}`;
      this.#log.write('error', reason);
      this.#reexecFailure = new DBusError('org.freedesktop.DBus.Error.Failed', reason);
      this.#parts = this.#assemble(handover);
      this.#begin();
    }
  }

  /** For people to look at: nothing depends on it. */
  #writeStateFile(): void {
    const { logDir } = this.#plan.settings;
    if (logDir === undefined || !wantsStateFile(this.#options, this.#env)) return;
    const state = stateText(this.#supervisor);
    attempt(this.#log, 'Unable to write the state file', () => writeStateFile(logDir, state));
  }

  #handOver(): Handover {
    const { supervisor, surface, stateDir } = this.#parts;
    const { consoleIs } = this.#plan.settings;
    const programStatus = this.#program?.status;
    return makeHandover({
      writer: versionText().trim().split('\n').at(-1) ?? '',
      surface: surface.handOver(),
      supervisor: supervisor.handOver(),
      priority: this.#log.priority,
      inherited: this.#inherited,
      declared: this.#declared?.kept ?? [],
      bridges: this.#bridges.descriptors(),
      ...(stateDir === undefined ? {} : { stateDir }),
      ...(consoleIs === undefined ? {} : { consoleIs }),
      ...(programStatus === undefined ? {} : { programStatus }),
    });
  }

  #assemble(handover: Handover | undefined): DaemonParts {
    const { live } = this.#options;
    const journal = new JournalTail(this.#openJournal());
    const settings: SupervisorOptions = { ...this.#plan.settings, onEvent: reportTo(this.#log, this.#shares), journal };
    const parts = assemble({ ...this.#plan, settings }, journal, handover);
    if (live) parts.supervisor.subscribe(standardLiveView(this.#env).listener);
    if (this.#mode === 'system') {
      const journals = { usual: this.#journalPlaces[0], atShutdown: ownRun('journal') };
      parts.supervisor.subscribe(releaseAtShutdown(parts.supervisor, journals));
    }
    return parts;
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
    this.#isStopping = true;
    this.#bridges.close();
    this.#keepMemory();
    const seconds = this.#options.stopTimeoutSeconds ?? MODES[this.#mode].stopTimeoutSeconds;
    const withinMs = seconds === undefined ? undefined : seconds * 1000;
    const begun = performance.now();
    // What is there for it goes down after it.
    await this.#program?.stop(this.#supervisor, withinMs);
    const left = withinMs === undefined ? {} : { withinMs: Math.max(0, withinMs - (performance.now() - begun)) };
    this.#declared?.close();
    this.#questions?.close();
    await this.#supervisor.shutdown(type, left);
    this.#surface.close();
    attempt(this.#log, 'Unable to remove the session file', () => this.#sessionFile?.remove());
    if (this.#parts.stateDir !== undefined) removePredecessor(this.#parts.stateDir);
    await this.#supervisor.close();
    clearInterval(this.#alive);
  }

  /** Only where state is kept is there anything to be found by. */
  #succeed(): void {
    const { stateDir } = this.#parts;
    if (stateDir === undefined) return;
    succeed({
      stateDir,
      isContinued: this.#supervisor.isContinued,
      address: this.#address,
      sessionFile: this.#sessionFile?.path,
      listen: (address) => this.#surface.listen(address),
      log: this.#log,
    });
  }

  #openJournal(): JournalSink | undefined {
    return attempt(this.#log, 'Unable to open the journal', () => openFirstJournal(this.#journalPlaces));
  }

  #surfaceOptions(bridges: BridgeMakers): PartsPlan['surface'] {
    const { joinsBus, activatesNames } = this.#options;
    const [journalDir] = this.#journalPlaces;
    return {
      ...(journalDir === undefined ? {} : { journalDir }),
      shares: this.#shares,
      address: this.#address,
      bus: MODES[this.#mode].bus(this.#env),
      joinsBus,
      activates: activatesNames,
      bridgeEvents: [...bridges.values()].flatMap(({ emits }) => emits),
      endSession: () => this.#loggedOut(),
      reload: () => this.reload(),
      reexec: () => this.restart(),
      reexeced: () => this.#reexecFailure ?? { ok: true },
    };
  }

  #showLife(confDirs: readonly ConfLocation[]): void {
    const { live, restart, program } = this.#options;
    const isForPeople = MODES[this.#mode].greets && program === undefined && !restart;
    if (isForPeople && (live || isTerminal(1))) {
      process.stdout.write(greeting(process.pid, confDirs, this.#address));
    }
  }
}
