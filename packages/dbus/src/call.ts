import type { Caller, JobView, Reply, SessionId } from '@maverick/engine';
import type { ClientLink } from './client-link.js';
import { DBusError } from './dbus-error.js';
import { dbusError, type ErrorCode, replyError } from './error-names.js';
import type { Answer } from './implementation.js';
import type { PeerCredentials, UpstartModel } from './model.js';
import { instancePath } from './object-path.js';

/** What a handler knows about the call that it answers. */
export interface Call {
  /** The daemon as it is seen in {@link session}. */
  readonly model: UpstartModel;
  /** Whose jobs are called: the caller's own session, or that of the object. */
  readonly session: SessionId;
  /** The caller's own session. Default: {@link session} */
  readonly from?: SessionId;
  /** The session was named: lists show nothing beside its own jobs. */
  readonly alone?: boolean;
  readonly peer: PeerCredentials;
  /** Whoever called. */
  readonly client: ClientLink;
  /** The answer does not come at once: the model knows it by this number. */
  waits(token: number, namesInstance: boolean): void;
  /** Take over a descriptor of the arguments; the others are closed when the handler returns. */
  keepFd(fd: number): void;
}

/**
 * The daemon as it is seen in a session: undefined for one that is not open.
 * @param inside whoever asks is in it
 */
export const viewIn = (model: UpstartModel, session: SessionId, inside = false): UpstartModel | undefined =>
  model.inSession ? model.inSession(session, inside) : model;

/** The jobs that lists show: those of the session, and what the callers of that session may look at beside. */
export const listedJobs = ({ model, alone = false }: Call): readonly JobView[] => {
  const beside = alone ? undefined : model.jobsBeside?.();
  return beside === undefined ? model.jobs() : [...model.jobs(), ...beside];
};

/** The job process that made the call, if one did: what lets a wait for oneself be seen as a deadlock. */
export const callerOf = ({ model, peer }: Call): { readonly caller?: Caller } => {
  const caller = model.callerOf(peer.pid);
  return caller === undefined ? {} : { caller };
};

/** For the model: a call that waits for the answer that it knows by a number. */
export const waiting =
  (call: Call, namesInstance = false) =>
  (token: number): void =>
    call.waits(token, namesInstance);

/** Hand a reply on to a method that answers nothing but success. */
export const answerPlainly =
  (answer: Answer<readonly []>) =>
  (reply: Reply | DBusError): void => {
    if (reply instanceof DBusError) answer.fail(reply);
    else if (reply.ok) answer();
    else answer.fail(replyError(reply));
  };

/** Hand a reply on to a method that answers the path of the instance. */
export const answerInstance =
  (answer: Answer<readonly [string]>) =>
  (reply: Reply | DBusError): void => {
    if (reply instanceof DBusError) answer.fail(reply);
    else if (!reply.ok) answer.fail(replyError(reply));
    else if (reply.instance) answer(instancePath(reply.instance));
    else answer.fail(dbusError('Failed', 'The instance ended before it could be named'));
  };

/** Refuse a call that its arguments forbid. */
export const demand = (condition: boolean, code: ErrorCode, message: string): void => {
  if (!condition) throw dbusError(code, message);
};

/** Only this is asked of an environment: `=x` and `A B=c` pass. */
export const requireEnv = (env: readonly string[]): void =>
  demand(
    env.every((entry) => entry.includes('=')),
    'InvalidArgs',
    'Env must be KEY=VALUE pairs',
  );

/** What a daemon without an optional part answers. */
export const notSupported = (member: string) => dbusError('NotSupported', `${member} is not supported by this daemon`);
