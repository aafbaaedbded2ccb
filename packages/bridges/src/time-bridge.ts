import type { Bridge, BridgeKind, Daemon, FollowedJob } from './bridge.js';
import type { SoughtEvent } from './condition.js';
import { ConditionError } from './condition-error.js';
import { readRecord, recordPath, type TimeRecord, type TimerRecord, writeRecord } from './time-record.js';
import { MACHINE_TIME, type TimeAlarm, type TimeSource } from './time-source.js';
import { readTimeWish, type TimeClock, type TimeWish } from './time-wish.js';

const CLOCKS = ['realtime', 'boottime'] as const satisfies readonly TimeClock[];
/** A clock that is set back by less than this does not bring the same times again. */
const SAME_TIMES_MS = 3_600_000;

/** Times, and the next of them. */
interface Schedule {
  readonly wish: TimeWish;
  /** Infinity: none. */
  due: number;
  last: number;
  /** When it was emitted last, since 1970; null: not yet. */
  lastEmission: number | null;
  /** Whether it was due and is on its way to the daemon, or is kept until there is one. */
  telling: 'no' | 'under-way' | 'kept';
}

export interface TimeBridgeOptions {
  /** Default: the machine's. */
  readonly time?: TimeSource;
  /** Where to keep until when all was emitted, for the bridge that comes after this one. Absent: nowhere. */
  readonly record?: string | undefined;
  /** Default: chance. From 0 to below 1. */
  readonly random?: () => number;
}

class TimeBridge implements Bridge {
  readonly #daemon: Daemon;
  readonly #time: TimeSource;
  readonly #recordPath: string | undefined;
  readonly #random: () => number;
  readonly #alarms: Readonly<Record<TimeClock, TimeAlarm>>;
  #schedules = new Map<string, Schedule>();
  #said: ReadonlySet<string> = new Set();
  /** Until when all was emitted by the one before; for what is asked for at first. */
  #before: TimeRecord | 'first' | undefined;
  #connected = false;
  readonly #endZone: () => void;
  #jobs: readonly FollowedJob[] = [];

  constructor(daemon: Daemon, { time = MACHINE_TIME, record, random = Math.random }: TimeBridgeOptions) {
    this.#daemon = daemon;
    this.#time = time;
    this.#recordPath = record;
    this.#random = random;
    this.#before = readRecord(record, time.now('boottime')) ?? 'first';
    this.#endZone = time.watchZone(() => this.#zoneChanged());
    this.#alarms = {
      realtime: time.alarm('realtime', () => this.#look('realtime')),
      boottime: time.alarm('boottime', () => this.#look('boottime')),
    };
  }

  follow(jobs: readonly FollowedJob[]): void {
    this.#connected = true;
    this.#jobs = jobs;
    const before = this.#schedules;
    this.#schedules = new Map();
    for (const wish of this.#wanted(jobs)) {
      this.#schedules.set(wish.key, before.get(wish.key) ?? this.#schedule(wish));
    }
    this.#before = undefined;
    for (const clock of CLOCKS) this.#look(clock);
    for (const schedule of this.#schedules.values()) if (schedule.telling === 'kept') this.#emit(schedule);
    this.#keepRecord();
  }

  instancesChanged(): void {
    // Times come whether the job runs or not.
  }

  lost(): void {
    this.#connected = false;
  }

  close(): void {
    this.#endZone();
    for (const clock of CLOCKS) this.#alarms[clock].close();
  }

  /** Times of the day are others now; those that were emitted do not come again. */
  #zoneChanged(): void {
    this.#daemon.report('info', 'The time zone is another one');
    const now = this.#time.now('realtime');
    for (const schedule of this.#schedules.values()) {
      if (schedule.wish.clock === 'realtime') this.#plan(schedule, Math.max(now, schedule.last));
    }
    this.#look('realtime');
    this.#keepRecord();
  }

  #wanted(jobs: readonly FollowedJob[]): readonly TimeWish[] {
    const wishes = new Map<string, TimeWish>();
    const saying = new Set<string>();
    for (const { name, start, stop } of jobs) {
      for (const { args } of [...start, ...stop]) {
        try {
          const wish = readTimeWish(args);
          wishes.set(wish.key, wish);
        } catch (error) {
          if (!(error instanceof ConditionError)) throw error;
          const message = `Ignored time event in ${name}: ${error.message}`;
          saying.add(message);
          if (!this.#said.has(message)) this.#daemon.report('warn', message);
        }
      }
    }
    this.#said = saying;
    return [...wishes.values()];
  }

  #schedule(wish: TimeWish): Schedule {
    const schedule: Schedule = { wish, due: 0, last: Number.NEGATIVE_INFINITY, lastEmission: null, telling: 'no' };
    this.#plan(schedule, this.#since(wish));
    return schedule;
  }

  /** What came before this is over. */
  #since({ clock, countsFromBoot }: TimeWish): number {
    if (this.#before === 'first') return countsFromBoot ? 0 : this.#time.now(clock);
    return this.#before?.[clock] ?? this.#time.now(clock);
  }

  #plan(schedule: Schedule, after: number): void {
    const { next, jitterMs } = schedule.wish;
    const at = next(after);
    schedule.due = at === undefined ? Number.POSITIVE_INFINITY : at + this.#random() * jitterMs;
  }

  /** The time has come for some, or the clock was set. */
  #look(clock: TimeClock): void {
    const now = this.#time.now(clock);
    let earliest = Number.POSITIVE_INFINITY;
    let changed = false;
    for (const schedule of this.#schedules.values()) {
      if (schedule.wish.clock !== clock) continue;
      if (schedule.due <= now) {
        changed = true;
        this.#emit(schedule);
        schedule.last = now;
        this.#plan(schedule, now);
      } else if (this.#isSetBack(schedule, now)) {
        changed = true;
        this.#plan(schedule, now);
      }
      earliest = Math.min(earliest, schedule.due);
    }
    this.#alarms[clock].set(earliest);
    if (changed) this.#keepRecord();
  }

  /** The next time is not the next one any more: the clock was set back by so much that earlier ones come again. */
  #isSetBack({ wish, due, last }: Schedule, now: number): boolean {
    if (wish.clock !== 'realtime') return false;
    const after = last - now < SAME_TIMES_MS ? Math.max(now, last) : now;
    const at = wish.next(after);
    return at !== undefined && at + wish.jitterMs < due;
  }

  #emit(schedule: Schedule): void {
    schedule.telling = this.#connected ? 'under-way' : 'kept';
    if (!this.#connected) return;
    schedule.lastEmission = this.#time.now('realtime');
    this.#daemon.emit({ env: schedule.wish.env }).then(
      () => {
        schedule.telling = 'no';
      },
      (error: unknown) => {
        schedule.telling = 'kept';
        this.#daemon.report('warn', `Error emitting time event: ${error instanceof Error ? error.message : error}`);
      },
    );
  }

  #timerOf({ wish, due, lastEmission }: Schedule): TimerRecord {
    const wants = ({ args }: SoughtEvent): boolean => keyOf(args) === wish.key;
    const jobs = this.#jobs.filter(({ start, stop }) => start.some(wants) || stop.some(wants));
    return {
      event: wish.env,
      jobs: jobs.map(({ name }) => name),
      clock: wish.clock,
      next: Number.isFinite(due) ? due : null,
      last: lastEmission,
    };
  }

  #keepRecord(): void {
    if (this.#recordPath === undefined || !this.#connected) return;
    try {
      writeRecord(this.#recordPath, {
        realtime: this.#time.now('realtime'),
        boottime: this.#time.now('boottime'),
        pid: process.pid,
        timers: [...this.#schedules.values()].map((schedule) => this.#timerOf(schedule)),
      });
    } catch (error) {
      this.#daemon.report('info', `Times that are missed while this is restarted are lost: ${error}`);
    }
  }
}

/** Undefined for what was refused. */
const keyOf = (args: readonly string[]): string | undefined => {
  try {
    return readTimeWish(args).key;
  } catch {
    return undefined;
  }
};

/** The bridge with clocks and a record of one's choice. */
export const timeBridgeWith = (options: TimeBridgeOptions): BridgeKind => ({
  event: 'time',
  make: (daemon) => new TimeBridge(daemon, options),
});

/** Event `time`: a time has come, by the calendar or by how long the machine is up. The original has nothing like it. */
export const timeBridge: BridgeKind = {
  event: 'time',
  make: (daemon) => new TimeBridge(daemon, { record: recordPath(daemon.runtimeDir) }),
};
