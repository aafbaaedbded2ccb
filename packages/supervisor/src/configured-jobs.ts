import type { JobDefinition } from '@maverick/conf';
import { type SessionId, SYSTEM } from '@maverick/engine';
import type { ConfigurationChange, ConfiguredJob } from './configuration.js';
import { type ConfigurationPlaces, LiveConfiguration } from './live-configuration.js';
import type { Runtime } from './runtime.js';
import { unreachable } from './unreachable.js';

export interface ConfiguredJobsOptions {
  /** Whose jobs they are. */
  readonly session: SessionId;
  /** There is a place for control groups. */
  readonly hasCgroups: boolean;
  readonly places: ConfigurationPlaces;
  /** Called when changes of the files, or a reading of all of them, have been taken in. */
  readonly looked?: () => void;
}

/** Keeps the engine's jobs as the configuration directories and the program define them, and says what comes of changes. */
export class ConfiguredJobs {
  readonly #runtime: Runtime;
  readonly #configuration: LiveConfiguration;
  readonly #session: SessionId;
  readonly #hasCgroups: boolean;
  readonly #looked: () => void;
  /** Those that the program has defined. */
  readonly #own = new Set<string>();

  constructor(runtime: Runtime, { session, hasCgroups, places, looked = () => {} }: ConfiguredJobsOptions) {
    this.#runtime = runtime;
    this.#session = session;
    this.#hasCgroups = hasCgroups;
    this.#looked = looked;
    this.#configuration = new LiveConfiguration(places, {
      changed: (changes) => this.#changed(changes),
      diagnostic: (diagnostic) => runtime.tell({ kind: 'diagnostic', session, diagnostic }),
      message: (priority, message) => runtime.tell({ kind: 'message', priority, message, session }),
    });
  }

  /** The jobs of an earlier supervisor are defined already. */
  seed(): void {
    const { engine } = this.#runtime;
    this.#configuration.seed(engine.jobs(this.#session).filter(({ name }) => !this.#own.has(name)));
  }

  /** Read everything; from the first time on, files are watched. */
  load(): void {
    this.#configuration.load();
  }

  /** Take in now what is known to have changed. */
  settle(): void {
    this.#configuration.settle();
  }

  /** Watch nothing any more; reading on request goes on working. */
  release(): void {
    this.#configuration.release();
  }

  /** Read everything, and watch again. */
  resume(): void {
    this.#configuration.resume();
  }

  /** A job that no file is behind. */
  defineOwn(name: string, definition: JobDefinition): void {
    this.#own.add(name);
    this.#runtime.send({ kind: 'define-job', session: this.#session, name, definition });
  }

  /** The broken file because of which a job keeps an older definition. */
  staleBecauseOf(name: string): string | undefined {
    return this.#configuration.staleBecauseOf(name);
  }

  /** The files that define a job, as far as they are in force; undefined for one that no file defines. */
  filesOf(name: string): { readonly file: string; readonly override?: string } | undefined {
    const configured = this.#configuration.job(name);
    if (configured === undefined || configured.path === '') return undefined;
    const { path: file, overridePath: override } = configured;
    return { file, ...(override === undefined ? {} : { override }) };
  }

  /** The override that changes a job, and the stanzas that it changes; undefined for a job without one. */
  overrideOf(name: string): { readonly path: string; readonly stanzas: readonly string[] } | undefined {
    const { overridePath: path, overridden: stanzas = [] } = this.#configuration.job(name) ?? {};
    return path === undefined ? undefined : { path, stanzas };
  }

  #changed(changes: readonly ConfigurationChange[]): void {
    const defined = changes.flatMap((change) => (change.kind === 'define' ? change.job : []));
    const isRecovered = this.#session === SYSTEM && this.#runtime.recover(defined);
    for (const change of changes) this.#apply(change, isRecovered);
    this.#looked();
  }

  /** @param isRecovered what defines a job has been done, together with others */
  #apply(change: ConfigurationChange, isRecovered: boolean): void {
    switch (change.kind) {
      case 'define': {
        const { name, definition } = change.job;
        if (!isRecovered) this.#define(change.job);
        this.#warnOf(name, definition);
        break;
      }
      case 'remove':
        this.#tell('info', `Handling deletion of ${change.path}`);
        this.#runtime.send({ kind: 'remove-job', session: this.#session, name: change.name });
        break;
      case 'stale':
      case 'fresh':
        this.#runtime.tell({ kind: `job-${change.kind}`, session: this.#session, job: change.name, path: change.path });
        break;
      default:
        unreachable(change);
    }
  }

  #define({ name, definition }: ConfiguredJob): void {
    const known = this.#runtime.engine.job(this.#session, name) !== undefined;
    this.#runtime.send({ kind: 'define-job', session: this.#session, name, definition });
    if (known) this.#runtime.tell({ kind: 'job-redefined', session: this.#session, job: name });
  }

  #warnOf(name: string, definition: JobDefinition): void {
    if (definition.cgroups.length > 0 && !this.#hasCgroups) {
      this.#warn(`Job ${name}: its cgroup stanzas have no effect, for no cgroup subtree was given`);
    }
    const absent = this.#runtime.groups.absentFor(definition);
    if (absent.length > 0) {
      this.#warn(
        `Job ${name}: its cgroup settings of ${absent.join(', ')} have no effect: cgroup v2 has no such controller here`,
      );
    }
  }

  #warn(message: string): void {
    this.#tell('warn', message);
  }

  #tell(priority: 'info' | 'warn', message: string): void {
    this.#runtime.tell({ kind: 'message', priority, message, session: this.#session });
  }
}
