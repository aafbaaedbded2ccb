import { defineJob, type JobConf, type JobDefinition } from '@maverick/conf';
import type { JobCommand, UpstartModel } from '@maverick/dbus';
import {
  type InstanceRef,
  type InstanceView,
  type JobView,
  type LogPriority,
  type Reply,
  SYSTEM,
} from '@maverick/engine';

/** A daemon without processes behind the real D-Bus surface. `calls` is what it was asked to do. */
export interface FakeModel extends UpstartModel {
  readonly calls: string[];
}

/** How the fake daemon is to answer a command, where it is not to carry it out. */
export type Answers = Readonly<Record<string, Extract<Reply, { ok: false }>>>;

const failed = (code: Extract<Reply, { ok: false }>['code'], message: string) =>
  ({ ok: false, code, message }) as const;

/** `instance $X` and `instance` without variables, which is all that these tests need. */
const expandInstance = ({ instance: pattern, usage }: JobDefinition, env: readonly string[]) => {
  if (!pattern.startsWith('$')) return { ok: true, name: pattern } as const;
  const key = pattern.slice(1);
  const entry = env.find((candidate) => candidate.startsWith(`${key}=`));
  return entry === undefined
    ? failed('InvalidArgs', `Unknown parameter: ${key}${usage === undefined ? '' : `\nUsage: ${usage}`}`)
    : ({ ok: true, name: entry.slice(key.length + 1) } as const);
};

const FIRST_PID = 1000;

class Model implements FakeModel {
  readonly version = 'init (upstart 1.13.2)';
  readonly calls: string[] = [];
  logPriority: LogPriority = 'message';
  readonly #jobs: Map<string, { definition: JobDefinition; instances: Map<string, InstanceView> }>;
  readonly #answers: Answers;
  #lastPid = FIRST_PID;

  constructor(jobs: Readonly<Record<string, JobConf>>, answers: Answers) {
    this.#jobs = new Map(
      Object.entries(jobs).map(([name, conf]) => [name, { definition: defineJob(conf), instances: new Map() }]),
    );
    this.#answers = answers;
  }

  setLogPriority(priority: LogPriority): void {
    this.logPriority = priority;
  }

  jobs(): JobView[] {
    return [...this.#jobs.keys()].flatMap((name) => this.job(name) ?? []);
  }

  job(name: string): JobView | undefined {
    const job = this.#jobs.get(name);
    return job && { session: SYSTEM, name, definition: job.definition, instances: [...job.instances.values()] };
  }

  instance(job: string, instance: string): InstanceView | undefined {
    return this.#jobs.get(job)?.instances.get(instance);
  }

  instanceName(job: string, env: readonly string[]) {
    return expandInstance(this.#jobs.get(job)?.definition ?? defineJob({}), env);
  }

  command(command: JobCommand, answer: (reply: Reply) => void): void {
    const { kind, job, env = [], wait } = command;
    this.calls.push([kind, job, ...env, ...(wait ? [] : ['without waiting'])].join(' '));
    const given = this.#answers[`${kind} ${job}`];
    const named = command.instance === undefined ? this.instanceName(job, env) : { ok: true, name: command.instance };
    if (given !== undefined) answer(given);
    else if ('name' in named) answer(this.#perform(kind, { session: SYSTEM, job, instance: named.name }));
    else answer(named);
  }

  reload(job: string, instance: string, answer: (reply: Reply) => void): void {
    this.calls.push(`reload ${job}/${instance}`);
    answer({ ok: true });
  }

  emit(event: Parameters<UpstartModel['emit']>[0], answer: (reply: Reply) => void): void {
    this.calls.push(['emit', event.name, ...event.env, ...(event.wait ? [] : ['without waiting'])].join(' '));
    answer(this.#answers[`emit ${event.name}`] ?? { ok: true });
  }

  reloadConfiguration(): void {
    this.calls.push('reload-configuration');
  }

  callerOf(): undefined {
    return undefined;
  }

  subscribe(): () => void {
    return () => {};
  }

  #perform(kind: JobCommand['kind'], ref: InstanceRef): Reply {
    const instances = this.#jobs.get(ref.job)?.instances;
    const label = ref.instance === '' ? ref.job : `${ref.job} (${ref.instance})`;
    if (instances === undefined) return failed('UnknownJob', `Unknown job: ${ref.job}`);
    if (kind === 'start') {
      if (instances.has(ref.instance)) return failed('AlreadyStarted', `Job is already running: ${label}`);
    } else if (!instances.has(ref.instance)) {
      return failed('UnknownInstance', `Unknown instance: ${ref.instance}`);
    }
    if (kind === 'stop') instances.delete(ref.instance);
    else instances.set(ref.instance, this.#running(ref));
    return { ok: true, instance: ref };
  }

  #running(ref: InstanceRef): InstanceView {
    const pid = ++this.#lastPid;
    return { ref, goal: 'start', state: 'running', processes: [{ role: 'main', process: pid, pid }], env: [] };
  }
}

/**
 * A model of these jobs, none of them running. What it starts gets the PIDs 1001, 1002 …
 * @param answers by command and job or event, such as `start foo` or `emit e`
 */
export const fakeModel = (jobs: Readonly<Record<string, JobConf>>, answers: Answers = {}): FakeModel =>
  new Model(jobs, answers);
