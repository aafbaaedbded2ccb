import type { DBusError, JournalModel, ModelChange, UpstartModel } from '@maverick/dbus';
import { type Notification, type Reply, SYSTEM } from '@maverick/engine';
import { isNotification, type Supervisor, type SupervisorEvent } from '@maverick/supervisor';
import type { FileHolding } from './file-holding.js';
import { UPSTART_VERSION } from './help.js';
import type { Log } from './log.js';
import { modelSessions } from './model-sessions.js';
import { sessionPart, whileOpen } from './session-view.js';
import { simulateJobs } from './simulate-jobs.js';
import { stateText } from './state-text.js';

/** What the daemon around the supervisor does itself. */
export interface DaemonPorts {
  readonly journal: JournalModel;
  readonly files: FileHolding;
  /** Events that bridges inside emit for the system, or patterns of their names. */
  readonly bridgeEvents: readonly string[];
  /** Read every file again, also those that declare sessions. */
  reload(): void;
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

/** The jobs of the system. */
const systemPart = (supervisor: Supervisor, { environmentSet, reload, bridgeEvents }: DaemonPorts) => {
  const scope = supervisor.scope(SYSTEM);
  if (scope === undefined) throw new Error('The session of the system is always there');
  return {
    ...sessionPart(scope, environmentSet),
    reloadConfiguration: reload,
    bridgeEvents: () => bridgeEvents,
    simulate: (request: unknown) => simulateJobs(scope.jobs(), request),
  };
};

/** What there is once, whoever asks. */
const daemonPart = (supervisor: Supervisor, log: Log, ports: DaemonPorts) =>
  ({
    version: UPSTART_VERSION,
    setLogPriority: (priority) => {
      log.priority = priority;
    },
    reexec: (_answer, waits) => {
      waits?.(REEXEC);
      ports.reexec();
    },
    awaitAnswer: (token, answer) => {
      if (token === REEXEC) answer(ports.reexeced());
      else supervisor.awaitAnswer(token, whileOpen(answer));
    },
    callerOf: (pid) => supervisor.callerOf(pid),
    subscribe: (listener) =>
      supervisor.subscribe((event) => {
        const news = newsOf(event);
        if (news) listener(news);
      }),
    state: () => stateText(supervisor),
    notifyDiskWriteable: (answer) => {
      supervisor.flushLogs();
      answer({ ok: true });
    },
    notifyDBusAddress: (address, answer) => ports.joinBus(address, answer),
    // Control groups are the daemon's own work here: there is no manager to wait for, and nothing that waits.
    notifyCGroupManagerAddress: (_address, answer) => answer({ ok: true }),
    takeActivationEnvironment: (variables) =>
      supervisor.request({ kind: 'set-env', variables, retain: false }, () => {}),
    isSystemInit: process.pid === 1,
    endSession: (answer) => {
      answer({ ok: true });
      if (process.pid !== 1) ports.endSession();
    },
    journal: ports.journal,
    releaseFiles: (dir, answer) => ports.files.release(dir, answer),
    resumeFiles: (answer) => ports.files.resume(answer),
  }) satisfies Partial<UpstartModel>;

/** The supervisor as the D-Bus surface sees it, in the system's session; the others are asked for by `inSession`. */
export const createModel = (supervisor: Supervisor, log: Log, ports: DaemonPorts): UpstartModel => {
  const system: UpstartModel = {
    ...daemonPart(supervisor, log, ports),
    ...systemPart(supervisor, ports),
    ...modelSessions(supervisor, () => system),
    get logPriority() {
      return log.priority;
    },
  };
  return system;
};
