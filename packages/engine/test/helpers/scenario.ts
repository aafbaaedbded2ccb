import { type ProcessRole, signalName, signalNumber } from '@maverick/conf';
import { type Effect, type InstanceRef, type Semantics, SYSTEM } from '../../src/index.js';
import { Machine } from './machine.js';

/**
 * A tiny notation, so that a scenario is a few lines: each action returns what it caused, as one line.
 *
 * `a:running` a state (the `…ing` ones that are only passed through are left out), `a!stop` a goal, `+A` `=A` `-A` an event
 * queued, handled and finished (`-A!`: failed), `[a main]` a process started, `TERM(a main)` signalled, `1.ok` the answer
 * to the first request, `#…` anything else.
 */

const PASSED = new Set([
  'security-spawning',
  'security',
  'pre-starting',
  'spawning',
  'post-starting',
  'pre-stopping',
  'post-stopping',
]);

const label = ({ job, instance }: InstanceRef): string => (instance === '' ? job : `${job}/${instance}`);

const token = (effect: Effect): string | undefined => {
  switch (effect.kind) {
    case 'state-changed':
      return PASSED.has(effect.to) ? undefined : `${label(effect.instance)}:${effect.to}`;
    case 'goal-changed':
      return `${label(effect.instance)}!${effect.to}`;
    case 'event-queued':
      return `+${effect.name}`;
    case 'event-handling':
      return `=${effect.name}`;
    case 'event-finished':
      return `-${effect.name}${effect.failed ? '!' : ''}`;
    case 'spawn':
      return `[${label(effect.instance)} ${effect.role}]`;
    case 'kill':
      return `${signalName(effect.signal) ?? effect.signal}(${label(effect.instance)} ${effect.role})`;
    case 'continue':
      return `CONT(${label(effect.instance)} ${effect.role})`;
    case 'reply':
      return `${effect.request}.${effect.reply.ok ? 'ok' : effect.reply.code}`;
    case 'job-failed':
      return `#failed ${label(effect.instance)} ${effect.process} ${effect.status}`;
    case 'start-loop':
    case 'start-refused':
    case 'start-timed-out':
    case 'job-respawning':
    case 'job-respawn-limit':
    case 'respawn-delayed':
    case 'watchdog-expired':
      return `#${effect.kind} ${label(effect.instance)}`;
    case 'instance-unnamed':
      return `#unnamed ${effect.job}: ${effect.message}`;
    case 'hook-timed-out':
      return `#hook-timed-out ${effect.job} ${effect.name} ${label(effect.hook)}`;
    case 'while-cycle':
      return `#cycle ${effect.job}`;
    case 'deadlock':
      return '#deadlock';
    case 'close-fd':
      return `#close ${effect.fd}`;
    case 'exit':
      return '#exit';
    default:
      return undefined;
  }
};

interface Asked {
  readonly env?: readonly string[];
  readonly wait?: boolean;
  /** The process that asks: `[job, role]`. */
  readonly by?: readonly [job: string, role: ProcessRole];
  readonly instance?: string;
}

export class Scenario {
  readonly machine: Machine;
  readonly load: string;

  constructor(jobs: Readonly<Record<string, string>>, semantics: Semantics) {
    this.machine = new Machine({ semantics });
    for (const [job, text] of Object.entries(jobs)) this.machine.define(job, text);
    this.load = this.#seen();
  }

  emit(name: string, { env = [], wait = true, by }: Asked = {}): string {
    return this.#send({ kind: 'emit', session: SYSTEM, name, env, wait, ...this.#asked(by) });
  }

  start(job: string, asked: Asked = {}): string {
    return this.#command('start', job, asked);
  }

  stop(job: string, asked: Asked = {}): string {
    return this.#command('stop', job, asked);
  }

  restart(job: string, asked: Asked = {}): string {
    return this.#command('restart', job, asked);
  }

  /** `status`: an exit code, or a signal's name. */
  exit(job: string, status: number | string, role: ProcessRole = 'main', instance = ''): string {
    const process = this.#process(job, role, instance);
    if (typeof status === 'number') this.machine.exit(process, { kind: 'exited', code: status });
    else this.machine.exit(process, { kind: 'signalled', signal: signalNumber(status) ?? 0 });
    return this.#seen();
  }

  /** A process reports: `process-stopped` with SIGSTOP, or another of the bare inputs. */
  ready(job: string, how: 'process-ready' | 'process-execed' | 'process-alive' | 'stopped' = 'stopped'): string {
    const process = this.#process(job, 'main', '');
    return this.#send(how === 'stopped' ? { kind: 'process-stopped', process, signal: 19 } : { kind: how, process });
  }

  fork(job: string): string {
    return this.#send({ kind: 'process-forked', process: this.#process(job, 'main', ''), pid: 4711 });
  }

  advance(seconds: number): string {
    this.machine.advance(seconds);
    return this.#seen();
  }

  define(job: string, text: string): string {
    this.machine.define(job, text);
    return this.#seen();
  }

  remove(job: string): string {
    return this.#send({ kind: 'remove-job', session: SYSTEM, name: job });
  }

  quiesce(type: 'logout' | 'shutdown'): string {
    return this.#send({ kind: 'quiesce', type });
  }

  /** Send any input; returns what it causes. */
  send(input: Parameters<Machine['send']>[0]): string {
    return this.#send(input);
  }

  /** Goal and state of every instance: `a=start/running b/1=stop/killed`. */
  status(): string {
    const instances = this.machine.engine.jobs(SYSTEM).flatMap((job) => job.instances);
    return instances.map(({ ref, goal, state }) => `${label(ref)}=${goal}/${state}`).join(' ');
  }

  env(job: string, role: ProcessRole = 'main', instance = ''): readonly string[] {
    return this.machine.find(job, role, instance)?.env ?? [];
  }

  #process(job: string, role: ProcessRole, instance: string): number {
    const found = this.machine.find(job, role, instance);
    if (!found) throw new Error(`${job} has no ${role} process`);
    return found.process;
  }

  #asked(by: Asked['by']) {
    const request = this.machine.nextRequest();
    const caller = by && this.machine.find(...by);
    return caller ? { request, caller: this.machine.callerOf(caller) } : { request };
  }

  #command(kind: 'start' | 'stop' | 'restart', job: string, { env, wait = true, by, instance }: Asked): string {
    const named = instance === undefined ? {} : { instance };
    const given = env ? { env } : {};
    return this.#send({ kind, session: SYSTEM, job, wait, ...given, ...named, ...this.#asked(by) });
  }

  #send(input: Parameters<Machine['send']>[0]): string {
    this.machine.send(input);
    return this.#seen();
  }

  #seen(): string {
    return this.machine.effects
      .splice(0)
      .flatMap((effect) => token(effect) ?? [])
      .join(' ');
  }
}

export const maverick = (jobs: Readonly<Record<string, string>>): Scenario => new Scenario(jobs, 'maverick');
export const upstart = (jobs: Readonly<Record<string, string>>): Scenario => new Scenario(jobs, 'upstart');
