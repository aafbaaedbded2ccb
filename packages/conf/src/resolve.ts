/**
 * From the files of all configuration directories to jobs: which definition is used, and which override applies.
 *
 * @see specification of the language, sections 5.2, 5.4 and 5.5
 */

import type { Diagnostic } from './diagnostic.js';
import { defineJob, type JobConf, type JobDefinition } from './job-conf.js';
import { type MergeRules, mergeConf } from './merge.js';
import { confFileKind, isLoadedPath, jobNameOf } from './names.js';
import type { StanzaOrigin } from './origins.js';
import { type ParseOptions, type ReadConf, readConf } from './parse.js';

/** A file below a configuration directory. */
export interface ConfFile {
  /** Relative to the directory, with `/`. */
  readonly path: string;
  readonly text: string;
  /** A `link` to a file defines a job like a file, but overrides nothing. */
  readonly kind: 'file' | 'link';
}

/** A configuration directory with its files, or the file of its own that may hold only comments. */
export interface ConfSource {
  /** `directory` if absent. */
  readonly kind?: 'directory' | 'file';
  /** The directory, or the directory of the file; without a `/` at the end. */
  readonly dir: string;
  /** In the order in which they are loaded. Files that count for nothing are skipped. */
  readonly files: readonly ConfFile[];
  /** Jobs of another session are other jobs, and overrides stay inside their session. Default: the system's. */
  readonly session?: string;
}

export interface ResolveOptions extends Pick<ParseOptions, 'strict'> {
  readonly mergeRules?: MergeRules;
}

/** A job as its file and its override define it. */
export interface ResolvedJob {
  readonly name: string;
  readonly session?: string;
  /** What the stanzas say, override included. */
  readonly conf: JobConf;
  /** The same with the defaults filled in. */
  readonly definition: JobDefinition;
  /** The path of its `.conf` file. */
  readonly file: string;
  /** The path of the override that was applied. */
  readonly override?: string;
  /** The settings that the override gave or took away. */
  readonly overridden: readonly string[];
  /** Where an override was applied: every stanza that counts, with its file. Else all come from `file`. */
  readonly origins: readonly (StanzaOrigin & { readonly file: string })[];
}

export interface Resolution {
  /** By name; those of sessions other than the system's under `SESSION:NAME`. */
  readonly jobs: ReadonlyMap<string, ResolvedJob>;
  /** Every diagnostic of every file once, in the order of the files. */
  readonly diagnostics: readonly Diagnostic[];
}

interface LoadedFile {
  readonly path: string;
  readonly read: ReadConf;
}

class Resolver {
  private readonly sources: readonly ConfSource[];
  private readonly options: ResolveOptions;
  private readonly jobs = new Map<string, ResolvedJob>();
  private readonly diagnostics: Diagnostic[] = [];
  private readonly loaded = new Map<ConfFile, LoadedFile>();
  private readonly overrides: readonly ReadonlyMap<string, ConfFile>[];

  constructor(sources: readonly ConfSource[], options: ResolveOptions) {
    this.sources = sources;
    this.options = options;
    this.overrides = sources.map(overridesOf);
  }

  run(): Resolution {
    this.sources.forEach((source, index) => {
      for (const file of source.files) this.loadFile(source, file, index);
    });
    return { jobs: this.jobs, diagnostics: this.diagnostics };
  }

  private loadFile(source: ConfSource, file: ConfFile, index: number): void {
    if (source.kind === 'file') this.load(source, file);
    else if (isLoadedPath(file.path) && confFileKind(file.path) === 'conf') this.define(source, file, index);
  }

  private define(source: ConfSource, file: ConfFile, index: number): void {
    const name = jobNameOf(file.path);
    const loaded = this.load(source, file);
    const override = this.findOverride(name, index);
    const key = source.session === undefined ? name : `${source.session}:${name}`;
    if (!loaded.read.conf || this.jobs.has(key)) return;
    const over = override?.read.conf;
    const merged = over ? mergeConf(loaded.read.conf, over, this.options) : undefined;
    const conf = merged?.conf ?? loaded.read.conf;
    this.jobs.set(key, {
      name,
      ...(source.session === undefined ? {} : { session: source.session }),
      conf,
      definition: defineJob(conf),
      file: loaded.path,
      ...(override && merged ? { override: override.path } : {}),
      overridden: merged?.overridden ?? [],
      origins: (merged?.origins ?? []).map((origin) => ({
        ...origin,
        file: origin.from === 'override' && override ? override.path : loaded.path,
      })),
    });
  }

  /** The override of the highest source, not below the definition's own; a broken one hides those below all the same. */
  private findOverride(name: string, index: number): LoadedFile | undefined {
    const session = this.sources[index]?.session;
    for (let above = 0; above <= index; above += 1) {
      const source = this.sources[above];
      const file = this.overrides[above]?.get(name);
      if (source && file && source.session === session) return this.load(source, file);
    }
    return undefined;
  }

  private load(source: ConfSource, file: ConfFile): LoadedFile {
    const known = this.loaded.get(file);
    if (known) return known;
    const path = `${source.dir}/${file.path}`;
    const { strict } = this.options;
    const read = readConf(file.text, {
      file: path,
      ...(strict === undefined ? {} : { strict }),
      ...(source.kind === 'file' ? { stanzas: 'none' } : {}),
    });
    const loaded = { path, read };
    this.loaded.set(file, loaded);
    for (const diagnostic of read.diagnostics) this.diagnostics.push(diagnostic);
    return loaded;
  }
}

const overridesOf = (source: ConfSource): ReadonlyMap<string, ConfFile> =>
  new Map(
    source.kind === 'file'
      ? []
      : source.files
          .filter(({ path, kind }) => kind === 'file' && isLoadedPath(path) && confFileKind(path) === 'override')
          .map((file) => [jobNameOf(file.path), file]),
  );

/**
 * Find the jobs that these sources define.
 *
 * The first source with a file of a job's name that has no error defines the job; files of equal name never mix. The
 * first override of that name, from the highest source down to the definition's own, is laid over it. An override with
 * an error is ignored whole, and an override alone defines nothing.
 * @param sources highest priority first
 */
export const resolveJobs = (sources: readonly ConfSource[], options: ResolveOptions = {}): Resolution =>
  new Resolver(sources, options).run();
