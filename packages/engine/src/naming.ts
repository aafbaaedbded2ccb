import { type EnvLookup, type Expansion, expand } from '@maverick/conf';
import type { Definition } from './definition.js';
import { type Environment, merge, valueIn, withClassEnvironment } from './environment.js';
import { type SessionId, SYSTEM } from './input.js';
import { sessionOf, type World } from './world.js';

export const lookup =
  (env: Environment): EnvLookup =>
  (name) =>
    valueIn(env, name);

/**
 * What an instance is started with: the environment table, the class's `env`, then what asks for the start. Only the system's jobs
 * may take a value from the embedder's own environment: whoever writes the others need not know what is in there.
 * @see spec: engine.md 4.2
 */
export const startEnvironment = (
  world: World,
  session: SessionId,
  definition: Definition,
  request: Environment,
): Environment => {
  const table = sessionOf(world, session).env;
  const given = withClassEnvironment(table, definition.conf.env, session === SYSTEM ? world.initEnv : table);
  return merge(given, request);
};

/** The name of the instance that would be started with this environment. @see spec: engine.md 1.2 */
export const instanceName = (definition: Definition, env: Environment): Expansion =>
  expand(definition.conf.instance, lookup(env));
