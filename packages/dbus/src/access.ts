import type { SessionId } from '@maverick/engine';
import type { DBusError } from './dbus-error.js';
import { dbusError } from './error-names.js';
import { INIT1, type InterfaceDefinition, JOB_CLASS, JOB_INSTANCE, MANAGER } from './interfaces.js';
import type { PeerCredentials } from './model.js';
import { SYSTEM_SESSION } from './object-path.js';

/** On the private socket and on the bus alike, root and the daemon's own user are trusted. */
export const isTrusted = ({ uid }: Pick<PeerCredentials, 'uid'>, daemonUid: number): boolean =>
  uid === 0 || uid === daemonUid;

/** Where a caller stands. */
export interface Standing {
  readonly session: SessionId;
  /** Root, or the daemon's own user: in the system's session that is the right to everything. */
  readonly trusted: boolean;
}

/**
 * What a caller may do with a session. `all`: everything; `own`: what concerns that session alone; `look`: what is for
 * everybody; `none`: it is not there for them.
 */
export type Rights = 'all' | 'own' | 'look' | 'none';

/** Who may do what in which session: one rule for the private socket and for the bus. */
export const rightsIn = ({ session, trusted }: Standing, target: SessionId): Rights => {
  if (session === SYSTEM_SESSION && trusted) return 'all';
  if (target === SYSTEM_SESSION) return 'look';
  return session === target ? 'own' : 'none';
};

const QUERY_ENV = 'You do not have permission to query job environment';
const MODIFY_ENV = 'You do not have permission to modify job environment';
const EMIT = 'You do not have permission to emit an event';
const CONFIRM = 'You do not have permission to confirm starts';
const JOURNAL = 'You do not have permission to read the journal';
/** The name of the job follows. */
const MODIFY_JOB = 'You do not have permission to modify job: ';

type Member<D extends InterfaceDefinition> = (keyof D['methods'] | keyof D['properties']) & string;

/** The members of an interface that not everybody may call (or set), and what everybody else hears. */
const refusals = <const D extends InterfaceDefinition>(
  definition: D,
  texts: { readonly [M in Member<D>]?: string },
): readonly [string, ReadonlyMap<string, string>] => [
  definition.name,
  new Map(Object.entries(texts) as (readonly [string, string])[]),
];

/**
 * Everything that is not for everybody. Members that are not listed only tell what is there.
 * The original leaves the methods of jobs and instances to the bus policy alone; here they are refused on both ways in.
 */
export const REFUSALS: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  refusals(MANAGER, {
    ReloadConfiguration: 'You do not have permission to reload configuration',
    GetState: 'You do not have permission to request state',
    Restart: 'You do not have permission to request restart',
    GetEnv: QUERY_ENV,
    ListEnv: QUERY_ENV,
    SetEnv: MODIFY_ENV,
    SetEnvList: MODIFY_ENV,
    UnsetEnv: MODIFY_ENV,
    UnsetEnvList: MODIFY_ENV,
    ResetEnv: MODIFY_ENV,
    EmitEvent: EMIT,
    EmitEventWithFile: EMIT,
    NotifyDiskWriteable: 'You do not have permission to notify disk is writeable',
    NotifyDBusAddress: 'You do not have permission to notify D-Bus address',
    NotifyCGroupManagerAddress: 'You do not have permission to notify cgroup manager address',
    EndSession: 'You do not have permission to end session',
    log_priority: 'You do not have permission to set log priority',
  }),
  refusals(JOB_CLASS, { Start: MODIFY_JOB, Stop: MODIFY_JOB, Restart: MODIFY_JOB }),
  refusals(JOB_INSTANCE, { Start: MODIFY_JOB, Stop: MODIFY_JOB, Restart: MODIFY_JOB, Reload: MODIFY_JOB }),
  // The journal has the environment of events and jobs; a simulation keeps the daemon busy.
  refusals(INIT1, {
    Journal: JOURNAL,
    JournalPlace: JOURNAL,
    StopJournal: JOURNAL,
    Simulate: 'You do not have permission to simulate',
    OpenSession: 'You do not have permission to open a session',
    CloseSession: 'You do not have permission to close a session',
    ConfirmStarts: CONFIRM,
    AnswerStart: CONFIRM,
    ReleaseFiles: 'You do not have permission to have files released',
    ResumeFiles: 'You do not have permission to have files held',
  }),
]);

const members = <const D extends InterfaceDefinition>(
  definition: D,
  ...names: readonly Member<D>[]
): readonly [string, ReadonlySet<string>] => [definition.name, new Set<string>(names)];

/** Of what is not for everybody, that which whose session it is may do there: it reaches nothing outside of it. */
export const FOR_OWNERS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  members(
    MANAGER,
    'ReloadConfiguration',
    'GetEnv',
    'ListEnv',
    'SetEnv',
    'SetEnvList',
    'UnsetEnv',
    'UnsetEnvList',
    'ResetEnv',
    'EmitEvent',
    'EmitEventWithFile',
  ),
  members(JOB_CLASS, 'Start', 'Stop', 'Restart'),
  members(JOB_INSTANCE, 'Start', 'Stop', 'Restart', 'Reload'),
  members(INIT1, 'ConfirmStarts', 'AnswerStart', 'CloseSession', 'Journal', 'JournalPlace', 'StopJournal'),
]);

/**
 * Why a caller may not do something.
 * @param job the job whose object it is, if it is one's
 * @returns undefined where they may
 */
export const refusalOf = (
  rights: Rights,
  interfaceName: string,
  member: string,
  job: string | undefined,
): DBusError | undefined => {
  const text = rights === 'all' ? undefined : REFUSALS.get(interfaceName)?.get(member);
  if (text === undefined) return undefined;
  if (rights === 'own' && FOR_OWNERS.get(interfaceName)?.has(member)) return undefined;
  return dbusError('PermissionDenied', text === MODIFY_JOB ? `${text}${job ?? ''}` : text);
};
