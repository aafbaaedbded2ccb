import { dirname } from 'node:path';
import type { ConfLocation, JobDefinition } from '@maverick/conf';
import { sameData } from './same-data.js';

/** What is wrong, or surely not meant, in a configuration file or directory. */
export interface ConfigurationDiagnostic {
  /** `error`: the file or directory counts for nothing. */
  readonly severity: 'error' | 'warning';
  readonly path: string;
  /** Counted from 1; absent where the file as a whole is meant. */
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
  /** What keeps a file from being read, such as `EACCES`, or a job from being had, such as `NotForUsers`. Absent for mistakes in files. */
  readonly code?: string;
  /** What could have stood there instead. */
  readonly expected?: readonly string[];
}

/** A job as the configuration directories define it: the best `.conf` of its name, with its override. */
export interface ConfiguredJob {
  readonly name: string;
  readonly definition: JobDefinition;
  readonly path: string;
  readonly overridePath?: string;
  /** The stanzas that the override gave or took away, as the file writes them: `nice`, `env PORT`. */
  readonly overridden?: readonly string[];
  /** The place of its directory in the order of priority, 0 being the highest. */
  readonly priority: number;
}

/** Everything that one walk over the configuration directories found. */
export interface ConfigurationReading {
  readonly jobs: readonly ConfiguredJob[];
  /** What an error names as broken is not in `jobs`, or only without its override. */
  readonly diagnostics: readonly ConfigurationDiagnostic[];
}

/** Reads configuration directories, highest priority first. Never throws for what it finds there. */
export type ReadConfiguration = (confDirs: readonly (string | ConfLocation)[]) => ConfigurationReading;

/** What has to be done for a reading to hold. */
export type ConfigurationChange =
  | { readonly kind: 'define'; readonly job: ConfiguredJob }
  /** `path`: the file that is gone. */
  | { readonly kind: 'remove' | 'stale' | 'fresh'; readonly name: string; readonly path: string };

interface KnownJob {
  readonly job: ConfiguredJob;
  /** The file that is broken now, while `job` is how it was before. */
  readonly stale: string | undefined;
}

/** The file itself, or a directory above it. */
const isBelow = (path: string, broken: ReadonlySet<string>): boolean => {
  for (let place = path; place !== dirname(place); place = dirname(place)) if (broken.has(place)) return true;
  return false;
};

/** Which of a job's own files is broken, if its good definition is not outranked anyway. */
const brokenFile = (known: ConfiguredJob, found: ConfiguredJob | undefined, broken: ReadonlySet<string>) => {
  if (found !== undefined && found.priority < known.priority) return undefined;
  return [known.path, known.overridePath].find((path) => path !== undefined && isBelow(path, broken));
};

/**
 * The jobs that were last read from the directories. A new reading is compared with them, so that only what has changed
 * is touched: a job whose file is broken now keeps its last good definition and is *stale*; one whose files are gone goes.
 */
export class Configuration {
  readonly #jobs = new Map<string, KnownJob>();

  /** The file because of which a job keeps an older definition. */
  staleBecauseOf(name: string): string | undefined {
    return this.#jobs.get(name)?.stale;
  }

  /** Know jobs that were defined by an earlier reading, of another supervisor. */
  seed(jobs: readonly ConfiguredJob[]): void {
    for (const job of jobs) this.#jobs.set(job.name, { job, stale: undefined });
  }

  /** What the files say of a job, as far as they are good. */
  job(name: string): ConfiguredJob | undefined {
    return this.#jobs.get(name)?.job;
  }

  /**
   * Take over a reading. Returns the changes: removals first, then definitions in the order of the reading.
   * @param scope the jobs that the reading is about; default: all. Others are left as they are.
   */
  apply(
    { jobs, diagnostics }: ConfigurationReading,
    scope: ReadonlySet<string> = new Set(this.#jobs.keys()),
  ): ConfigurationChange[] {
    const broken = new Set(diagnostics.flatMap(({ severity, path }) => (severity === 'error' ? [path] : [])));
    const found = new Map(jobs.map((job) => [job.name, job]));
    const before = new Map([...scope].flatMap((name) => this.#withdraw(name)));
    const kept = [...before.values()].flatMap((known) => this.#keepBroken(known, found, broken));
    const removed = [...before.values()].filter(({ job: { name } }) => !found.has(name) && !this.#jobs.has(name));
    return [
      ...removed.map(({ job: { name, path } }) => ({ kind: 'remove', name, path }) as const),
      ...kept,
      ...[...found.values()].flatMap((job) => this.#take(job, before.get(job.name))),
    ];
  }

  /** Take a known job out, to be put back as it is now. */
  #withdraw(name: string): [string, KnownJob][] {
    const known = this.#jobs.get(name);
    this.#jobs.delete(name);
    return known === undefined ? [] : [[name, known]];
  }

  /** If a known job's file is broken: keep what it was, and take it from `found`. */
  #keepBroken(known: KnownJob, found: Map<string, ConfiguredJob>, broken: ReadonlySet<string>): ConfigurationChange[] {
    const { name } = known.job;
    const path = brokenFile(known.job, found.get(name), broken);
    if (path === undefined) return [];
    found.delete(name);
    this.#jobs.set(name, { job: known.job, stale: path });
    return known.stale === path ? [] : [{ kind: 'stale', name, path }];
  }

  #take(job: ConfiguredJob, before: KnownJob | undefined): ConfigurationChange[] {
    this.#jobs.set(job.name, { job, stale: undefined });
    const { name, path } = job;
    return [
      ...(before?.stale === undefined ? [] : [{ kind: 'fresh', name, path } as const]),
      ...(sameData(before?.job.definition, job.definition) ? [] : [{ kind: 'define', job } as const]),
    ];
  }
}
