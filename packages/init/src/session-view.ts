import { type ConfirmModel, type EnvironmentModel, replyError, type UpstartModel } from '@maverick/dbus';
import type { InstanceRef, Reply } from '@maverick/engine';
import type { AnswerCallback, SessionScope } from '@maverick/supervisor';
import { usagesOf } from './usage.js';

/** A supervisor that closes answers nobody any more: the connection's end tells the client. */
export const whileOpen =
  (answer: (reply: Reply) => void): AnswerCallback =>
  (result) => {
    if (result.ok) answer(result);
    else if (result.code !== 'Closed') answer({ ...result, code: result.code });
  };

const nameOf = (variable: string): string => variable.split('=', 1)[0] ?? '';

/** A variable as it is now: what was set may have been kept as it was. */
const entryOf = (scope: SessionScope, name: string): string[] =>
  scope.environment().filter((entry) => nameOf(entry) === name);

/** @param environmentSet hears of the variables that a client has set in the session's table */
const environmentModel = (
  scope: SessionScope,
  environmentSet: (variables: readonly string[]) => void,
): EnvironmentModel => ({
  list: (target) => (target ? (scope.instance(target.job, target.instance)?.env ?? []) : scope.environment()),
  set: (variables, replace, target, answer) => {
    const request = { kind: 'set-env', variables, retain: !replace, ...(target && { target }) } as const;
    scope.request(request, whileOpen(answer));
    if (!target) environmentSet(variables.flatMap((variable) => entryOf(scope, nameOf(variable))));
  },
  unset: (names, target, answer) =>
    scope.request({ kind: 'unset-env', names, ...(target && { target }) }, whileOpen(answer)),
  reset: (target, answer) => scope.request({ kind: 'reset-env', ...(target && { target }) }, whileOpen(answer)),
});

/** Why a start waits: what led to it. */
const reasonOf = (scope: SessionScope, { job, instance }: InstanceRef): readonly string[] =>
  scope.explain({ job, instance })?.sentences.filter((sentence) => /^(?:Because|Behind)/.test(sentence)) ?? [];

/** The starts of a session that wait for a word. */
export const confirmModel = (scope: SessionScope): ConfirmModel => ({
  set: (on, jobs, timeoutMs, answer) => scope.request({ kind: 'confirm', on, jobs, timeoutMs }, whileOpen(answer)),
  answer: (job, instance, said, answer) =>
    scope.request({ kind: 'answer-start', job, instance, answer: said }, whileOpen(answer)),
  state: () => scope.confirming(),
  held: () =>
    scope.heldStarts().map(({ instance: ref, ...rest }) => ({
      job: ref.job,
      instance: ref.instance,
      reason: reasonOf(scope, ref),
      ...rest,
    })),
});

/** What the D-Bus surface is shown of one session. */
export type SessionPart = Pick<
  UpstartModel,
  | 'jobs'
  | 'job'
  | 'instance'
  | 'instanceName'
  | 'command'
  | 'reload'
  | 'emit'
  | 'reloadConfiguration'
  | 'environment'
  | 'explain'
  | 'confirm'
  | 'usage'
  | 'staleBecauseOf'
  | 'paused'
  | 'filesOf'
  | 'logFile'
>;

/** The jobs of one session, its events and its environment, as the D-Bus surface sees them. */
export const sessionPart = (
  scope: SessionScope,
  environmentSet: (variables: readonly string[]) => void = () => {},
): SessionPart => ({
  jobs: () => scope.jobs(),
  job: (name) => scope.job(name),
  instance: (job, instance) => scope.instance(job, instance),
  instanceName: (job, env) => scope.instanceName(job, env),
  // The request first: who does not care to know its number (`waits`) wants it made all the same.
  command: (command, answer, waits) => {
    const token = scope.request(command, whileOpen(answer));
    waits?.(token);
  },
  reload: (job, instance, answer) => scope.request({ kind: 'reload', job, instance }, whileOpen(answer)),
  emit: (event, answer, waits) => {
    const token = scope.request({ kind: 'emit', ...event }, whileOpen(answer));
    waits?.(token);
  },
  reloadConfiguration: () => {
    const refusal = scope.reloadConfiguration();
    if (refusal) throw replyError(refusal);
  },
  environment: environmentModel(scope, environmentSet),
  explain: (subject) => scope.explain(subject),
  confirm: confirmModel(scope),
  usage: (instances) => usagesOf(instances, ({ job, instance }) => scope.cgroupOf(job, instance)),
  staleBecauseOf: (job) => scope.staleBecauseOf(job),
  paused: (job, instance) =>
    (scope.instance(job, instance)?.processes ?? []).flatMap(({ role, pid, paused }) =>
      paused && pid !== undefined ? [[role, pid] as const] : [],
    ),
  filesOf: (job) => scope.filesOf(job),
  logFile: (job, instance) => scope.logFile(job, instance),
});
