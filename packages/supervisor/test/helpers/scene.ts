import { defineJob, type JobConf } from '@maverick/conf';
import type { JournalLine } from '@maverick/engine';
import type { ConfigurationDiagnostic, ConfigurationReading } from '../../src/configuration.js';
import type { SupervisorEvent } from '../../src/event.js';
import type { SupervisorOptions } from '../../src/options.js';
import { Supervisor } from '../../src/supervisor.js';
import { FakeClock } from './fake-clock.js';
import { FakeProcesses } from './fake-processes.js';

/** A service: it starts because of `event` and has a main process. */
export const service = (event: string, conf: JobConf = {}): JobConf => ({
  startOn: { kind: 'match', name: event, args: [] },
  processes: { main: { script: false, command: 'serve' } },
  ...conf,
});

/** A supervisor whose surroundings are all fakes, and what it says. */
export class Scene {
  readonly clock = new FakeClock();
  readonly processes = new FakeProcesses();
  readonly events: SupervisorEvent[] = [];
  readonly journal: JournalLine[] = [];
  readonly supervisor: Supervisor;
  /** What the next reading of the directories finds. */
  jobs: Readonly<Record<string, JobConf>>;
  diagnostics: readonly ConfigurationDiagnostic[] = [];

  constructor(jobs: Readonly<Record<string, JobConf>>, options: Partial<SupervisorOptions> = {}) {
    this.jobs = jobs;
    this.supervisor = new Supervisor({
      confDirs: ['/conf'],
      env: ['PATH=/bin'],
      clock: this.clock,
      spawner: this.processes.open,
      processTree: this.processes.tree(),
      readConfiguration: () => this.#read(),
      journal: { write: (entry) => this.journal.push(JSON.parse(entry.text())), close: () => Promise.resolve() },
      onEvent: (event) => this.events.push(event),
      ...options,
    });
  }

  /** `JOB: STATE` for each change of state, in order. */
  get states(): string[] {
    return this.events.flatMap((event) =>
      event.kind === 'state-changed' ? [`${event.instance.job}: ${event.to}`] : [],
    );
  }

  #read(): ConfigurationReading {
    const jobs = Object.entries(this.jobs).map(([name, conf]) => ({
      name,
      definition: defineJob(conf),
      path: `/conf/${name}.conf`,
      priority: 0,
    }));
    return { jobs, diagnostics: this.diagnostics };
  }
}
