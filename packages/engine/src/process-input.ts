import { type ExitStatus, type Expect, signalName } from '@maverick/conf';
import { FORKS_EXPECTED } from './definition.js';
import type { Input, SpawnFailure } from './input.js';
import { displayName, type Instance } from './instance.js';
import { forgetProcess, processName, spawnAgain, withPid } from './process.js';
import { processEnded, spawnFailed } from './process-end.js';
import { advance } from './transition.js';
import { clearTimer, emitEffect, log, type Process, setTimer, type World } from './world.js';

const SIGSTOP = 19;
const FORK_RETRY_MS = 1000;

type ProcessInput = Extract<Input, { readonly process: number }>;

const isStarting = (instance: Instance, process: Process): boolean =>
  process.role === 'main' && instance.state === 'spawned' && instance.processes.get('main') === process.id;

const started = (world: World, instance: Instance, process: Process, pid: number): void => {
  process.pid = pid;
  log(world, 'info', `${processName(instance, process.role)} (${pid})`, instance.ref);
  if (isStarting(instance, process) && instance.definition.conf.expect === 'none') advance(world, instance);
  const { earlyEnd } = process;
  if (earlyEnd && world.processes.has(process.id)) ended(world, instance, process, earlyEnd);
};

const ended = (world: World, instance: Instance, process: Process, status: ExitStatus): void => {
  if (process.pid === undefined && world.rules.holdEarlyEnd(world, process, status)) return;
  processEnded(world, instance, process, status);
};

/** A fork that failed is tried again for a while: the lack of processes or memory may pass (Q14). */
const failed = (world: World, instance: Instance, process: Process, failure: SpawnFailure): void => {
  const name = displayName(instance.ref);
  if (failure.step === 'fork' && process.attempts < world.rules.forkRetries && !process.signalled) {
    log(world, 'warn', `Temporary process spawn error: ${failure.message}`, instance.ref);
    process.attempts += 1;
    const purpose = { kind: 'fork-again', instance: instance.id, process: process.id } as const;
    setTimer(world, world.now + FORK_RETRY_MS, purpose);
    return;
  }
  log(world, 'warn', `Failed to spawn ${name} ${process.role} process: ${failure.message}`, instance.ref);
  spawnFailed(world, instance, process);
};

/** The time to fork again has come, unless a stop has come before. */
export const forkAgain = (world: World, instance: Instance, process: Process) => {
  if (process.signalled) return spawnFailed(world, instance, process);
  forgetProcess(world, instance, process);
  spawnAgain(world, instance, process);
};

/** A result is overdue: the end of the process says that there was one. */
export const endUnconfirmed = (world: World, instance: Instance, process: Process): void => {
  if (process.earlyEnd) processEnded(world, instance, process, process.earlyEnd);
};

const stopped = (world: World, instance: Instance, process: Process, signal: number): void => {
  const name = `${processName(instance, process.role)}${withPid(process)}`;
  log(world, 'info', `${name} stopped by ${signalName(signal) ?? signal} signal`, instance.ref);
  const expected = instance.definition.conf.expect === 'stop' && signal === SIGSTOP;
  if (!expected || !isStarting(instance, process)) return;
  const { role, id } = process;
  emitEffect(world, { kind: 'continue', process: id, instance: instance.ref, role });
  advance(world, instance);
};

/** Whose main process may become another one: it forks away, or says so (`MAINPID` of sd_notify(3)). */
const MOVING: ReadonlySet<Expect> = new Set(['fork', 'daemon', 'notify']);

/**
 * Another process goes on in the place of the main one. That may also come late: a program that forks once more than its job
 * says is up before it has come to rest.
 */
const forked = (world: World, instance: Instance, process: Process, pid: number): void => {
  const { expect } = instance.definition.conf;
  if (process.role !== 'main' || !MOVING.has(expect)) return;
  const name = `${processName(instance, process.role)}${withPid(process)}`;
  log(world, 'info', `${name} became new process (${pid})`, instance.ref);
  process.pid = pid;
  emitEffect(world, { kind: 'process-moved', process: process.id, instance: instance.ref, role: process.role, pid });
  if (!isStarting(instance, process) || (expect !== 'fork' && expect !== 'daemon')) return;
  instance.forks += 1;
  if (instance.forks >= FORKS_EXPECTED[expect]) advance(world, instance);
};

/** A program that runs another after a fork is as far as it will come. @see spec: engine.md 5.5 */
const execed = (world: World, instance: Instance, process: Process): void => {
  const { expect } = instance.definition.conf;
  if (!isStarting(instance, process) || (expect !== 'fork' && expect !== 'daemon')) return;
  log(world, 'info', `${processName(instance, process.role)}${withPid(process)} executable changed`, instance.ref);
  if (instance.forks > 0) advance(world, instance);
};

/** Who tells of readiness: the process itself, or whoever follows its forks. */
const TOLD: ReadonlySet<Expect> = new Set(['notify', 'fd', 'fork', 'daemon']);

const ready = (world: World, instance: Instance, process: Process): void => {
  if (isStarting(instance, process) && TOLD.has(instance.definition.conf.expect)) advance(world, instance);
};

/** What has become of a process. News of one that is not known any more is stale and ignored. */
export const processInput = (world: World, input: ProcessInput) => {
  const process = world.processes.get(input.process);
  const instance = process && world.instances.get(process.instance);
  if (!process || !instance) return;
  if (input.kind !== 'process-exited') clearResultTimer(world, process);
  switch (input.kind) {
    case 'process-started':
      return started(world, instance, process, input.pid);
    case 'spawn-failed':
      return failed(world, instance, process, input.failure);
    case 'process-exited':
      return ended(world, instance, process, input.status);
    case 'process-stopped':
      return stopped(world, instance, process, input.signal);
    case 'process-forked':
      return forked(world, instance, process, input.pid);
    case 'process-execed':
      return execed(world, instance, process);
    case 'process-ready':
      return ready(world, instance, process);
    case 'process-alive':
      return process.role === 'main' ? world.rules.alive(world, instance) : undefined;
  }
};

const clearResultTimer = (world: World, process: Process): void => {
  if (!process.earlyEnd) return;
  for (const { id, purpose } of world.timers.values()) {
    if (purpose.kind === 'spawn-result' && purpose.process === process.id) clearTimer(world, id);
  }
};
