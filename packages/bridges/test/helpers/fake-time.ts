import type { TimeSource } from '../../src/time-source.js';
import type { TimeClock } from '../../src/time-wish.js';

interface FakeAlarm {
  readonly clock: TimeClock;
  readonly onNews: () => void;
  at: number;
}

/** Clocks that a test moves. */
export class FakeTime implements TimeSource {
  readonly #now: Record<TimeClock, number>;
  readonly #alarms = new Set<FakeAlarm>();
  readonly #zoneWatchers = new Set<() => void>();

  constructor(realtime: string, boottime: number) {
    this.#now = { realtime: Date.parse(realtime), boottime };
  }

  now(clock: TimeClock): number {
    return this.#now[clock];
  }

  alarm(clock: TimeClock, onNews: () => void) {
    const alarm: FakeAlarm = { clock, onNews, at: Number.POSITIVE_INFINITY };
    this.#alarms.add(alarm);
    return {
      set: (atMs: number) => {
        alarm.at = atMs;
      },
      close: () => {
        this.#alarms.delete(alarm);
      },
    };
  }

  /** Days begin at other times: the clock of the machine is read in this zone. */
  setZone(zone: string): void {
    process.env['TZ'] = zone;
    for (const onChange of [...this.#zoneWatchers]) onChange();
  }

  watchZone(onChange: () => void): () => void {
    this.#zoneWatchers.add(onChange);
    return () => void this.#zoneWatchers.delete(onChange);
  }

  /** Time goes by, step by step. */
  pass(ms: number): void {
    const end = this.#now.boottime + ms;
    for (;;) {
      const step = Math.min(end - this.#now.boottime, ...this.#untilDue());
      this.#advance(Math.max(step, 0));
      if (!this.#tell() && this.#now.boottime >= end) return;
    }
  }

  /** Nobody looks meanwhile. */
  sleep(ms: number): void {
    this.#advance(ms);
    this.#tell();
  }

  setClock(realtime: string): void {
    this.#now.realtime = Date.parse(realtime);
    for (const alarm of [...this.#alarms]) if (alarm.clock === 'realtime') alarm.onNews();
  }

  #advance(ms: number): void {
    this.#now.realtime += ms;
    this.#now.boottime += ms;
  }

  #untilDue(): number[] {
    return [...this.#alarms].map(({ clock, at }) => at - this.#now[clock]);
  }

  #tell(): boolean {
    const due = [...this.#alarms].filter(({ clock, at }) => at <= this.#now[clock]);
    for (const alarm of due) {
      alarm.at = Number.POSITIVE_INFINITY;
      alarm.onNews();
    }
    return due.length > 0;
  }
}
