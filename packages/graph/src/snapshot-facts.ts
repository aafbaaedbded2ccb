import type { Cause, EngineSnapshot, InstanceRef, JournalLine } from '@maverick/engine';
import type { EventFact, History, InputFact, Moment, ProcessFact, Run } from './history.js';

/** The state of everything between two inputs, as the writer of a journal's new file tells it. */
interface SnapshotLine extends JournalLine {
  readonly pid: number;
  readonly options: NonNullable<History['began']>['options'];
  /** The daemon's beginning; absent where an earlier one had begun. */
  readonly began?: Moment;
  readonly engine: EngineSnapshot;
}

type Origin = EngineSnapshot['origins'][number];
type JobClass = EngineSnapshot['sessions'][number]['classes'][number];
type Instance = JobClass['instances'][number];

/** What a snapshot tells of what was before it, as lines would have. */
export interface SnapshotFacts {
  readonly began: History['began'];
  readonly events: readonly EventFact[];
  readonly inputs: readonly InputFact[];
  /** What is under way. */
  readonly runs: readonly Run[];
  /** The jobs that are tasks: `SESSION\0JOB`. */
  readonly tasks: readonly string[];
}

/** The number of the process that made a call: it is told by its job only. */
const UNTOLD = 0;

class Facts {
  readonly #line: SnapshotLine;
  readonly #origins: readonly Origin[];

  constructor(line: SnapshotLine) {
    this.#line = line;
    this.#origins = line.engine.origins;
  }

  get all(): SnapshotFacts {
    const { began, pid, options, engine } = this.#line;
    const classes = engine.sessions.flatMap(({ id, classes: all }) => all.map((one) => ({ session: id, one })));
    return {
      began: began && { ...began, pid, options },
      events: this.#origins.flatMap((origin) => this.#event(origin)),
      inputs: this.#origins.flatMap(({ reason }) => this.#input(reason)),
      runs: classes.flatMap(({ session, one }) =>
        one.instances.flatMap((instance) => this.#run(session, one, instance)),
      ),
      tasks: classes.filter(({ one }) => this.#isTask(one)).map(({ session, one }) => `${session}\0${one.name}`),
    };
  }

  /** By the clock on the wall as it was when the snapshot was taken. */
  #moment(at: number): Moment {
    const { at: present, time } = this.#line;
    return { at, time: new Date(Date.parse(time) + Math.round(at - present)).toISOString() };
  }

  #isTask({ definition }: { readonly definition: number }): boolean {
    return this.#line.engine.definitions[definition]?.conf.task ?? false;
  }

  #event({ reason, because }: Origin): EventFact[] {
    if (reason.kind !== 'event') return [];
    const { event: number, name, env, at } = reason;
    const cause = this.#cause(because) ?? { input: UNTOLD };
    return [{ ...this.#moment(at), number, session: '', name, env, cause }];
  }

  #input(reason: Origin['reason']): InputFact[] {
    if (reason.kind !== 'input') return [];
    const { input: number, what: kind, at, by: instance, role, status } = reason;
    const fact = { ...this.#moment(at), number, kind, ...(status ? { status } : {}) };
    if (instance === undefined) return [fact];
    return [role ? { ...fact, of: { instance, role } } : { ...fact, caller: { instance, process: UNTOLD } }];
  }

  /** As the lines of what it led to would have named it. */
  #cause(index: number | undefined): Cause | undefined {
    const cause: { input: number; event?: number; instance?: InstanceRef } = { input: UNTOLD };
    for (let next = index; next !== undefined; ) {
      const { reason, because }: Origin = this.#origins[next] ?? { reason: { kind: 'omitted', links: 0 } };
      if (reason.kind === 'input') return { ...cause, input: reason.input };
      if (reason.kind === 'event') cause.event ??= reason.event;
      // Whose change it was, if no other event was between.
      if (reason.kind === 'job' && cause.event === undefined) cause.instance ??= reason.instance;
      if (reason.kind === 'omitted') break;
      next = because;
    }
    return cause.event === undefined ? undefined : cause;
  }

  #run(session: string, { name: job }: JobClass, instance: Instance): Run[] {
    const { name, state = 'waiting', since = this.#line.at, began, ranSince, because, goal } = instance;
    if (state === 'waiting') return [];
    const reason = because === undefined ? undefined : this.#origins[because];
    const cause = this.#cause(reason?.because);
    const ref = { session, job, instance: name };
    return [
      {
        ref,
        began: began === undefined ? this.#moment(since) : this.#moment(began),
        isCut: true,
        hasBeginning: began !== undefined,
        ...(ranSince === undefined ? {} : { ranFrom: ranSince }),
        startCause: goal === 'start' ? cause : undefined,
        ...(goal === 'stop' && cause ? { stopCause: cause } : {}),
        isRespawn: false,
        isTask: this.#isTask(instance),
        phases: [{ state, at: since, cause: cause ?? { input: UNTOLD } }],
        processes: this.#processes(instance, ref),
      },
    ];
  }

  #processes({ id, since = this.#line.at }: Instance, ref: Run['ref']): ProcessFact[] {
    return this.#line.engine.processes
      .filter(({ instance }) => instance === id)
      .map(({ id: process, role, pid, askedAt = since }) => ({
        process,
        instance: ref,
        role,
        askedAt,
        cause: undefined,
        answers: [],
        ...(pid === undefined ? {} : { pid, startedAt: askedAt }),
      }));
  }
}

/** @throws whatever a line leads to that no daemon of ours has written */
export const snapshotFacts = (line: JournalLine): SnapshotFacts => new Facts(line as SnapshotLine).all;
