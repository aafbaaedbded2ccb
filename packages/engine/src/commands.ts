import type { Command } from './command.js';
import type { Reply } from './effect.js';
import { isAssignment } from './environment.js';
import type { Input, SessionId } from './input.js';
import { type Instance, nameInSession } from './instance.js';
import type { JobClass } from './job-class.js';
import { instanceName, startEnvironment } from './naming.js';
import { processOf, reloadProcess } from './process.js';
import { answer, failure, unknownInstance, unknownJob } from './reply.js';
import { environmentRefusal, instanceRefusal } from './session-limits.js';
import { causedByInstance, type World } from './world.js';

type JobInput = Extract<Input, { readonly kind: 'start' | 'stop' | 'restart' | 'reload' }>;
type Refusal = Extract<Reply, { ok: false }>;
type Naming = { readonly ok: true; readonly name: string } | Refusal;

export const findClass = (world: World, session: SessionId, job: string): JobClass | undefined =>
  world.sessions.get(session)?.classes.get(job);

/**
 * The instance name that an environment gives.
 * @param withUsage add the class's usage text to a complaint, as `start` and `GetInstance` do
 */
export const nameInstance = (world: World, jobClass: JobClass, env: readonly string[], withUsage: boolean): Naming => {
  if (!env.every(isAssignment)) return failure('InvalidArgs', 'Env must be KEY=VALUE pairs');
  const { definition, session } = jobClass;
  const expansion = instanceName(definition, startEnvironment(world, session, definition, env));
  if (expansion.ok) return { ok: true, name: expansion.value };
  const usage = withUsage && definition.conf.usage !== undefined ? `\nUsage: ${definition.conf.usage}` : '';
  return failure('InvalidArgs', `${expansion.error.message}${usage}`);
};

const reload = (world: World, instance: Instance): Reply => {
  const main = processOf(world, instance, 'main');
  if (!main) return failure('NotRunning', `Job is not running: ${nameInSession(instance.ref)}`);
  reloadProcess(world, instance, main);
  return { ok: true, instance: instance.ref };
};

const perform = (world: World, instance: Instance, input: JobInput) => {
  if (input.kind === 'reload') return answer(world, input.request, reload(world, instance));
  if (input.kind === 'start') return;
  world.rules[input.kind](world, instance, toCommand(input, input.kind));
};

const toCommand = (input: Exclude<JobInput, { kind: 'reload' }>, kind: Command['kind']): Command => ({
  kind,
  request: input.request,
  wait: input.wait,
  env: input.instance === undefined ? (input.env ?? []) : undefined,
  caller: input.caller,
});

/** Start, stop, restart, reload: find the job and the instance, then leave it to the rules. @see spec: engine.md 1.8 */
export const jobCommand = (world: World, input: JobInput) => {
  const { request, kind } = input;
  const jobClass = findClass(world, input.session, input.job);
  if (!jobClass) return answer(world, request, unknownJob(input.job));
  const excess = environmentRefusal(world, input.session, input.env ?? []);
  if (excess) return answer(world, request, excess);
  const naming: Naming =
    input.instance === undefined
      ? nameInstance(world, jobClass, input.env ?? [], kind === 'start')
      : { ok: true, name: input.instance };
  if (!naming.ok) return answer(world, request, naming);
  const instance = jobClass.instances.get(naming.name);
  if (!instance && (kind !== 'start' || input.instance !== undefined)) {
    return answer(world, request, unknownInstance(naming.name));
  }
  const refusal = instance ? undefined : instanceRefusal(world, input.session);
  if (refusal) return answer(world, request, refusal);
  const ref = instance?.ref ?? { session: jobClass.session, job: jobClass.name, instance: naming.name };
  causedByInstance(world, ref, () => {
    if (kind === 'start') world.rules.start(world, jobClass, naming.name, toCommand(input, kind));
    else if (instance) perform(world, instance, input);
  });
};
