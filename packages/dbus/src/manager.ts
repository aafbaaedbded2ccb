import type { LogPriority } from '@maverick/engine';
import { answerPlainly, type Call, callerOf, demand, listedJobs, notSupported, requireEnv, waiting } from './call.js';
import { environmentMethods } from './environment.js';
import { dbusError } from './error-names.js';
import { implement } from './implementation.js';
import { MANAGER } from './interfaces.js';
import { jobPath } from './object-path.js';

const LOG_PRIORITIES = {
  debug: true,
  info: true,
  message: true,
  warn: true,
  error: true,
  fatal: true,
} as const satisfies Record<LogPriority, true>;

const isLogPriority = (text: string): text is LogPriority => Object.hasOwn(LOG_PRIORITIES, text);

const requireEventName = (name: string): void => demand(name !== '', 'InvalidArgs', 'Name may not be empty string');

/** `com.ubuntu.Upstart0_6`: the daemon as a whole. */
export const manager = implement<typeof MANAGER, Call>(
  MANAGER,
  {
    ...environmentMethods,
    ReloadConfiguration: ({ model }, _, answer) => {
      model.reloadConfiguration();
      answer();
    },
    GetJobByName: ({ model }, [name], answer) => {
      demand(name !== '', 'InvalidArgs', 'Name may not be empty string');
      const job = model.job(name);
      if (!job) throw dbusError('UnknownJob', `Unknown job: ${name}`);
      answer(jobPath(job.name, job.session));
    },
    GetAllJobs: (call, _, answer) => answer(listedJobs(call).map((job) => jobPath(job.name, job.session))),
    EmitEvent: (call, [name, env, wait], answer) => {
      requireEventName(name);
      requireEnv(env);
      call.model.emit({ name, env, wait, ...callerOf(call) }, answerPlainly(answer), waiting(call));
    },
    EmitEventWithFile: (call, [name, env, wait, file], answer) => {
      requireEventName(name);
      requireEnv(env);
      call.keepFd(file);
      call.model.emit({ name, env, wait, fds: [file], ...callerOf(call) }, answerPlainly(answer), waiting(call));
    },
    GetState: ({ model }, _, answer) => {
      if (!model.state) throw notSupported('GetState');
      answer(model.state());
    },
    Restart: (call, _, answer) => {
      if (!call.model.reexec) throw notSupported('Restart');
      call.model.reexec(answerPlainly(answer), waiting(call));
    },
    NotifyDiskWriteable: ({ model }, _, answer) => {
      if (!model.notifyDiskWriteable) throw notSupported('NotifyDiskWriteable');
      model.notifyDiskWriteable(answerPlainly(answer));
    },
    NotifyDBusAddress: ({ model }, [address], answer) => {
      demand(!model.isSystemInit, 'PermissionDenied', 'Not permissible to notify D-Bus address for PID 1');
      if (!model.notifyDBusAddress) throw notSupported('NotifyDBusAddress');
      model.notifyDBusAddress(address, (failure) => (failure ? answer.fail(failure) : answer()));
    },
    NotifyCGroupManagerAddress: ({ model }, [address], answer) => {
      if (!model.notifyCGroupManagerAddress) throw notSupported('NotifyCGroupManagerAddress');
      model.notifyCGroupManagerAddress(address, answerPlainly(answer));
    },
    EndSession: ({ model }, _, answer) => {
      if (!model.endSession) throw notSupported('EndSession');
      model.endSession(answerPlainly(answer));
    },
  },
  {
    version: { get: ({ model }) => model.version },
    log_priority: {
      get: ({ model }) => model.logPriority,
      set: ({ model }, priority) => {
        if (!isLogPriority(priority)) throw dbusError('InvalidArgs', 'The log priority given was not recognised');
        model.setLogPriority(priority);
      },
    },
  },
);
