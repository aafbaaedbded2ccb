import type { ExitStatus, ProcessRole } from '@maverick/conf';
import type { FakeProcess, FakeProcesses } from '@maverick/engine';
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
}

interface Run {
  readonly job: string;
  readonly role: ProcessRole;
  readonly startedAt: number;
  told: boolean;
}

const keyOf = ({ job, instance }: ProcessLine, role: string): string => JSON.stringify([job, instance ?? '', role]);

/**
 * What processes did, from the journal: how long each ran that ended by itself, how it ended, and how long a service took to
 * be ready. Of several runs the newest counts.
 * @param lines the oldest first
 */
export const recordedFakes = (lines: Iterable<ProcessLine>): FakeProcesses => {
  const runs = new Map<string, Run>();
  const fakes = new Map<string, Map<ProcessRole, FakeProcess>>();
  const learn = (job: string, role: ProcessRole, facts: FakeProcess): void => {
    const ofJob = fakes.get(job) ?? new Map<ProcessRole, FakeProcess>();
    fakes.set(job, ofJob);
    ofJob.set(role, { ...ofJob.get(role), ...facts });
  };
  for (const line of lines) {
    const { what, job, at } = line;
    // Whose end was not seen: it is another daemon that tells of the next one.
    if (what === 'began' && line.continued !== true) runs.clear();
    if (job === undefined) continue;
    if (what === 'state-changed' && line.from === 'spawned' && line.to !== 'stopping') {
      const run = runs.get(keyOf(line, 'main'));
      if (run) learn(job, 'main', { readyAfterMs: at - run.startedAt });
    }
    if (typeof line.role !== 'string' || !isRole(line.role)) continue;
    const key = keyOf(line, line.role);
    const run = runs.get(key);
    if (what === 'process-started') {
      runs.set(key, { job, role: line.role, startedAt: at, told: false });
      fakes.get(job)?.delete(line.role);
    }
    if (what === 'kill' && run) run.told = true;
    if (what === 'process-ended' && run) {
      if (!run.told) learn(job, run.role, { runsForMs: at - run.startedAt, exit: line.status as ExitStatus });
      runs.delete(key);
    }
  }
  return Object.fromEntries([...fakes].map(([job, roles]) => [job, Object.fromEntries(roles)]));
};
