import type { InstanceRef, LogPriority, SessionId } from '@maverick/engine';
import {
  type SupervisorEvent,
  type SupervisorEventOf,
  type SupervisorListener,
  specOfSession,
} from '@maverick/supervisor';
import type { Log } from './log.js';
import type { LogShares } from './log-shares.js';

type Kind = SupervisorEvent['kind'];
type Message = readonly [priority: LogPriority, text: string, instance?: InstanceRef];
type Reports = { readonly [K in Kind]?: (event: SupervisorEventOf<K>) => Message };

/** An exception as the log shows it, on one line: whoever reports it needs the stack. */
export const errorText = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message).replaceAll(/\n\s*/g, ' ') : String(error);

/** What the log says about what happens. What has no row is news for others only. */
const REPORTS: Reports = {
  log: ({ priority, message, instance }) => (instance ? [priority, message, instance] : [priority, message]),
  message: ({ priority, message, instance }) => (instance ? [priority, message, instance] : [priority, message]),
  // The original knows no warnings: they are for those who look closer.
  diagnostic: ({ diagnostic: { severity, path, line, message } }) => [
    severity === 'error' ? 'error' : 'info',
    line === undefined ? `${path}: ${message}` : `${path}:${line}: ${message}`,
  ],
  'job-stale': ({ job, path }) => ['warn', `Job ${job} keeps its last good definition, because of an error in ${path}`],
  'job-fresh': ({ job, path }) => ['info', `Job ${job} is as ${path} says again`],
  'session-opened': ({ session }) => ['info', `Session ${session} opened`],
  'session-gone': ({ session }) => ['message', `Session ${session} is gone: its jobs are stopped`],
  'session-closed': ({ session }) => ['info', `Session ${session} closed`],
  fault: ({ during, error }) => ['error', `Internal error, contained, in ${during}: ${errorText(error)}`],
};

/** Whose matter it is; undefined for what is nobody's alone. */
const sessionOf = (event: SupervisorEvent): SessionId | undefined => {
  if ('instance' in event && event.instance !== undefined) return event.instance.session;
  return 'session' in event ? event.session : undefined;
};

/** Only of users' sessions there is no more than their share. */
const isUsers = (session: SessionId): boolean => specOfSession(session)?.kind === 'user';

/** Writes to a log what a supervisor tells, and of each user's session no more than its share. */
export const reportTo =
  (log: Log, shares: LogShares): SupervisorListener =>
  (event) => {
    // One row a kind, each taking its own event: a link that TypeScript cannot follow through an index.
    const report = REPORTS[event.kind] as ((event: SupervisorEvent) => Message) | undefined;
    if (report === undefined) return;
    const message = report(event);
    if (!log.tells(message[0])) return;
    const session = sessionOf(event);
    if (session === undefined || !isUsers(session) || shares.take(`Session ${session}`)) log.write(...message);
  };
