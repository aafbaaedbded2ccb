import { findClass } from './commands.js';
import type { Reply } from './effect.js';
import { type Environment, has, merge, nameOf } from './environment.js';
import type { Input } from './input.js';
import type { Instance } from './instance.js';
import { startEnvironment } from './naming.js';
import { answer, failure, unknownJob } from './reply.js';
import { environmentRefusal } from './session-limits.js';
import { sessionOf, type World } from './world.js';

type EnvironmentInput = Extract<Input, { readonly kind: 'set-env' | 'unset-env' | 'reset-env' }>;

const change = (world: World, input: EnvironmentInput, env: Environment): Environment => {
  if (input.kind === 'reset-env') return env;
  if (input.kind === 'unset-env') return input.names.reduce((rest, name) => world.rules.unset(rest, name), env);
  const variables = input.variables.map((variable) => (variable.includes('=') ? variable : `${variable}=`));
  return merge(env, input.retain ? variables.filter((variable) => !has(env, nameOf(variable))) : variables);
};

const forInstance = (world: World, input: EnvironmentInput, instance: Instance): Reply => {
  const { jobClass, definition } = instance;
  const env =
    input.kind === 'reset-env'
      ? startEnvironment(world, jobClass.session, definition, [])
      : change(world, input, instance.env);
  const refusal = environmentRefusal(world, input.session, env, instance.env);
  if (refusal) return refusal;
  instance.env = env;
  return { ok: true, instance: instance.ref };
};

/** The session's table, and with it every instance there is (Q6). */
const forSession = (world: World, input: EnvironmentInput): Reply => {
  const session = sessionOf(world, input.session);
  if (input.kind === 'reset-env') {
    session.env = session.initialEnv;
    return { ok: true };
  }
  const env = change(world, input, session.env);
  const refusal = environmentRefusal(world, input.session, env, session.env);
  if (refusal) return refusal;
  session.env = env;
  for (const jobClass of session.classes.values()) {
    for (const instance of jobClass.instances.values()) instance.env = change(world, input, instance.env);
  }
  return { ok: true };
};

const perform = (world: World, input: EnvironmentInput): Reply => {
  const { target, session } = input;
  if (!target) return forSession(world, input);
  const jobClass = findClass(world, session, target.job);
  if (!jobClass) return unknownJob(target.job);
  const instance = jobClass.instances.get(target.instance);
  if (!instance) return failure('UnknownJobInstance', `Unknown instance: ${target.instance}`);
  return forInstance(world, input, instance);
};

/** Change the environment table or one instance's environment. @see spec: engine.md 4.1 */
export const environmentCommand = (world: World, input: EnvironmentInput): void =>
  answer(world, input.request, perform(world, input));
