import { dirname } from 'node:path';
import { type ConfFile, type ConfLocation, type ConfSource, jobNameOf } from '@maverick/conf';
import {
  type ConfFileAccess,
  diskFiles,
  type ReadEntry,
  type ReadProblem,
  readConfEntry,
  readConfFile,
  type WalkListener,
} from '@maverick/conf/files';
import type { ConfigurationDiagnostic, ConfigurationReading } from './configuration.js';
import { readingOf } from './configuration-files.js';
import type { ChangedPaths } from './configuration-watch.js';

/** Told of what is read, so that it can be watched. */
export interface TreeListener {
  root(place: number): void;
  directory(place: number, path: string): void;
  link(place: number, path: string): void;
  forget(place: number, path: string): void;
}

/** What changed paths hold now. */
export interface PartialReading {
  /** The jobs that the paths concern, as all files now define them. */
  readonly reading: ConfigurationReading;
  readonly scope: ReadonlySet<string>;
  /** Of the reading's diagnostics those that were not there before. */
  readonly news: readonly ConfigurationDiagnostic[];
}

const isBelow = (path: string, above: string): boolean =>
  above === '' || path === above || path.startsWith(`${above}/`);

/** Directories before what is in them, names by code point: the order of a walk. */
const inWalkOrder = (a: ConfFile, b: ConfFile): number => {
  const left = a.path.split('/');
  const right = b.path.split('/');
  const at = left.findIndex((word, index) => word !== right[index]);
  const [x = '', y = ''] = [left[at], right[at]];
  return x < y ? -1 : Number(x > y);
};

/** The paths that are not below another of them. */
const topmost = (paths: ReadonlySet<string>): string[] =>
  [...paths].filter((path) => ![...ancestorsOf(path)].some((above) => paths.has(above)));

function* ancestorsOf(path: string): Iterable<string> {
  if (path === '') return;
  for (let above = dirname(path); above !== '.'; above = dirname(above)) yield above;
  yield '';
}

/** What was last read of one configuration place. */
class Place {
  readonly location: ConfLocation;
  files = new Map<string, ConfFile>();
  problems: readonly (ReadProblem & { readonly at: string })[] = [];

  constructor(location: ConfLocation) {
    this.location = location;
  }

  /** Put what a path holds now in the place of what it held. Returns the files that it held or holds. */
  replace(path: string, read: ReadEntry): ConfFile[] {
    const before = [...this.files.values()].filter((file) => isBelow(file.path, path));
    for (const file of before) this.files.delete(file.path);
    for (const file of read.files) this.files.set(file.path, file);
    const others = this.problems.filter(({ at }) => !isBelow(at, path));
    const root = `${this.location.path}/`;
    const placed = read.problems.map((problem) => ({
      ...problem,
      at: problem.path.startsWith(root) ? problem.path.slice(root.length) : '',
    }));
    this.problems = [...others, ...placed];
    return [...before, ...read.files];
  }

  source(names?: ReadonlySet<string>): ConfSource {
    const { kind, path } = this.location;
    const all = [...this.files.values()];
    const files = names === undefined ? all : all.filter((file) => names.has(jobNameOf(file.path)));
    return { kind, dir: kind === 'file' ? dirname(path) : path, files: files.sort(inWalkOrder) };
  }
}

/**
 * The files of configuration directories, kept so that a change of one needs no reading of the others. What it has after
 * any number of changes is what a fresh reading would give, provided that it is told of every path that changed.
 */
export class ConfigurationTree {
  readonly #places: readonly Place[];
  readonly #listener: TreeListener | undefined;
  readonly #access: ConfFileAccess;
  /** What was last told of each file, as text. */
  #told = new Map<string, string>();

  constructor(locations: readonly ConfLocation[], listener?: TreeListener, access: ConfFileAccess = diskFiles) {
    this.#places = locations.map((location) => new Place(location));
    this.#listener = listener;
    this.#access = access;
  }

  /** Read everything. */
  read(): ConfigurationReading {
    this.#take(new Map(this.#places.map((_place, index) => [index, new Set([''])])));
    const reading = this.#readingOf();
    this.#told = textsOf(reading.diagnostics);
    return reading;
  }

  /** Read these paths again. */
  reread(changed: ChangedPaths): PartialReading {
    const files = this.#take(changed);
    const scope = new Set(files.map(({ path }) => jobNameOf(path)));
    const reading = this.#readingOf(scope);
    const texts = textsOf(reading.diagnostics);
    const news = reading.diagnostics.filter(({ path }) => this.#told.get(path) !== texts.get(path));
    for (const path of [...this.#told.keys()]) if (this.#concerns(path, scope, changed)) this.#told.delete(path);
    for (const [path, text] of texts) this.#told.set(path, text);
    return { reading, scope, news };
  }

  /** First forget all, then read: what was moved from one path to another must not be forgotten after it was found. */
  #take(changed: ChangedPaths): ConfFile[] {
    const paths = [...changed].flatMap(([place, below]) => topmost(below).map((path) => ({ place, path })));
    for (const { place, path } of paths) this.#listener?.forget(place, path);
    return paths.flatMap(({ place, path }) => this.#places[place]?.replace(path, this.#readPath(place, path)) ?? []);
  }

  #readPath(place: number, path: string): ReadEntry {
    const location = this.#places[place]?.location;
    if (location === undefined) return { files: [], problems: [] };
    if (path === '') this.#listener?.root(place);
    if (location.kind === 'file') {
      const { source, problems } = readConfFile(location.path, this.#access);
      return { files: source.files, problems };
    }
    const listener: WalkListener = {
      onDirectory: (found) => this.#listener?.directory(place, found),
      onLink: (found) => this.#listener?.link(place, found),
    };
    return readConfEntry(location.path, path, listener, this.#access);
  }

  #readingOf(names?: ReadonlySet<string>): ConfigurationReading {
    return readingOf({
      sources: this.#places.map((place) => place.source(names)),
      problems: this.#places.flatMap(({ problems }) => problems),
    });
  }

  /** Whether what was told of a file was about these jobs or paths. */
  #concerns(file: string, names: ReadonlySet<string>, changed: ChangedPaths): boolean {
    return this.#places.some(({ location }, index) => {
      const path = pathBelow(location, file);
      if (path === undefined) return false;
      return names.has(jobNameOf(path)) || [...(changed.get(index) ?? [])].some((above) => isBelow(path, above));
    });
  }
}

/** The path of a file below a place; `''` for the place itself. */
const pathBelow = ({ kind, path }: ConfLocation, file: string): string | undefined => {
  const root = kind === 'file' ? dirname(path) : path;
  if (file === path) return '';
  return file.startsWith(`${root}/`) ? file.slice(root.length + 1) : undefined;
};

const textsOf = (diagnostics: readonly ConfigurationDiagnostic[]): Map<string, string> => {
  const texts = new Map<string, string>();
  for (const diagnostic of diagnostics) {
    texts.set(diagnostic.path, `${texts.get(diagnostic.path) ?? ''}${JSON.stringify(diagnostic)}`);
  }
  return texts;
};
