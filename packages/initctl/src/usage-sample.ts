import type { InstanceUse, ListedJob } from '@maverick/dbus/client';

/** What one instance uses at a moment, beside how it is. */
export interface UsageRow {
  readonly job: string;
  readonly instance: string;
  readonly goal: string;
  readonly state: string;
  readonly processes: number;
  readonly memoryBytes: number;
  readonly cpuSeconds: number;
  /** Of one processor, since the sample before; null where there is none. */
  readonly cpuPercent: number | null;
}

/** By what rows are sorted, and the key that does it. */
export const SORT_KEYS = { cpu: 'c', memory: 'm', processes: 'p', time: 't', name: 'n' } as const;
export type SortKey = keyof typeof SORT_KEYS;

export const isSortKey = (word: string): word is SortKey => Object.hasOwn(SORT_KEYS, word);

export const sortKeyOf = (letter: string): SortKey | undefined =>
  (Object.keys(SORT_KEYS) as SortKey[]).find((key) => SORT_KEYS[key] === letter);

const byName = (a: UsageRow, b: UsageRow): number => {
  const [left, right] = [`${a.job}\0${a.instance}`, `${b.job}\0${b.instance}`];
  return left < right ? -1 : Number(left > right);
};

/** Largest first, but names as they are in a book. */
const ORDERS = {
  cpu: (a, b) => (b.cpuPercent ?? 0) - (a.cpuPercent ?? 0),
  memory: (a, b) => b.memoryBytes - a.memoryBytes,
  processes: (a, b) => b.processes - a.processes,
  time: (a, b) => b.cpuSeconds - a.cpuSeconds,
  name: byName,
} as const satisfies Record<SortKey, (a: UsageRow, b: UsageRow) => number>;

export const sortRows = (rows: readonly UsageRow[], key: SortKey): UsageRow[] =>
  rows.toSorted((a, b) => ORDERS[key](a, b) || byName(a, b));

const idOf = ({ job, instance }: { readonly job: string; readonly instance: string }): string => `${job}\0${instance}`;

const MICROSECONDS = 1e6;

/** Turns what the daemon counts into rates, from one sample to the next. */
export class UsageSampler {
  #before = new Map<string, bigint>();
  #at: number | undefined;

  /** @param nowMs monotonic */
  rows(uses: readonly InstanceUse[], jobs: readonly ListedJob[], nowMs: number): UsageRow[] {
    const states = new Map(
      jobs.flatMap(({ name, instances }) =>
        instances.map(({ status }) => [idOf({ job: name, instance: status.name }), status] as const),
      ),
    );
    const elapsed = this.#at === undefined ? undefined : (nowMs - this.#at) * 1000;
    const rows = uses.map((use) => {
      const status = states.get(idOf(use));
      const before = this.#before.get(idOf(use));
      const rate = elapsed && before !== undefined ? (Number(use.cpuMicroseconds - before) / elapsed) * 100 : null;
      return {
        job: use.job,
        instance: use.instance,
        goal: status?.goal ?? 'stop',
        state: status?.state ?? 'waiting',
        processes: use.pids.length,
        memoryBytes: Number(use.memoryBytes),
        cpuSeconds: Number(use.cpuMicroseconds) / MICROSECONDS,
        // A process that has ended takes its time with it.
        cpuPercent: rate === null ? null : Math.max(0, rate),
      };
    });
    this.#before = new Map(uses.map((use) => [idOf(use), use.cpuMicroseconds]));
    this.#at = nowMs;
    return rows;
  }
}
