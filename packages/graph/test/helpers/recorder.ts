import { defineJob, type ExitStatus, type ProcessRole, parseConf } from '@maverick/conf';
import { type Effect, Engine, type Input, type InstanceRef, type JournalLine, SYSTEM } from '@maverick/engine';

type WithoutTime<T> = T extends unknown ? Omit<T, 'at'> : never;

const START = Date.UTC(2026, 0, 1);

/** Plays jobs without a process, and keeps the journal that a daemon would have written. Time goes on by `pass`. */
export class Recorder {
  readonly lines: JournalLine[] = [];
  readonly #engine = new Engine({ env: ['PATH=/bin'] });
  readonly #processes = new Map<number, { readonly instance: InstanceRef; readonly role: ProcessRole }>();
  readonly #pids = new Map<number, number>();
  #at: number;
  #pid = 100;

  /** @param at when the daemon begins, monotonic milliseconds */
  constructor(jobs: Readonly<Record<string, string>>, { at = 1000, continued = false } = {}) {
    this.#at = at;
    this.tell('began', { pid: 1, continued, inputs: 0, options: { env: ['PATH=/bin'] } });
    for (const [name, text] of Object.entries(jobs)) {
      const { conf, diagnostics } = parseConf(text);
      if (conf === undefined) throw new Error(`${name}: ${diagnostics[0]?.message}`);
      const definition = defineJob(conf);
      this.send({ kind: 'define-job', session: SYSTEM, name, definition });
    }
  }

  pass(ms: number): this {
    this.#at += ms;
    return this;
  }

  tell(what: string, details: object): void {
    this.lines.push({ at: this.#at, time: new Date(START + this.#at).toISOString(), what, ...details });
  }

  send(unstamped: WithoutTime<Input>): this {
    const input: Input = { ...unstamped, at: this.#at };
    this.tell('input', {
      session: 'session' in input ? input.session : undefined,
      number: this.#engine.inputs + 1,
      input,
    });
    for (const effect of this.#engine.dispatch(input)) this.#effect(effect);
    return this;
  }

  /** @param request the number of the call, which is answered when the event is handled */
  emit(name: string, env: readonly string[] = [], by?: string, request?: number): this {
    const caller = by === undefined ? {} : { caller: { instance: ref(by), process: this.processOf(by) } };
    const waits = request === undefined ? {} : { wait: true, request };
    return this.send({ kind: 'emit', session: SYSTEM, name, env, ...caller, ...waits });
  }

  /** The process of this job has executed its program. */
  started(job: string, role: ProcessRole = 'main'): this {
    this.#pid += 1;
    this.#pids.set(this.processOf(job, role), this.#pid);
    this.tell('process-started', { ...ref(job), role, pid: this.#pid });
    return this.send({ kind: 'process-started', process: this.processOf(job, role), pid: this.#pid });
  }

  ended(job: string, status: ExitStatus = { kind: 'exited', code: 0 }, role: ProcessRole = 'main'): this {
    const process = this.processOf(job, role);
    this.tell('process-ended', { ...ref(job), role, pid: this.#pids.get(process), status });
    this.#processes.delete(process);
    return this.send({ kind: 'process-exited', process, status });
  }

  processOf(job: string, role: ProcessRole = 'main'): number {
    const found = [...this.#processes].findLast(([, one]) => one.instance.job === job && one.role === role);
    if (found === undefined) throw new Error(`${job} has no ${role} process`);
    return found[0];
  }

  #effect({ kind, ...effect }: Effect): void {
    const { instance, definition: _, env, ...rest } = effect as Record<string, unknown>;
    this.tell(kind, { ...(instance as object), ...rest, ...(kind === 'spawn' ? {} : { env }) });
    if (kind === 'spawn') {
      this.#processes.set(rest['process'] as number, {
        instance: instance as InstanceRef,
        role: rest['role'] as ProcessRole,
      });
    }
  }
}

const ref = (job: string, instance = ''): InstanceRef => ({ session: SYSTEM, job, instance });
