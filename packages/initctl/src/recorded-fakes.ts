import type { ExitStatus, ProcessRole } from '@maverick/conf';
import type { FakeCall, FakeProcess, FakeProcesses, Input } from '@maverick/engine';
import { isRole } from './fake-options.js';

/** A line of the journal, as far as it tells of processes. */
export interface ProcessLine {
  readonly at: number;
  readonly what: string;
  readonly job?: string;
  readonly instance?: string;
  readonly role?: unknown;
  readonly pid?: unknown;
  readonly status?: unknown;
  readonly from?: unknown;
  readonly to?: unknown;
  /** Of a beginning of the daemon: its jobs are those of the one before. */
  readonly continued?: unknown;
  /** The engine's number, where a process is asked for. */
  readonly process?: unknown;
  readonly input?: unknown;
  /** Of an input. */
  readonly number?: unknown;
  /** Of an answer. */
  readonly request?: unknown;
  readonly cause?: { readonly input: number } | undefined;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

interface Run {
  readonly job: string;
  readonly role: ProcessRole;
  readonly startedAt: number;
  /** It was told to end. */
  told: boolean;
  readonly calls: Writable<FakeCall>[];
  /** When it last did something, or was given the answer to its last call. */
  lastAt: number;
}

/** A call that is not answered yet. */
interface Pending {
  readonly run: Run;
  readonly call: Writable<FakeCall>;
  /** The number of its input. */
  readonly input: unknown;
}

type Call = Extract<Input, { readonly kind: FakeCall['kind'] }>;

const CALLS = { emit: true, start: true, stop: true, restart: true } as const satisfies Record<FakeCall['kind'], true>;

const isCall = (input: unknown): input is Call =>
  typeof input === 'object' && input !== null && Object.hasOwn(CALLS, (input as Input).kind);

/** What is said of a call, its time apart. */
const callOf = (input: Call): FakeCall => {
  const env = input.env && input.env.length > 0 ? { env: input.env } : {};
  if (input.kind === 'emit') return { kind: 'emit', name: input.name, ...env, wait: false };
  const { kind, job, instance } = input;
  return { kind, job, ...(instance === undefined ? {} : { instance }), ...env, wait: false };
};

/** Learns of processes line by line. */
class Recorder {
  readonly fakes = new Map<string, Map<ProcessRole, FakeProcess>>();
  readonly #runs = new Map<string, Run>();
  /** Which run's process has a number. */
  readonly #keys = new Map<unknown, string>();
  readonly #pending = new Map<unknown, Pending>();

  /** How each kind of line is taken. */
  readonly #takes: Readonly<Record<string, (line: ProcessLine) => void>> = {
    began: (line) => this.#began(line),
    spawn: (line) => void this.#keys.set(line.process, keyOf(line)),
    'process-started': (line) => this.#started(line),
    'state-changed': (line) => this.#changed(line),
    input: (line) => this.#called(line),
    reply: (line) => this.#answered(line),
    kill: (line) => this.#killed(line),
    'process-ended': (line) => this.#ended(line),
  };

  take(line: ProcessLine): void {
    if (Object.hasOwn(this.#takes, line.what)) this.#takes[line.what]?.(line);
  }

  #learn({ job, role, calls }: Run, facts: FakeProcess = {}): void {
    const ofJob = this.fakes.get(job) ?? new Map<ProcessRole, FakeProcess>();
    this.fakes.set(job, ofJob);
    ofJob.set(role, { ...ofJob.get(role), ...(calls.length > 0 ? { calls } : {}), ...facts });
  }

  /** Whose end was not seen: it is another daemon that tells of the next one. */
  #began({ continued }: ProcessLine): void {
    if (continued === true) return;
    this.#runs.clear();
    this.#keys.clear();
    this.#pending.clear();
  }

  #started(line: ProcessLine): void {
    const { job, role, at } = line;
    if (job === undefined || typeof role !== 'string' || !isRole(role)) return;
    this.#runs.set(keyOf(line), { job, role, startedAt: at, told: false, calls: [], lastAt: at });
    this.fakes.get(job)?.delete(role);
  }

  #changed(line: ProcessLine): void {
    if (line.from !== 'spawned' || line.to === 'stopping') return;
    const run = this.#runs.get(keyOf(line, 'main'));
    if (run) this.#learn(run, { readyAfterMs: line.at - run.startedAt });
  }

  #called({ at, input, number }: ProcessLine): void {
    if (!isCall(input) || input.caller === undefined) return;
    const run = this.#runs.get(this.#keys.get(input.caller.process) ?? '');
    if (run === undefined) return;
    const call: Writable<FakeCall> = { ...callOf(input), afterMs: at - run.lastAt };
    run.calls.push(call);
    run.lastAt = at;
    this.#pending.set(input.request, { run, call, input: number });
    this.#learn(run);
  }

  /** Who has made another call meanwhile, or has ended, had not waited. */
  #answered({ request, at, cause }: ProcessLine): void {
    const pending = this.#pending.get(request);
    this.#pending.delete(request);
    if (pending === undefined || cause?.input === pending.input || pending.run.calls.at(-1) !== pending.call) return;
    pending.call.wait = true;
    pending.run.lastAt = at;
  }

  #killed(line: ProcessLine): void {
    const run = this.#runs.get(keyOf(line));
    if (run) run.told = true;
  }

  #ended(line: ProcessLine): void {
    const key = keyOf(line);
    const run = this.#runs.get(key);
    if (run === undefined) return;
    this.#runs.delete(key);
    for (const [request, pending] of this.#pending) if (pending.run === run) this.#pending.delete(request);
    if (!run.told) this.#learn(run, { runsForMs: line.at - run.lastAt, exit: line.status as ExitStatus });
  }
}

const keyOf = ({ job, instance, role }: ProcessLine, of = role): string => JSON.stringify([job, instance ?? '', of]);

/**
 * What processes did, from the journal: how long each ran that ended by itself, how it ended, how long a service took to
 * be ready, and what each has called: events that it emitted, jobs that it started. Of several runs the newest counts.
 * @param lines the oldest first
 */
export const recordedFakes = (lines: Iterable<ProcessLine>): FakeProcesses => {
  const recorder = new Recorder();
  for (const line of lines) recorder.take(line);
  return Object.fromEntries([...recorder.fakes].map(([job, roles]) => [job, Object.fromEntries(roles)]));
};
