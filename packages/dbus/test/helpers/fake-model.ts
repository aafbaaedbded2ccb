import { defineJob, type JobConf } from '@maverick/conf';
import {
  type InstanceView,
  type JobView,
  type LogPriority,
  type Notification,
  type Reply,
  SYSTEM,
} from '@maverick/engine';
import type { EnvironmentModel, JobCommand, ModelChange, UpstartModel, Waits } from '../../src/model.js';

const OK: Reply = { ok: true };
const CAUSE = { cause: { input: 1 } } as const;

type Distributed<T> = T extends unknown ? Omit<T, 'cause'> : never;

/** An instance, running with one main process unless said otherwise. */
export const instanceView = (job: string, instance = '', more: Partial<InstanceView> = {}): InstanceView => ({
  ref: { session: SYSTEM, job, instance },
  goal: 'start',
  state: 'running',
  processes: [{ role: 'main', process: 1, pid: 42 }],
  env: [],
  ...more,
});

/** A daemon without an engine: it has what it is given, writes down what it is asked, and answers as it is told. */
export class FakeModel implements UpstartModel {
  readonly version = 'init (upstart 1.13.2)';
  logPriority: LogPriority = 'message';
  readonly asked: unknown[] = [];
  reloads = 0;
  /** What commands and events are answered with, and when. Default: success at once, with the instance. */
  answering: (command: JobCommand | undefined, answer: (reply: Reply) => void) => void = (command, answer) =>
    answer(command ? { ok: true, instance: instanceView(command.job, command.instance).ref } : OK);
  naming: ReturnType<UpstartModel['instanceName']> = { ok: true, name: '' };
  table: string[] | undefined;
  private readonly classes = new Map<string, JobView>();
  private readonly listeners = new Set<(news: Notification | ModelChange) => void>();

  add(name: string, conf: JobConf = {}, instances: readonly InstanceView[] = []): this {
    this.classes.set(name, { session: SYSTEM, name, definition: defineJob(conf), instances });
    return this;
  }

  remove(name: string): void {
    this.classes.delete(name);
  }

  notify(...notifications: Distributed<Notification | ModelChange>[]): void {
    for (const notification of notifications) {
      for (const listener of this.listeners) listener({ ...notification, ...CAUSE } as Notification);
    }
  }

  get subscribers(): number {
    return this.listeners.size;
  }

  get environment(): EnvironmentModel {
    const set = (variables: string[]) => {
      this.table = variables;
    };
    return {
      list: (target) => (target ? [`IN=${target.job}/${target.instance}`] : (this.table ?? [])),
      set: (variables, replace, target, answer) => {
        this.asked.push({ set: variables, replace, target });
        set([...(this.table ?? []), ...variables]);
        answer(OK);
      },
      unset: (names, target, answer) => {
        this.asked.push({ unset: names, target });
        answer(OK);
      },
      reset: (target, answer) => {
        this.asked.push({ reset: true, target });
        set([]);
        answer(OK);
      },
    };
  }

  setLogPriority(priority: LogPriority): void {
    this.logPriority = priority;
  }

  jobs(): readonly JobView[] {
    return [...this.classes.values()];
  }

  job(name: string): JobView | undefined {
    return this.classes.get(name);
  }

  instance(job: string, instance: string): InstanceView | undefined {
    return this.classes.get(job)?.instances.find(({ ref }) => ref.instance === instance);
  }

  instanceName(job: string, env: readonly string[]): ReturnType<UpstartModel['instanceName']> {
    this.asked.push({ instanceName: job, env });
    return this.naming;
  }

  command(command: JobCommand, answer: (reply: Reply) => void, waits?: Waits): void {
    this.asked.push(command);
    this.answering(command, answer);
    waits?.(this.asked.length);
  }

  /** What is waited for after a hand-over, by number. */
  readonly awaited = new Map<number, (reply: Reply) => void>();

  awaitAnswer(token: number, answer: (reply: Reply) => void): void {
    this.awaited.set(token, answer);
  }

  reload(job: string, instance: string, answer: (reply: Reply) => void): void {
    this.asked.push({ reload: job, instance });
    this.answering(undefined, answer);
  }

  emit(event: Parameters<UpstartModel['emit']>[0], answer: (reply: Reply) => void, waits?: Waits): void {
    this.asked.push({ emit: event });
    this.answering(undefined, answer);
    waits?.(this.asked.length);
  }

  reloadConfiguration(): void {
    this.reloads++;
  }

  callerOf(): undefined {
    return undefined;
  }

  subscribe(listener: (news: Notification | ModelChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
