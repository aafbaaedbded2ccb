import type { ProcessRole } from '@maverick/conf';
import {
  type Cause,
  type EngineOptions,
  type Input,
  type InstanceRef,
  JOB_STATES,
  type JobState,
  type JournalKind,
  type JournalLine,
  type ProcessId,
  type RequestId,
  type StateRow,
  type TimerId,
  TRANSITIONS,
} from '@maverick/engine';
import type { EventFact, History, InputFact, Moment, ProcessFact, Run } from './history.js';
import type { LineFilter } from './journal-text.js';
import { snapshotFacts } from './snapshot-facts.js';

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Lines of one kind as the journal's writer makes them. A line without them is passed over. */
interface Told {
  readonly input: JournalLine & { readonly number: number; readonly input: Input };
  readonly event: JournalLine & EventFact & { readonly event: number };
  readonly change: JournalLine &
    InstanceRef & { readonly from: JobState; readonly to: JobState; readonly cause: Cause };
  readonly process: JournalLine & InstanceRef & ProcessFact & { readonly cause: Cause };
  readonly reply: JournalLine & { readonly request: RequestId; readonly cause: Cause };
}

const refOf = ({ session = '', job = '', instance = '' }: JournalLine): InstanceRef => ({ session, job, instance });
const keyOf = ({ session, job, instance }: InstanceRef): string => `${session}\0${job}\0${instance}`;
const momentOf = ({ at, time }: JournalLine): Moment => ({ at, time });

/* What there are tens of thousands of is made without a spread: that takes twenty times as long. */

const factOf = ({ number, input, at, time }: Told['input']): InputFact => {
  const fact: Writable<InputFact> = { at, time, number, kind: input.kind };
  const name = input.kind === 'emit' ? input.name : 'job' in input ? input.job : undefined;
  if (typeof name === 'string') fact.name = name;
  if ('process' in input) fact.process = input.process;
  if ('timer' in input) fact.timer = input.timer;
  if ('caller' in input && input.caller) fact.caller = input.caller;
  if ('status' in input) fact.status = input.status;
  return fact;
};

/** States that are left in the moment in which they are entered. */
const PASSING = JOB_STATES.filter((state) => {
  const row: StateRow = TRANSITIONS[state];
  return row.awaits.kind === 'nothing';
});

/** The number of a process of which nothing was told that has one. */
const UNNUMBERED = 0;

/** What is known of an instance between its runs. */
interface Place {
  run: Run | undefined;
  startCause: Cause | undefined;
  isRespawn: boolean;
}

/** Makes a history of lines, one after the other. */
export class HistoryReader {
  #began: History['began'];
  #isCut = true;
  #first: JournalLine | undefined;
  /** From here on nothing is missing: the first line, or the first after lost ones. */
  #from: JournalLine | undefined;
  #last: JournalLine | undefined;
  readonly #runs: Run[] = [];
  readonly #places = new Map<string, Place>();
  readonly #tasks = new Map<string, boolean>();
  readonly #events = new Map<number, EventFact>();
  readonly #inputs = new Map<number, InputFact>();
  readonly #processes = new Map<ProcessId, ProcessFact>();
  /** Those of each instance that have not ended, by role: what the supervisor tells has no process number. */
  readonly #living = new Map<string, ProcessFact>();
  /** Those of cut runs that have ended: the engine's number is told next, when it hears of it. */
  readonly #unnumbered: Writable<ProcessFact>[] = [];
  readonly #timers = new Map<TimerId, Cause>();
  /** Calls of processes that are not answered yet. */
  readonly #calls = new Map<RequestId, InputFact>();
  #lostLines = 0;

  /** How each kind is taken. Kinds that are not here tell nothing that a history has. */
  readonly #takes = {
    began: (line) => this.#begin(line),
    input: (line) => this.#input(line as Told['input']),
    'goal-changed': (line) => this.#goal(line as Told['change']),
    'state-changed': (line) => this.#state(line as Told['change']),
    'job-failed': (line) => this.#failed(line),
    'job-respawning': (line) => this.#respawns(line),
    'event-queued': (line) => this.#emitted(line as Told['event']),
    spawn: (line) => this.#asked(line as Told['process']),
    'process-started': (line) => this.#started(line as Told['process']),
    'process-moved': (line) => this.#moved(line as Told['process']),
    'process-ended': (line) => this.#ended(line as Told['process']),
    'spawn-failed': (line) => this.#unstarted(line as Told['process']),
    reply: (line) => this.#answered(line as Told['reply']),
    'set-timer': (line) => void (line.cause && this.#timers.set(line['timer'] as TimerId, line.cause)),
    snapshot: (line) => this.#snapshot(line),
    'journal-dropped': (line) => this.#lost(line),
  } as const satisfies Partial<Record<JournalKind, (line: JournalLine) => void>>;

  readonly #takers: ReadonlyMap<string, (line: JournalLine) => void> = new Map(Object.entries(this.#takes));

  /** The lines that a history is made of: half of a journal. */
  static readonly filter: LineFilter = {
    kinds: new Set(Object.keys(new HistoryReader().#takes)),
    // As the writer of the journal spells it: nothing else has these quotes without a backslash.
    without: { 'state-changed': new RegExp(`"to":"(?:${PASSING.join('|')})"`) },
  };

  take(line: JournalLine): void {
    // One that tells of lost lines has no time.
    if (line.at !== undefined) {
      this.#first ??= line;
      this.#from ??= line;
      this.#last = line;
    }
    this.#takers.get(line.what)?.(line);
  }

  /** @returns undefined where no line was taken */
  get history(): History | undefined {
    if (this.#first === undefined || this.#last === undefined) return undefined;
    return {
      isCut: this.#isCut,
      ...(this.#began ? { began: this.#began } : {}),
      from: momentOf(this.#first),
      to: momentOf(this.#last),
      runs: this.#runs,
      events: this.#events,
      inputs: this.#inputs,
      processes: this.#processes,
      timers: this.#timers,
      lostLines: this.#lostLines,
    };
  }

  #begin(line: JournalLine): void {
    if (line['continued'] === true) return;
    const options = (line['options'] ?? {}) as EngineOptions;
    this.#began = { ...momentOf(line), pid: Number(line['pid']), options };
    this.#isCut = false;
  }

  /** What is known already is known better. */
  #snapshot(line: JournalLine): void {
    const { began, events, inputs, runs, tasks } = snapshotFacts(line);
    this.#began ??= began;
    for (const task of tasks) this.#tasks.set(task, true);
    for (const event of events) if (!this.#events.has(event.number)) this.#events.set(event.number, event);
    for (const input of inputs) if (!this.#inputs.has(input.number)) this.#inputs.set(input.number, input);
    for (const run of runs) this.#underWay(run);
  }

  #underWay(run: Run): void {
    const key = keyOf(run.ref);
    const place = this.#place(run.ref);
    if (place.run === undefined) {
      place.run = run;
      this.#runs.push(run);
    } else if (!place.run.hasBeginning && run.hasBeginning) {
      const { began, startCause, ranFrom } = run;
      const known = ranFrom === undefined ? { began, startCause } : { began, startCause, ranFrom };
      Object.assign(place.run, { ...known, hasBeginning: true });
      return;
    } else return;
    for (const fact of run.processes) {
      this.#processes.set(fact.process, fact);
      this.#living.set(`${key}\0${fact.role}`, fact);
    }
  }

  #input(line: Told['input']): void {
    const { input, number } = line;
    if (typeof input !== 'object' || input === null) return;
    const fact = factOf(line);
    this.#inputs.set(number, fact);
    if (input.kind === 'process-exited') this.#numbered(fact);
    if (fact.caller && 'request' in input && input.request !== undefined) this.#calls.set(input.request, fact);
    if (input.kind === 'define-job') this.#tasks.set(`${input.session}\0${input.name}`, input.definition.task);
  }

  #place(ref: InstanceRef): Place {
    const key = keyOf(ref);
    const known = this.#places.get(key);
    if (known) return known;
    const place = { run: undefined, startCause: undefined, isRespawn: false };
    this.#places.set(key, place);
    return place;
  }

  #goal(line: Told['change']): void {
    const place = this.#place(refOf(line));
    // Goals are other words than states, in the same keys.
    const goal: string = line.to;
    if (goal === 'start') place.startCause = line.cause;
    // One that was asked to start and to stop before it could has no run.
    else if (place.run || place.startCause === undefined) this.#runOf(line).stopCause = line.cause;
  }

  /** The run that a line is about; one of which nothing was told before is cut. */
  #runOf(line: JournalLine): Writable<Run> {
    const ref = refOf(line);
    const place = this.#place(ref);
    if (place.run === undefined) {
      const isTask = this.#tasks.get(`${ref.session}\0${ref.job}`) ?? false;
      const began = momentOf(this.#from ?? line);
      place.run = {
        ref,
        began,
        isCut: true,
        hasBeginning: false,
        startCause: undefined,
        isRespawn: false,
        isTask,
        phases: [],
        processes: [],
      };
      this.#runs.push(place.run);
    }
    return place.run;
  }

  #state(line: Told['change']): void {
    const place = this.#place(refOf(line));
    const { to: state, at, cause } = line;
    if (state === 'starting') {
      if (place.run) place.run.ended = momentOf(line);
      place.run = this.#newRun(line, place);
      this.#runs.push(place.run);
    }
    const run = this.#runOf(line);
    const { phases } = run;
    // Taken over without a start: what led to that is told.
    if (line.from === 'waiting' && state !== 'starting') run.startCause = cause;
    else if (run.isCut && phases.length === 0) phases.push({ state: line.from, at: run.began.at, cause });
    // Most states are left at once: they are nothing to look at, and two thirds of all.
    if (phases.at(-1)?.at === at) phases.pop();
    phases.push({ state, at, cause });
    if (state === 'running' && !run.isCut) run.up ??= { at, cause };
    if (state !== 'waiting') return;
    run.ended = momentOf(line);
    this.#places.delete(keyOf(run.ref));
  }

  #newRun(line: Told['change'], place: Place): Run {
    const ref = refOf(line);
    const { startCause, isRespawn } = place;
    place.isRespawn = false;
    place.startCause = undefined;
    return {
      ref,
      began: momentOf(line),
      isCut: false,
      hasBeginning: true,
      startCause: startCause ?? line.cause,
      isRespawn,
      isTask: this.#tasks.get(`${ref.session}\0${ref.job}`) ?? false,
      phases: [],
      processes: [],
    };
  }

  #respawns(line: JournalLine): void {
    this.#place(refOf(line)).isRespawn = true;
  }

  #lost(line: JournalLine): void {
    this.#lostLines += Number(line['lines']);
    this.#from = undefined;
  }

  #failed(line: JournalLine): void {
    this.#runOf(line).failure ??= { process: String(line['process']), status: Number(line['status']) };
  }

  #emitted(line: Told['event']): void {
    const { event: number, at, time, session, name, env, cause } = line;
    this.#events.set(number, { at, time, number, session, name, env, cause });
  }

  #asked(line: Told['process']): void {
    const { process, role, at: askedAt, cause } = line;
    const instance = refOf(line);
    const fact: ProcessFact = { process, instance, role, askedAt, cause, answers: [] };
    this.#processes.set(process, fact);
    this.#living.set(`${keyOf(instance)}\0${role}`, fact);
    this.#runOf(line).processes.push(fact);
  }

  /** What was answered at once held nobody up. */
  #answered({ request, at, cause }: Told['reply']): void {
    const call = this.#calls.get(request);
    if (call?.caller === undefined) return;
    this.#calls.delete(request);
    if (cause.input !== call.number) this.#processes.get(call.caller.process)?.answers.push({ at, cause });
  }

  #livingOf(line: { readonly role: ProcessRole } & JournalLine): Writable<ProcessFact> | undefined {
    return this.#living.get(`${keyOf(refOf(line))}\0${line.role}`);
  }

  /** A process of which nothing was told before its end. */
  #met(line: Told['process']): Writable<ProcessFact> {
    const { pid, role } = line;
    const askedAt = (this.#from ?? line).at;
    const fact: ProcessFact = {
      process: UNNUMBERED,
      instance: refOf(line),
      role,
      askedAt,
      cause: undefined,
      answers: [],
    };
    if (pid !== undefined) fact.pid = pid;
    this.#runOf(line).processes.push(fact);
    this.#unnumbered.push(fact);
    return fact;
  }

  /** Ends are told to the engine in the order in which they are seen. */
  #numbered({ process, status }: InputFact): void {
    if (this.#unnumbered.length === 0 || process === undefined || this.#processes.has(process)) return;
    const end = JSON.stringify(status);
    const place = this.#unnumbered.findIndex((fact) => JSON.stringify(fact.status) === end);
    const [fact] = place < 0 ? [] : this.#unnumbered.splice(place, 1);
    if (fact) this.#processes.set(process, Object.assign(fact, { process }));
  }

  #started(line: Told['process']): void {
    const fact = this.#livingOf(line);
    if (fact && line.pid !== undefined) Object.assign(fact, { pid: line.pid, startedAt: line.at });
  }

  #moved({ process, pid }: Told['process']): void {
    const fact = this.#processes.get(process);
    if (fact && pid !== undefined) fact.pid = pid;
  }

  #ended(line: Told['process']): void {
    const fact = this.#livingOf(line) ?? this.#met(line);
    if (line.status) Object.assign(fact, { endedAt: line.at, status: line.status });
  }

  #unstarted(line: Told['process']): void {
    const fact = this.#livingOf(line);
    const failure = line['failure' as keyof typeof line] as { readonly message?: unknown } | undefined;
    if (fact) fact.failure = String(failure?.message ?? '');
  }
}
