import {
  type Contact,
  type DBusError,
  dbusError,
  replyError,
  type SessionWish,
  type UpstartModel,
} from '@maverick/dbus';
import { type SessionId, SYSTEM } from '@maverick/engine';
import { findKnownUser } from '@maverick/spawner';
import type { SessionErrorCode, SessionScope, SessionSpec, Supervisor } from '@maverick/supervisor';
import { sessionPart } from './session-view.js';

const errorOf = ({ code, message }: { readonly code: SessionErrorCode; readonly message: string }): DBusError =>
  dbusError(code, message);

const contactOf = (result: ReturnType<Supervisor['contact']>): Contact =>
  result.ok ? result : { ok: false, error: errorOf(result) };

/** @returns undefined for a user id that nobody has */
const specOf = (wish: SessionWish): SessionSpec | undefined => {
  if ('root' in wish) return { kind: 'chroot', root: wish.root };
  const user = 'user' in wish ? wish.user : findKnownUser(wish.uid)?.name;
  return user === undefined ? undefined : { kind: 'user', user };
};

const open = (supervisor: Supervisor, wish: SessionWish, startupEvent: string | undefined): Contact => {
  const spec = specOf(wish);
  if (spec === undefined) {
    return { ok: false, error: errorOf({ code: 'UnknownUser', message: `Unknown user: ${JSON.stringify(wish)}` }) };
  }
  return contactOf(supervisor.openSession(spec, startupEvent === undefined ? {} : { startupEvent }));
};

/** A session as others see it, and as whoever is in it does. */
interface Views {
  readonly scope: SessionScope;
  readonly outside: UpstartModel;
  readonly inside: UpstartModel;
}

/** The files of a session as a process with its root directory finds them. */
const pathsInside = (
  scope: SessionScope,
  root: string,
): Pick<UpstartModel, 'filesOf' | 'logFile' | 'staleBecauseOf'> => {
  const inside = <Path extends string | undefined>(path: Path) =>
    path?.startsWith(`${root}/`) ? path.slice(root.length) : path;
  return {
    filesOf: (job) => {
      const files = scope.filesOf(job);
      return files && { file: inside(files.file), ...(files.override ? { override: inside(files.override) } : {}) };
    },
    logFile: (job, instance) => inside(scope.logFile(job, instance)),
    staleBecauseOf: (job) => inside(scope.staleBecauseOf(job)),
  };
};

/**
 * The sessions of a supervisor, as the D-Bus surface sees them.
 * @param system the daemon as the system's session sees it: what is one daemon's is everywhere the same
 */
export const modelSessions = (
  supervisor: Supervisor,
  system: () => UpstartModel,
): Pick<UpstartModel, 'looksAtRoots' | 'contact' | 'inSession' | 'sessions' | 'openSession' | 'closeSession'> => {
  const views = new Map<SessionId, Views>();
  const viewsOf = (scope: SessionScope): Views => {
    const known = views.get(scope.session);
    if (known?.scope === scope) return known;
    const all = system();
    const info = supervisor.sessions().find(({ id }) => id === scope.session);
    // What follows is the session's own; a table and a bus that are not for clients to choose are the system's.
    const view = (paths: Partial<UpstartModel>): UpstartModel => ({
      ...all,
      ...sessionPart(scope),
      isSystemInit: false,
      bridgeEvents: () => [],
      get logPriority() {
        return all.logPriority;
      },
      ...(info?.kind === 'user' ? { jobsBeside: () => all.jobs() } : {}),
      closeSession: (session, answer) => {
        const refusal = scope.spend('close');
        if (refusal) answer(replyError(refusal));
        else all.closeSession?.(session, answer);
      },
      ...paths,
    });
    const made = { scope, outside: view({}), inside: view(pathsInside(scope, info?.root ?? '')) };
    views.set(scope.session, made);
    return made;
  };
  return {
    looksAtRoots: () => supervisor.looksAtRoots,
    contact: (caller) => contactOf(supervisor.contact(caller)),
    inSession: (session, inside) => {
      if (session === SYSTEM) return system();
      const scope = supervisor.scope(session);
      if (scope === undefined) views.delete(session);
      return scope && viewsOf(scope)[inside ? 'inside' : 'outside'];
    },
    sessions: () => supervisor.sessions(),
    openSession: (wish, startupEvent) => open(supervisor, wish, startupEvent),
    closeSession: (session, answer) =>
      supervisor.closeSession(session, (result) => (result.ok ? answer() : answer(errorOf(result)))),
  };
};
