import type { ExitStatus, ProcessRole } from '@maverick/conf';
import { signalName } from '@maverick/conf';
import { fail } from './failure.js';
import { displayName, type Instance } from './instance.js';
import { forgetProcess, processName, processOf, withPid } from './process.js';
import { mayRespawn } from './respawn.js';
import { advance, isAwaited } from './transition.js';
import { emitEffect, log, type Process, type World } from './world.js';

/** The number that stands for an exit status: the code, or the signal × 256. */
const statusNumber = (status: ExitStatus): number => (status.kind === 'exited' ? status.code : status.signal << 8);

const isNormal = ({ definition }: Instance, status: ExitStatus): boolean =>
  definition.conf.normalExit.some((normal) => statusNumber(normal) === statusNumber(status));

const logEnd = (world: World, instance: Instance, process: Process, status: ExitStatus): void => {
  const name = `${processName(instance, process.role)}${withPid(process)}`;
  const priority = isNormal(instance, status) ? 'info' : 'warn';
  if (status.kind === 'signalled') {
    const signal = signalName(status.signal) ?? String(status.signal);
    log(world, priority, `${name} killed by ${signal} signal`, instance.ref);
  } else if (status.code === 0) log(world, 'info', `${name} exited normally`, instance.ref);
  else log(world, priority, `${name} terminated with status ${status.code}`, instance.ref);
};

/** What became of a main process that nobody had asked to end. */
type MainEnd = 'finished' | 'respawn' | 'too-fast' | 'failed';

/** @see spec: engine.md 1.5 */
const judgeMain = (world: World, instance: Instance, { hung }: Process, status: ExitStatus): MainEnd => {
  const { task, respawn } = instance.definition.conf;
  const isService = !task;
  if (!hung && statusNumber(status) === 0 && !(respawn && isService)) return 'finished';
  if (!hung && isNormal(instance, status)) return 'finished';
  if (!respawn || world.quiesce) return 'failed';
  return mayRespawn(instance, Math.floor(world.now / 1000)) ? 'respawn' : 'too-fast';
};

/** Post-start and pre-stop are awaited though main is gone. */
const awaitsAnother = (instance: Instance): boolean =>
  (instance.state === 'post-start' || instance.state === 'pre-stop') && instance.processes.has(instance.state);

const respawn = (world: World, instance: Instance): void => {
  log(world, 'warn', `${displayName(instance.ref)} main process ended, respawning`, instance.ref);
  emitEffect(world, { kind: 'job-respawning', instance: instance.ref });
  world.rules.respawn(world, instance, awaitsAnother(instance));
  if (!awaitsAnother(instance)) advance(world, instance);
};

const respawnTooFast = (world: World, instance: Instance): void => {
  log(world, 'warn', `${displayName(instance.ref)} respawning too fast, stopped`, instance.ref);
  emitEffect(world, { kind: 'job-respawn-limit', instance: instance.ref });
  fail(world, instance, 'respawn', -1);
};

const mainEnded = (world: World, instance: Instance, process: Process, status: ExitStatus) => {
  const { state } = instance;
  if (state === 'killed') return advance(world, instance);
  if (state !== 'spawned' && state !== 'post-start' && state !== 'running' && state !== 'pre-stop') return;
  const end = world.rules.isEndAwaited(instance) ? undefined : judgeMain(world, instance, process, status);
  if (end === 'respawn') return respawn(world, instance);
  if (end === 'too-fast') respawnTooFast(world, instance);
  if (end === 'failed') fail(world, instance, 'main', statusNumber(status));
  if (end !== undefined) world.rules.giveUp(world, instance, end === 'finished');
  // In `running` the goal itself has moved the instance on.
  if (instance.state === state && state !== 'running' && !awaitsAnother(instance)) advance(world, instance);
};

/** The processes whose failure fails the job. */
const FAILING: ReadonlySet<ProcessRole> = new Set(['pre-start', 'post-stop']);

const otherEnded = (world: World, instance: Instance, process: Process, status: ExitStatus): void => {
  const { role } = process;
  if (!isAwaited(instance, role)) return;
  if (FAILING.has(role) && !process.signalled && statusNumber(status) !== 0) {
    fail(world, instance, role, statusNumber(status));
    world.rules.giveUp(world, instance, false);
  }
  advance(world, instance);
};

/** A process has ended. @see spec: engine.md 1.5 */
export const processEnded = (world: World, instance: Instance, process: Process, status: ExitStatus): void => {
  logEnd(world, instance, process, status);
  forgetProcess(world, instance, process);
  if (process.role === 'main') mainEnded(world, instance, process, status);
  else otherEnded(world, instance, process, status);
};

/** A process never came to be. @see spec: engine.md 1.5 */
export const spawnFailed = (world: World, instance: Instance, process: Process): void => {
  forgetProcess(world, instance, process);
  const { role } = process;
  const { state } = instance;
  const awaited = role === 'main' ? state === 'spawned' || state === 'killed' : isAwaited(instance, role);
  if (!awaited) return;
  const failing = role === 'main' ? state === 'spawned' : role === 'security' || FAILING.has(role);
  if (failing && !process.signalled) {
    fail(world, instance, role, -1);
    world.rules.giveUp(world, instance, false);
  }
  if (role === 'security' && !world.rules.advancesAfterSecurity) return;
  if (instance.state === state && processOf(world, instance, role) === undefined) advance(world, instance);
};
