import type { UpstartModel } from '@maverick/dbus';
import type { Reply } from '@maverick/engine';
import { type AnswerCallback, isNotification, type Supervisor } from '@maverick/supervisor';
import { UPSTART_VERSION } from './help.js';
import type { Log } from './log.js';

/** A supervisor that closes answers nobody any more: the connection's end tells the client. */
const whileOpen =
  (answer: (reply: Reply) => void): AnswerCallback =>
  (result) => {
    if (result.ok) answer(result);
    else if (result.code !== 'Closed') answer({ ...result, code: result.code });
  };

/** The supervisor as the D-Bus surface sees it. */
export const createModel = (supervisor: Supervisor, log: Log): UpstartModel => ({
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
  command: (command, answer) => supervisor.request(command, whileOpen(answer)),
  reload: (job, instance, answer) => supervisor.request({ kind: 'reload', job, instance }, whileOpen(answer)),
  emit: (event, answer) => supervisor.request({ kind: 'emit', ...event }, whileOpen(answer)),
  reloadConfiguration: () => supervisor.reloadConfiguration(),
  callerOf: (pid) => supervisor.callerOf(pid),
  subscribe: (listener) =>
    supervisor.subscribe((event) => {
      if (isNotification(event)) listener(event);
    }),
});
