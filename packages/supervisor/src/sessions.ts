import { type SessionId, SYSTEM } from '@maverick/engine';
import { findKnownUser } from '@maverick/spawner';
import { chrootSession, makeLogDirectory } from './chroot-session.js';
import { systemClock } from './clock.js';
import { ConfiguredJobs } from './configured-jobs.js';
import { openFileWatch } from './live-configuration.js';
import type { SupervisorOptions } from './options.js';
import type { ProcessDefaults } from './process-spec.js';
import type { Runtime } from './runtime.js';
import { SessionAllowances } from './session-allowances.js';
import { decideContact, type SessionCaller } from './session-contact.js';
import { type SessionKind, type SessionSpec, sessionIdOf, specOfSession } from './session-id.js';
import type { PlannedSession, SessionErrorCode, SessionPlan } from './session-plan.js';
import { SessionScope } from './session-scope.js';
import { SetupFailure } from './setup-failure.js';
import { SharedWatch } from './shared-watch.js';
import { unreachable } from './unreachable.js';
import { userSession } from './user-session.js';
import { userTableVersion } from './user-table-version.js';
import type { OpenFileWatch } from './watch-table.js';

/** A session as it is now. */
export interface SessionInfo {
  readonly id: SessionId;
  readonly kind: SessionKind;
  /** Of a chroot's. */
  readonly root?: string;
  /** Of a user's. */
  readonly uid?: number;
  /** So many job classes. */
  readonly jobs: number;
  /** It was told to close, and some of its jobs are not down yet. */
  readonly closing: boolean;
}

/** What became of a wish for a session. */
export type SessionResult =
  | { readonly ok: true; readonly session: SessionId }
  | { readonly ok: false; readonly code: SessionErrorCode; readonly message: string };

/** Called once, when nothing is left of a session, or at once where there is none. */
export type SessionClosedCallback = (result: SessionClosed) => void;
type SessionClosed = { readonly ok: true } | Extract<SessionResult, { ok: false }>;

/** One that is open. */
interface OpenSession {
  readonly jobs: ConfiguredJobs;
  readonly scope: SessionScope;
}

/** The system's, which is always there. */
interface SystemSession extends OpenSession {
  readonly defaults: ProcessDefaults;
}

const SYSTEM_SESSION = { ok: true, session: SYSTEM } as const;

/** What the jobs of a user start with. @see startup(7) */
const USER_STARTUP = 'startup';

const MOST_CONTACTS = 64;

const failed = (code: SessionErrorCode, message: string) => ({ ok: false, code, message }) as const;

const unknownSession = (id: SessionId) => failed('UnknownSession', `Unknown session: ${id}`);

/** The sessions other than the system's: what they are made of, from their opening to their end. */
export class Sessions {
  readonly #options: SupervisorOptions;
  readonly #runtime: Runtime;
  readonly #system: SystemSession;
  /** What is known of each session, also of one that is about to close. */
  readonly #plans = new Map<SessionId, SessionPlan>();
  readonly #open = new Map<SessionId, OpenSession>();
  readonly #watch: OpenFileWatch | false;
  readonly #closing = new Map<SessionId, SessionClosedCallback[]>();
  readonly #allowances: SessionAllowances;
  /** Those of chroots that came to be by calls. */
  readonly #byContact = new Set<SessionId>();
  /** There is the session of a chroot, or was one: who is in there may be so still. */
  #hadChroots: boolean;
  /** The user table as it was when users' sessions were last compared with it. */
  #users = '';

  constructor(options: SupervisorOptions, runtime: Runtime, system: SystemSession) {
    this.#options = options;
    this.#hadChroots = options.handedOver?.looksAtRoots === true;
    this.#runtime = runtime;
    this.#system = system;
    const { watch = openFileWatch, clock = systemClock } = options;
    this.#allowances = new SessionAllowances(clock);
    this.#watch = watch && new SharedWatch(watch).open;
    runtime.listeners.add((event) => {
      if (event.kind === 'session-closed') this.#closed(event.session);
    });
  }

  /**
   * What is added to what the job files of a session say.
   * @throws SetupFailure where the session is of something that is not there: nothing is started outside of it instead
   */
  defaultsOf(session: SessionId): ProcessDefaults {
    if (session === SYSTEM) return this.#system.defaults;
    const known = this.#plans.get(session);
    if (known !== undefined) return known.defaults;
    const planned = this.#planOf(session);
    if (!planned.ok) throw new SetupFailure('chroot', planned.message);
    this.#plans.set(session, planned.plan);
    return planned.plan.defaults;
  }

  scope(session: SessionId): SessionScope | undefined {
    return (session === SYSTEM ? this.#system : this.#open.get(session))?.scope;
  }

  /** The files of a session that is open. */
  jobsOf(session: SessionId): ConfiguredJobs | undefined {
    return (session === SYSTEM ? this.#system : this.#open.get(session))?.jobs;
  }

  list(): SessionInfo[] {
    return this.#runtime.engine.sessions().map(({ session, closing }) => this.#infoOf(session, closing));
  }

  open(spec: SessionSpec, startupEvent?: string): SessionResult {
    const planned = this.#plan(spec);
    if (!planned.ok) return planned;
    const { plan } = planned;
    if (this.#open.has(plan.id)) return { ok: true, session: plan.id };
    const { id, env, limits } = plan;
    // Two would be one under the other, and who has closed the first would hear of its end from neither.
    if (this.#isClosing(id)) return failed('NoSession', `Session ${id} is closing: try again when its jobs are down`);
    this.#runtime.send({ kind: 'open-session', session: id, env, ...(limits === undefined ? {} : { limits }) });
    this.#begin(plan).load();
    if (startupEvent !== undefined) {
      this.#runtime.send({ kind: 'emit', session: plan.id, name: startupEvent, env: [] });
    }
    return { ok: true, session: plan.id };
  }

  /** There is the session of a chroot, or there was or can be one: then it matters where a caller comes from. */
  get looksAtRoots(): boolean {
    return this.#hadChroots || this.#options.sessions?.chroots === true;
  }

  /** Whose session a caller is in; opened, if need be. The root directory is looked at only where it makes a difference. */
  contact(caller: SessionCaller): SessionResult {
    const { uid } = caller;
    const { chroots = false, users } = this.#options.sessions ?? {};
    const decision = decideContact(caller, {
      isTrusted: uid === 0 || uid === process.geteuid?.(),
      looksAtRoots: this.looksAtRoots,
      opensChroots: chroots,
      hasUsers: users !== undefined,
      isOpen: (root) => this.#open.has(root),
      isClosing: (root) => this.#isClosing(root),
      openRoots: () => this.#open.keys(),
    });
    switch (decision.kind) {
      case 'system':
        return SYSTEM_SESSION;
      case 'user':
        return this.#userContact(uid);
      case 'chroot':
        return this.#open.has(decision.root) ? { ok: true, session: decision.root } : this.#openByContact(decision);
      case 'none':
        return failed('NoSession', decision.message);
      default:
        return unreachable(decision);
    }
  }

  /** Whoever has a root directory can make others: there are not any number of them. */
  #openByContact(spec: SessionSpec): SessionResult {
    const { contacts: most = MOST_CONTACTS } = this.#options.sessions ?? {};
    const byContact = [...this.#byContact].filter((session) => this.#open.has(session));
    if (byContact.length >= most) {
      const isIdle = (session: SessionId) =>
        this.#runtime.engine.jobs(session).every((job) => job.instances.length === 0);
      const idle = byContact.find(isIdle);
      if (idle === undefined) return failed('LimitsExceeded', `There are ${most} sessions that came to be by calls`);
      this.close(idle);
    }
    const opened = this.open(spec);
    if (opened.ok) this.#byContact.add(opened.session);
    return opened;
  }

  /** Somebody whom the user table does not know has no home, and so no jobs: they may look at the system's. */
  #userContact(uid: number): SessionResult {
    this.#closeOfRemoved();
    for (const [session, plan] of this.#plans) {
      if (plan.uid === uid && this.#open.has(session)) return { ok: true, session };
    }
    const user = findKnownUser(uid);
    return user === undefined ? SYSTEM_SESSION : this.open({ kind: 'user', user: user.name }, USER_STARTUP);
  }

  /** @param answer comes when its last job is down, and nothing is left of it */
  close(session: SessionId, answer: SessionClosedCallback = () => {}): void {
    const isKnown = this.#runtime.engine.sessions().some(({ session: id }) => id === session);
    if (session === SYSTEM || !isKnown) {
      answer(unknownSession(session));
      return;
    }
    this.#open.get(session)?.jobs.release();
    this.#open.delete(session);
    this.#closing.set(session, [...(this.#closing.get(session) ?? []), answer]);
    this.#runtime.send({ kind: 'close-session', session });
  }

  /** Look at the files of all sessions again, and close those of what is not there any more. */
  lookAgain(): void {
    for (const [session, { jobs }] of [...this.#open]) {
      const plan = this.#plans.get(session);
      if (plan?.isThere() === false) this.#vanished(plan);
      else jobs.load();
    }
  }

  /** Go on with the sessions that an earlier supervisor has left; what one was of may be gone by now. */
  goOn(): void {
    for (const { session, closing } of this.#runtime.engine.sessions()) {
      if (session === SYSTEM || closing) continue;
      const planned = this.#planOf(session);
      if (planned.ok) {
        const jobs = this.#begin(planned.plan);
        jobs.seed();
        jobs.load();
      } else {
        this.#runtime.tell({
          kind: 'message',
          priority: 'warn',
          message: `Session ${session}: ${planned.message}`,
          session,
        });
        this.close(session);
      }
    }
  }

  /** Watch nothing any more. */
  release(): void {
    for (const { jobs } of this.#open.values()) jobs.release();
  }

  /** Read everything, and watch again. */
  resume(): void {
    for (const { jobs } of this.#open.values()) jobs.resume();
  }

  /** It was told to close, by an earlier supervisor even, and its jobs are not all down. */
  #isClosing(session: SessionId): boolean {
    return this.#runtime.engine.sessions().some((known) => known.session === session && known.closing);
  }

  #begin(plan: SessionPlan): ConfiguredJobs {
    const { id, root, confDirs, access, defaults, refusal } = plan;
    if (root !== undefined && defaults.logDir !== undefined) makeLogDirectory(root);
    const { clock = systemClock, cgroups } = this.#options;
    const jobs = new ConfiguredJobs(this.#runtime, {
      session: id,
      hasCgroups: cgroups !== undefined,
      places: {
        confDirs,
        access,
        clock,
        ...(root === undefined ? {} : { root }),
        watch: this.#watch,
        ...(refusal === undefined ? {} : { refusal }),
      },
      looked: () => {
        if (!plan.isThere()) this.#vanished(plan);
      },
    });
    const scope = new SessionScope(id, this.#runtime, jobs, defaults, this.#allowances.of(plan));
    if (plan.kind === 'chroot') this.#hadChroots = true;
    this.#plans.set(id, plan);
    this.#open.set(id, { jobs, scope });
    return jobs;
  }

  /** Whose number it was may be somebody else's by now: users' sessions go with their users. */
  #closeOfRemoved(): void {
    const users = userTableVersion();
    if (users === this.#users) return;
    this.#users = users;
    for (const plan of [...this.#plans.values()]) if (plan.kind === 'user' && !plan.isThere()) this.#vanished(plan);
  }

  #vanished({ id }: SessionPlan): void {
    if (!this.#open.has(id)) return;
    this.#runtime.tell({ kind: 'session-gone', session: id });
    this.close(id);
  }

  #closed(session: SessionId): void {
    if (!this.#open.has(session)) {
      this.#plans.delete(session);
      this.#byContact.delete(session);
    }
    const answers = this.#closing.get(session) ?? [];
    this.#closing.delete(session);
    for (const answer of answers) answer({ ok: true });
  }

  #infoOf(session: SessionId, closing: boolean): SessionInfo {
    const { root, uid } = this.#plans.get(session) ?? {};
    return {
      id: session,
      kind: specOfSession(session)?.kind ?? 'system',
      ...(root === undefined ? {} : { root }),
      ...(uid === undefined ? {} : { uid }),
      jobs: this.#runtime.engine.jobs(session).length,
      closing,
    };
  }

  #planOf(session: SessionId): PlannedSession {
    const spec = specOfSession(session);
    if (spec === undefined) return unknownSession(session);
    const planned = this.#plan(spec);
    if (!planned.ok || sessionIdOf(spec) === planned.plan.id) return planned;
    return failed('NoRoot', `${session}: leads somewhere else by now`);
  }

  #plan(spec: SessionSpec): PlannedSession {
    const { defaults } = this.#system;
    const env = this.#runtime.initialEnvironment;
    if (spec.kind === 'chroot') return chrootSession(spec.root, defaults, env);
    const { users } = this.#options.sessions ?? {};
    if (users === undefined) return failed('SessionsOff', 'This daemon has no sessions of users');
    return userSession(spec.user, users, defaults, env);
  }
}
