import { type ProcessRole, signalName } from '@maverick/conf';
import { type Environment, merge } from './environment.js';
import { displayName, type Instance } from './instance.js';
import { clearTimer, emitEffect, keepFds, log, type Process, setTimer, type World } from './world.js';

const SIGKILL = 9;

/** `JOB ROLE process`, as in the log. */
export const processName = (instance: Instance, role: ProcessRole): string =>
  `${displayName(instance.ref)} ${role} process`;

export const withPid = (process: Process): string => (process.pid === undefined ? '' : ` (${process.pid})`);

/** @see spec: engine.md 4.3 */
const processEnvironment = (instance: Instance, role: ProcessRole): Environment => {
  const stopEnv = role === 'pre-stop' || role === 'post-stop' ? (instance.stopEnv ?? []) : [];
  const { job, instance: name } = instance.ref;
  return merge(merge(instance.env, stopEnv), [`UPSTART_JOB=${job}`, `UPSTART_INSTANCE=${name}`]);
};

const request = (world: World, instance: Instance, role: ProcessRole, attempts: number): void => {
  const id = world.next.process++;
  instance.processes.set(role, id);
  instance.ranSince ??= world.now;
  world.processes.set(id, {
    id,
    instance: instance.id,
    role,
    askedAt: world.now,
    pid: undefined,
    signalled: false,
    attempts,
    hung: false,
    earlyEnd: undefined,
  });
  emitEffect(world, {
    kind: 'spawn',
    process: id,
    instance: instance.ref,
    role,
    definition: instance.definition.conf,
    env: processEnvironment(instance, role),
    fds: instance.fds.filter((fd) => world.fds.has(fd)),
  });
};

/** Ask for a process, where the definition has it. */
export const spawnProcess = (world: World, instance: Instance, role: ProcessRole): void => {
  if (role === 'main') instance.forks = 0;
  if (instance.definition.conf.processes[role]) request(world, instance, role, 0);
};

/** Ask once more for a process that could not be forked. */
export const spawnAgain = (world: World, instance: Instance, { role, attempts }: Process): void =>
  request(world, instance, role, attempts);

export const processOf = (world: World, instance: Instance, role: ProcessRole): Process | undefined => {
  const id = instance.processes.get(role);
  return id === undefined ? undefined : world.processes.get(id);
};

const signal = (world: World, instance: Instance, process: Process, number: number, group: boolean): void => {
  const name = signalName(number) ?? String(number);
  const what = `${processName(instance, process.role)}${withPid(process)}`;
  log(world, 'info', `Sending ${name} signal to ${what}`, instance.ref);
  const { role, id } = process;
  emitEffect(world, { kind: 'kill', process: id, instance: instance.ref, role, signal: number, group });
};

/** Tell a process to end, and kill it if it has not by the job's kill timeout. */
export const killProcess = (world: World, instance: Instance, role: ProcessRole, first?: number): void => {
  const process = processOf(world, instance, role);
  if (!process) return;
  const { killSignal, killTimeoutSeconds } = instance.definition.conf;
  process.signalled = true;
  clearTimer(world, instance.killTimer);
  instance.killTimer = undefined;
  if (killTimeoutSeconds === 0) signal(world, instance, process, SIGKILL, true);
  else {
    signal(world, instance, process, first ?? killSignal, true);
    const dueAt = world.rules.deadline(world.now, killTimeoutSeconds);
    instance.killTimer = setTimer(world, dueAt, { kind: 'kill', instance: instance.id, process: process.id });
  }
};

/** The kill timeout is over. */
export const killNow = (world: World, instance: Instance, process: Process): void => {
  instance.killTimer = undefined;
  signal(world, instance, process, SIGKILL, true);
};

/** Send the reload signal to the main process alone. */
export const reloadProcess = (world: World, instance: Instance, process: Process): void =>
  signal(world, instance, process, instance.definition.conf.reloadSignal, false);

/** Hand descriptors over to an instance, which gives back those that it had. */
export const giveFds = (world: World, instance: Instance, fds: readonly number[]): readonly number[] => {
  const before = instance.fds;
  keepFds(world, fds);
  instance.fds = fds;
  return before;
};

/** A process is no more. */
export const forgetProcess = (world: World, instance: Instance, process: Process): void => {
  world.processes.delete(process.id);
  if (instance.processes.get(process.role) === process.id) instance.processes.delete(process.role);
  const timer = instance.killTimer === undefined ? undefined : world.timers.get(instance.killTimer);
  if (timer?.purpose.kind === 'kill' && timer.purpose.process === process.id) {
    clearTimer(world, timer.id);
    instance.killTimer = undefined;
  }
};
