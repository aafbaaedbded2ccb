import { loadPackage } from './arguments.mjs';

const { signalName } = await loadPackage('@maverick/conf');

/** `JOB` or `JOB[INSTANCE]`: how scenarios name an instance. */
export const label = ({ job, instance }) => (instance === '' ? job : `${job}[${instance}]`);

/** An exit status as scenarios write it: a code, or the name of a signal. */
export const statusLabel = (status) =>
  status.kind === 'exited' ? String(status.code) : (signalName(status.signal) ?? String(status.signal));

const eventLabel = ({ name, hook }) => `event ${name}${hook ? ` ${label(hook)}` : ''}`;

const replyLabel = (reply) => (reply.ok ? 'ok' : reply.code);

const nodeLabel = (node, idOf) => {
  switch (node.kind) {
    case 'job':
      return `job ${label(node.instance)}`;
    case 'event':
      return eventLabel(node);
    case 'call':
      return `${node.call} of ${node.instance ? label(node.instance) : node.target} ${idOf(node.request)}`;
    default:
      throw new Error(`unknown node ${JSON.stringify(node)}`);
  }
};

const OBSERVATIONS = {
  'goal-changed': ({ instance, from, to }) => `goal ${label(instance)} ${from}>${to}`,
  'state-changed': ({ instance, from, to }) => `state ${label(instance)} ${from}>${to}`,
  'event-queued': ({ name, env }) => ['event+', name, ...env].join(' '),
  'event-handling': ({ name }) => `event= ${name}`,
  'event-finished': ({ name, failed }) => `event- ${name}${failed ? ' failed' : ''}`,
  spawn: ({ instance, role }) => `spawn ${label(instance)} ${role}`,
  kill: ({ instance, role, signal }) => `kill ${label(instance)} ${role} ${signalName(signal) ?? signal}`,
  continue: ({ instance, role }) => `continue ${label(instance)} ${role}`,
  'process-moved': ({ instance, role }) => `forked ${label(instance)} ${role}`,
  'job-respawning': ({ instance }) => `respawn ${label(instance)}`,
  'job-respawn-limit': ({ instance }) => `respawn-limit ${label(instance)}`,
  'job-failed': ({ instance }) => `failed ${label(instance)}`,
  'instance-removed': ({ instance }) => `destroy ${label(instance)}`,
  'instance-unnamed': ({ job, message }) => `warn instance ${job}: ${message}`,
  'start-loop': ({ instance }) => `warn loop ${label(instance)}`,
  'start-refused': ({ instance }) => `refused ${label(instance)}`,
  'start-timed-out': ({ instance }) => `start-timeout ${label(instance)}`,
  'hook-timed-out': (effect) => `hook-timeout ${effect.job} ${eventLabel(effect)}`,
  'while-cycle': ({ job }) => `warn cycle ${job}`,
  deadlock: ({ chain }, idOf) => `deadlock ${chain.map((node) => nodeLabel(node, idOf)).join(' > ')}`,
  reply: ({ request, reply }, idOf) => `reply ${idOf(request)} ${replyLabel(reply)}`,
  exit: () => 'init-exit',
};

/**
 * What a scenario shows of an effect.
 * @param effect an effect of the engine
 * @param {(request: number) => string | undefined} idOf the scenario's name of a request; undefined: not shown
 * @returns {string | undefined} undefined for what scenarios do not show
 */
export const observation = (effect, idOf) => {
  if (effect.kind === 'reply' && idOf(effect.request) === undefined) return undefined;
  return OBSERVATIONS[effect.kind]?.(effect, idOf);
};
