import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { vi } from 'vitest';
import type { ConfigurationDiagnostic } from '../../src/configuration.js';
import type { SupervisorEvent } from '../../src/event.js';
import type { SupervisorOptions } from '../../src/options.js';
import { Supervisor } from '../../src/supervisor.js';
import { FakeProcesses } from './fake-processes.js';

// News of files takes its time on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Of all supervisors: they may watch the same directory. */
let marks = 0;

/** A supervisor that watches real directories, and whose processes are fakes. */
export class Watched {
  readonly supervisor: Supervisor;
  readonly events: SupervisorEvent[] = [];
  readonly processes = new FakeProcesses();

  constructor(confDirs: SupervisorOptions['confDirs'], options: Partial<SupervisorOptions> = {}) {
    this.supervisor = new Supervisor({
      confDirs,
      env: [],
      spawner: this.processes.open,
      processTree: this.processes.tree(),
      onEvent: (event) => this.events.push(event),
      ...options,
    });
    this.supervisor.start({ startupEvent: undefined });
  }

  /** Names and descriptions of the jobs but for those that {@link settled} made, sorted. */
  get jobs(): string[] {
    return this.supervisor
      .jobs()
      .filter(({ name }) => !name.startsWith('mark-'))
      .map(({ name, definition: { description } }) => (description === undefined ? name : `${name}: ${description}`))
      .sort();
  }

  get diagnostics(): ConfigurationDiagnostic[] {
    return this.events.flatMap((event) => (event.kind === 'diagnostic' ? [event.diagnostic] : []));
  }

  /** `KIND JOB` of what has happened to job classes, in order. */
  get changes(): string[] {
    return this.events.flatMap((event) => {
      const { kind } = event;
      if (kind !== 'job-added' && kind !== 'job-removed' && kind !== 'job-stale' && kind !== 'job-fresh') return [];
      return event.job.startsWith('mark-') ? [] : [`${kind.slice('job-'.length)} ${event.job}`];
    });
  }

  /** Everything that has happened below this directory until now has been taken in: its news comes in order. */
  async settled(dir: string): Promise<void> {
    marks += 1;
    const name = `mark-${marks}`;
    const seen = new Promise<void>((resolve) => {
      const leave = this.supervisor.subscribe((event) => {
        if (event.kind !== 'job-added' || event.job !== name) return;
        leave();
        resolve();
      });
    });
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, `${name}.conf`), '');
    await seen;
  }

  async close(): Promise<void> {
    await this.supervisor.close();
  }
}

/** Write a file below a directory, which is made if it is missing. */
export const put = (dir: string, path: string, text: string): void => {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), text);
};
