import { existsSync } from 'node:fs';
import type { ConfLocation, JobDefinition } from '@maverick/conf';
import type { ConfFileAccess } from '@maverick/conf/files';
import { watchInotify } from '@maverick/spawner';
import { type Clock, systemClock } from './clock.js';
import {
  Configuration,
  type ConfigurationChange,
  type ConfigurationDiagnostic,
  type ConfigurationReading,
  type ConfiguredJob,
} from './configuration.js';
import { locationOf } from './configuration-files.js';
import { ConfigurationTree } from './configuration-tree.js';
import { type ChangedPaths, ConfigurationWatch } from './configuration-watch.js';
import type { SupervisorOptions } from './options.js';
import type { OpenFileWatch } from './watch-table.js';

/** What comes of reading. */
export interface ConfigurationPorts {
  readonly changed: (changes: readonly ConfigurationChange[]) => void;
  readonly diagnostic: (diagnostic: ConfigurationDiagnostic) => void;
  readonly message: (priority: 'info' | 'warn', message: string) => void;
}

/** Why there is no job of a definition. */
export interface JobRefusal {
  /** Stable. */
  readonly code: string;
  readonly message: string;
}

/** Whose files are read, and how. */
export interface ConfigurationPlaces
  extends Pick<SupervisorOptions, 'confDirs' | 'readConfiguration' | 'watch' | 'clock'> {
  /** How files are looked at. Default: as this process sees them. */
  readonly access?: ConfFileAccess;
  /** Why a job of this definition is as good as broken; undefined where it is not. Default: none is. */
  readonly refusal?: (definition: JobDefinition) => JobRefusal | undefined;
  /** The root directory as which links below it see it. Default `/`. */
  readonly root?: string;
}

/** The kernel's. It does not keep the program alive by itself. */
export const openFileWatch: OpenFileWatch = (onEvents) => watchInotify(onEvents).unref();

/** The jobs of the configuration directories, read on request and whenever files change. */
export class LiveConfiguration {
  readonly #options: ConfigurationPlaces;
  readonly #ports: ConfigurationPorts;
  readonly #configuration = new Configuration();
  readonly #locations: readonly ConfLocation[];
  readonly #clock: Clock;
  #watch: ConfigurationWatch | undefined;
  #tree: ConfigurationTree | undefined;
  #closed = false;

  constructor(options: ConfigurationPlaces, ports: ConfigurationPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#clock = options.clock ?? systemClock;
    this.#locations = options.confDirs.map(locationOf);
  }

  /** These are defined already, by these files of an earlier supervisor: they need not be touched. */
  seed(jobs: readonly { readonly name: string; readonly definition: JobDefinition }[]): void {
    this.#configuration.seed(jobs.map(({ name, definition }) => ({ name, definition, ...this.#fileOf(name) })));
  }

  /** Where its definition most likely was. */
  #fileOf(name: string): Pick<ConfiguredJob, 'path' | 'priority'> {
    const paths = this.#locations.map(({ path }) => `${path}/${name}.conf`);
    const priority = Math.max(
      0,
      paths.findIndex((path) => existsSync(path)),
    );
    return { path: paths[priority] ?? '', priority };
  }

  /** Read everything. From the first time on, files are watched. */
  load(): void {
    const { readConfiguration } = this.#options;
    for (const { path } of this.#locations) this.#ports.message('info', `Loading configuration from ${path}`);
    const reading = this.#judge(readConfiguration?.(this.#options.confDirs) ?? this.#opened().read());
    for (const diagnostic of reading.diagnostics) this.#ports.diagnostic(diagnostic);
    this.#ports.changed(this.#configuration.apply(reading));
  }

  /** Take in now what is known to have changed. */
  settle(): void {
    this.#watch?.settle();
  }

  /** Watch nothing any more; reading on request goes on working. */
  release(): void {
    this.#closed = true;
    this.#watch?.close();
    this.#watch = undefined;
    this.#tree = undefined;
  }

  /** Read everything, and watch again. */
  resume(): void {
    this.#closed = false;
    this.#tree = undefined;
    this.load();
  }

  job(name: string): ConfiguredJob | undefined {
    return this.#configuration.job(name);
  }

  staleBecauseOf(name: string): string | undefined {
    return this.#configuration.staleBecauseOf(name);
  }

  #opened(): ConfigurationTree {
    if (this.#tree !== undefined) return this.#tree;
    const watch = this.#openWatch();
    this.#watch = watch;
    this.#tree = new ConfigurationTree(this.#locations, watch, this.#options.access);
    return this.#tree;
  }

  #openWatch(): ConfigurationWatch | undefined {
    const { watch: open = openFileWatch } = this.#options;
    if (open === false || this.#closed) return undefined;
    try {
      return new ConfigurationWatch(this.#locations, {
        clock: this.#clock,
        ...(this.#options.root === undefined ? {} : { root: this.#options.root }),
        openWatch: open,
        changed: (paths) => this.#reread(paths),
        warn: (message) => this.#ports.message('warn', message),
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#ports.message(
        'warn',
        `Unable to watch configuration directories: ${reason}; reload the configuration after changes`,
      );
      return undefined;
    }
  }

  #reread(paths: ChangedPaths): void {
    if (this.#tree === undefined) return;
    const { reading, scope, news } = this.#tree.reread(paths);
    const judged = this.#judge(reading);
    const refused = judged.diagnostics.slice(reading.diagnostics.length);
    for (const diagnostic of [...news, ...refused]) this.#ports.diagnostic(diagnostic);
    this.#ports.changed(this.#configuration.apply(judged, scope));
  }

  /** What is refused counts as broken: a job that was good before stays as it was. */
  #judge(reading: ConfigurationReading): ConfigurationReading {
    const { refusal } = this.#options;
    if (refusal === undefined) return reading;
    const judged = reading.jobs.map((job) => ({ job, reason: refusal(job.definition) }));
    const refused = judged.flatMap(({ job: { path }, reason }) =>
      reason === undefined ? [] : [{ severity: 'error', path, ...reason } as const],
    );
    return {
      jobs: judged.flatMap(({ job, reason }) => (reason === undefined ? [job] : [])),
      diagnostics: [...reading.diagnostics, ...refused],
    };
  }
}
