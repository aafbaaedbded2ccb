import type { InstanceRef, LogPriority } from '@maverick/engine';
import type { SupervisorEvent, SupervisorEventOf, SupervisorListener } from '@maverick/supervisor';
import type { Log } from './log.js';

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
  'session-closed': ({ session }) => ['info', `Session ${session} closed`],
  fault: ({ during, error }) => ['error', `Internal error, contained, in ${during}: ${errorText(error)}`],
};

/** Writes to a log what a supervisor tells. */
export const reportTo =
  (log: Log): SupervisorListener =>
  (event) => {
    // One row a kind, each taking its own event: a link that TypeScript cannot follow through an index.
    const report = REPORTS[event.kind] as ((event: SupervisorEvent) => Message) | undefined;
    if (report !== undefined) log.write(...report(event));
  };
