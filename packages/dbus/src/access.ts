import { dbusError } from './error-names.js';
import type { JOB_CLASS, JOB_INSTANCE, MANAGER } from './interfaces.js';
import type { PeerCredentials } from './model.js';

/** Who may do what: only root and the daemon's own user change anything. */
export const isTrusted = ({ uid }: PeerCredentials, daemonUid: number): boolean => uid === 0 || uid === daemonUid;

const QUERY_ENV = 'You do not have permission to query job environment';
const MODIFY_ENV = 'You do not have permission to modify job environment';
const EMIT = 'You do not have permission to emit an event';

/** What everybody else hears. Members that are not listed only tell what is there, and are everybody's. */
export const MANAGER_REFUSALS: Readonly<Record<string, string>> = {
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
} satisfies Partial<Record<keyof typeof MANAGER.methods | keyof typeof MANAGER.properties, string>>;

/** Methods of jobs and instances that change something. The original leaves them to the bus policy alone. */
export const JOB_COMMANDS: ReadonlySet<string> = new Set<
  keyof typeof JOB_CLASS.methods | keyof typeof JOB_INSTANCE.methods
>(['Start', 'Stop', 'Restart', 'Reload']);

/** The error for a job or instance method. */
export const refusedJob = (job: string) =>
  dbusError('PermissionDenied', `You do not have permission to modify job: ${job}`);
