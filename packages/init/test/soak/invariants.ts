import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ListedJob, UpstartClient } from '@maverick/dbus';
import { vi } from 'vitest';
import type { TestDaemon } from '../helpers/test-daemon.js';
import { openFiles, processTable, residentKiB, type TableRow } from './process-table.js';

/** Nothing in the soak takes that long; a busy machine takes its time. */
const PATIENCE = { timeout: 60_000, interval: 100 };

/** What a daemon takes of the machine. */
export interface Weight {
  readonly residentKiB: number;
  readonly files: number;
  readonly stateBytes: number;
}

const pidsOf = (jobs: readonly ListedJob[]): number[] =>
  jobs.flatMap(({ instances }) => instances.flatMap(({ status }) => status.processes.map(({ pid }) => pid)));

const isThere = ({ state }: TableRow): boolean => state !== 'Z' && state !== 'X';

const bytesBelow = (dir: string): number =>
  readdirSync(dir, { recursive: true, withFileTypes: true }).reduce(
    (sum, entry) => sum + (entry.isFile() ? statSync(join(entry.parentPath, entry.name)).size : 0),
    0,
  );

/** Compares what a daemon says with what the kernel's process table says. */
export class Invariants {
  readonly #daemon: TestDaemon;
  readonly #client: UpstartClient;

  constructor(daemon: TestDaemon, client: UpstartClient) {
    this.#daemon = daemon;
    this.#client = client;
  }

  /** Every process that the daemon tells of is there, every job process is one that it tells of, and nobody waits to be reaped. */
  async accounted(): Promise<void> {
    await vi.waitFor(async () => {
      const told = new Set(pidsOf(await this.#client.list()));
      const table = processTable(this.#daemon.home);
      const byPid = new Map(table.map((row) => [row.pid, row]));
      // What was told must be true before and after the table was read: jobs may be on their way still.
      const again = new Set(pidsOf(await this.#client.list()));
      const lost = [...told].filter((pid) => again.has(pid) && !isThereIn(byPid, pid));
      // A job's processes are in the sessions of those that are told of.
      const sessions = new Set([...told, ...again].map((pid) => byPid.get(pid)?.session));
      const orphans = table.filter((row) => row.job !== undefined && isThere(row) && !sessions.has(row.session));
      const zombies = table.filter(({ parent, state }) => parent === this.#daemon.pid && state === 'Z');
      const problems = [
        ...lost.map((pid) => `lost: ${pid} is told of and is not there`),
        ...orphans.map(({ pid, job, name }) => `orphan: ${pid} (${name}) of ${job}`),
        ...zombies.map(({ pid, name }) => `zombie: ${pid} (${name})`),
      ];
      if (problems.length > 0) throw new Error(problems.join('\n'));
    }, PATIENCE);
  }

  /** These jobs are known, and no others. */
  async knows(jobs: readonly string[]): Promise<void> {
    await vi.waitFor(async () => {
      const known = (await this.#client.list()).map(({ name }) => name).sort();
      const missing = jobs.filter((job) => !known.includes(job));
      // One whose file is gone stays as long as an instance of it does.
      if (missing.length > 0) throw new Error(`lost jobs: ${missing.join(', ')} of ${known.join(', ')}`);
    }, PATIENCE);
  }

  /** All is stopped, and no process of any job is left. */
  async atRest(): Promise<void> {
    await vi.waitFor(async () => {
      const jobs = await this.#client.list();
      const left = jobs.flatMap(({ name, instances }) =>
        instances.map(({ path, status }) => ({ path, job: name, status })),
      );
      for (const { path } of left) this.#stop(path);
      if (left.length > 0) throw new Error(`not at rest: ${JSON.stringify(left)}`);
      const processes = processTable(this.#daemon.home).filter(({ job }) => job !== undefined);
      if (processes.length > 0) throw new Error(`left behind: ${JSON.stringify(processes)}`);
    }, PATIENCE);
  }

  /** To be asked at rest. */
  weight(): Weight {
    return {
      residentKiB: residentKiB(this.#daemon.pid),
      files: openFiles(this.#daemon.pid),
      stateBytes: bytesBelow(join(this.#daemon.runtimeDir, 'upstart')),
    };
  }

  #stop(path: string): void {
    this.#client
      .instanceAt(path)
      .stop({ wait: false })
      .catch(() => {});
  }
}

const isThereIn = (rows: ReadonlyMap<number, TableRow>, pid: number): boolean => {
  const row = rows.get(pid);
  return row !== undefined && isThere(row);
};
