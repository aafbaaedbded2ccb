import type { DBusError, EnvironmentModel, JournalModel, ModelChange, UpstartModel } from '@maverick/dbus';
import { type Notification, type Reply, SYSTEM } from '@maverick/engine';
import { type AnswerCallback, isNotification, type Supervisor, type SupervisorEvent } from '@maverick/supervisor';
import type { FileHolding } from './file-holding.js';
import { UPSTART_VERSION } from './help.js';
import type { Log } from './log.js';
import { simulateJobs } from './simulate-jobs.js';
import { stateText } from './state-text.js';
import { usagesOf } from './usage.js';

/** What the daemon around the supervisor does itself. */
export interface DaemonPorts {
  readonly journal: JournalModel;
  readonly files: FileHolding;
  /** Become another daemon. Who goes on answers to who has asked for it. */
  reexec(): void;
  /** How becoming another has gone. */
  reexeced(): Reply | DBusError;
  /** Begin to end: a user logs out. */
  endSession(): void;
  /** A bus has come up there. */
  joinBus(address: string, answer: (failure?: DBusError) => void): void;
  /** The job environment table was changed by a client: others on the bus are to know. */
  environmentSet(variables: readonly string[]): void;
}

/** A supervisor that closes answers nobody any more: the connection's end tells the client. */
const whileOpen =
  (answer: (reply: Reply) => void): AnswerCallback =>
  (result) => {
    if (result.ok) answer(result);
    else if (result.code !== 'Closed') answer({ ...result, code: result.code });
  };

const nameOf = (variable: string): string => variable.split('=', 1)[0] ?? '';

/** A variable as it is now: what was set may have been kept as it was. */
const entryOf = (supervisor: Supervisor, name: string): string[] =>
  supervisor.environment().filter((entry) => nameOf(entry) === name);

const environmentModel = (supervisor: Supervisor, { environmentSet }: DaemonPorts): EnvironmentModel => ({
  list: (target) => (target ? (supervisor.instance(target.job, target.instance)?.env ?? []) : supervisor.environment()),
  set: (variables, replace, target, answer) => {
    const request = { kind: 'set-env', variables, retain: !replace, ...(target && { target }) } as const;
    supervisor.request(request, whileOpen(answer));
    if (!target) environmentSet(variables.flatMap((variable) => entryOf(supervisor, nameOf(variable))));
  },
  unset: (names, target, answer) =>
    supervisor.request({ kind: 'unset-env', names, ...(target && { target }) }, whileOpen(answer)),
  reset: (target, answer) => supervisor.request({ kind: 'reset-env', ...(target && { target }) }, whileOpen(answer)),
});

/** What D-Bus clients are told of an event of the supervisor. */
const newsOf = (event: SupervisorEvent): Notification | ModelChange | undefined => {
  if (isNotification(event)) return event;
  switch (event.kind) {
    case 'process-started':
    case 'process-ended':
      return { kind: 'processes-changed', instance: event.instance };
    case 'process-paused':
    case 'process-resumed':
      return { kind: 'pause-changed', instance: event.instance };
    case 'job-stale':
    case 'job-fresh':
      return { kind: 'staleness-changed', session: event.session, job: event.job };
    case 'job-redefined':
      return { kind: 'definition-changed', session: event.session, job: event.job };
    default:
      return undefined;
  }
};

/** The number of the request to become another daemon; those of the supervisor are counted from 1. */
const REEXEC = 0;

/** The supervisor as the D-Bus surface sees it. */
export const createModel = (supervisor: Supervisor, log: Log, ports: DaemonPorts): UpstartModel => ({
  version: UPSTART_VERSION,
  get logPriority() {
    return log.priority;
  },
  setLogPriority: (priority) => {
    log.priority = priority;
  },
  jobs: () => supervisor.jobs(),
  job: (name) => supervisor.job(name),
  instance: (job, instance) => supervisor.instance(job, instance),
  instanceName: (job, env) => supervisor.instanceName(job, env),
  // The request first: who does not care to know its number (`waits`) wants it made all the same.
  command: (command, answer, waits) => {
    const token = supervisor.request(command, whileOpen(answer));
    waits?.(token);
  },
  reload: (job, instance, answer) => supervisor.request({ kind: 'reload', job, instance }, whileOpen(answer)),
  emit: (event, answer, waits) => {
    const token = supervisor.request({ kind: 'emit', ...event }, whileOpen(answer));
    waits?.(token);
  },
  reexec: (_answer, waits) => {
    waits?.(REEXEC);
    ports.reexec();
  },
  awaitAnswer: (token, answer) => {
    if (token === REEXEC) answer(ports.reexeced());
    else supervisor.awaitAnswer(token, whileOpen(answer));
  },
  reloadConfiguration: () => supervisor.reloadConfiguration(),
  callerOf: (pid) => supervisor.callerOf(pid),
  subscribe: (listener) =>
    supervisor.subscribe((event) => {
      const news = newsOf(event);
      if (news) listener(news);
    }),
  environment: environmentModel(supervisor, ports),
  state: () => stateText(supervisor),
  notifyDiskWriteable: (answer) => {
    supervisor.flushLogs();
    answer({ ok: true });
  },
  notifyDBusAddress: (address, answer) => ports.joinBus(address, answer),
  // Control groups are the daemon's own work here: there is no manager to wait for, and nothing that waits.
  notifyCGroupManagerAddress: (_address, answer) => answer({ ok: true }),
  takeActivationEnvironment: (variables) => supervisor.request({ kind: 'set-env', variables, retain: false }, () => {}),
  isSystemInit: process.pid === 1,
  endSession: (answer) => {
    answer({ ok: true });
    if (process.pid !== 1) ports.endSession();
  },
  explain: (subject) => supervisor.explain(subject),
  simulate: (request) => simulateJobs(supervisor.jobs(), request),
  journal: ports.journal,
  usage: (instances) => usagesOf(instances, ({ job, instance }) => supervisor.cgroupOf(job, instance)),
  sessions: () => [{ id: SYSTEM, kind: 'system', jobs: supervisor.jobs().length }],
  releaseFiles: (dir, answer) => ports.files.release(dir, answer),
  resumeFiles: (answer) => ports.files.resume(answer),
  staleBecauseOf: (job) => supervisor.staleBecauseOf(job),
  paused: (job, instance) =>
    (supervisor.instance(job, instance)?.processes ?? []).flatMap(({ role, pid, paused }) =>
      paused && pid !== undefined ? [[role, pid] as const] : [],
    ),
  filesOf: (job) => supervisor.filesOf(job),
  logFile: (job, instance) => supervisor.logFile(job, instance),
});
