import type { DBusError } from './dbus-error.js';
import { dbusError } from './error-names.js';
import { INIT1, type InterfaceDefinition, JOB_CLASS, JOB_INSTANCE, MANAGER } from './interfaces.js';
import type { PeerCredentials } from './model.js';

/** Who may do what, on the private socket and on the bus alike: only root and the daemon's own user change anything. */
export const isTrusted = ({ uid }: Pick<PeerCredentials, 'uid'>, daemonUid: number): boolean =>
  uid === 0 || uid === daemonUid;

const QUERY_ENV = 'You do not have permission to query job environment';
const MODIFY_ENV = 'You do not have permission to modify job environment';
const EMIT = 'You do not have permission to emit an event';
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
    StopJournal: JOURNAL,
    Simulate: 'You do not have permission to simulate',
    OpenSession: 'You do not have permission to open a session',
    CloseSession: 'You do not have permission to close a session',
    ReleaseFiles: 'You do not have permission to have files released',
    ResumeFiles: 'You do not have permission to have files held',
  }),
]);

/**
 * The error for somebody who is not trusted.
 * @param job the job whose object it is, if it is one's
 * @returns undefined for what everybody may do
 */
export const refusalOf = (interfaceName: string, member: string, job: string | undefined): DBusError | undefined => {
  const text = REFUSALS.get(interfaceName)?.get(member);
  if (text === undefined) return undefined;
  return dbusError('PermissionDenied', text === MODIFY_JOB ? `${text}${job ?? ''}` : text);
};
