import { join } from 'node:path';
import { DirectoryEntries } from './directory-entries.js';
import type { DirectoryWatch, DirectoryWatches, NameEvent, NameListener } from './directory-watches.js';
import type { KnownFiles } from './file-record.js';
import type { FileChange, FileWish } from './file-wish.js';
import { followPath, isSameTrail, type PathTrail, type TrailStep } from './path-trail.js';
import { lookAt, namesIn, type Sight } from './sight.js';

/** So often is a way gone that changes meanwhile. */
const MOST_TRIES = 20;
/** How long to wait before watches that could not be had are asked for again. */
const RETRY_MS = 5_000;

interface PlaceOptions {
  readonly watches: DirectoryWatches;
  /** @param match the file, where the wish is not for one file */
  readonly tell: (change: FileChange, match?: string) => void;
  readonly report: (message: string) => void;
  /** What an earlier bridge has told of: only what is different is told. */
  readonly known?: KnownFiles | undefined;
}

/** What the kernel says of a path that is not there, or not for us. */
const NOT_THERE: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'EACCES']);

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** The name of the only entry where a file is looked at for itself, wherever links lead. */
const ITSELF = '';

/** The files that a wish is for, and what is watched for their sake: each step of the way, and what is at its end. */
export class FilePlace {
  readonly #wish: FileWish;
  readonly #options: PlaceOptions;
  /** The file or directory itself. */
  readonly #self: DirectoryEntries | undefined;
  /** What is in the directory. */
  readonly #content: DirectoryEntries | undefined;
  #steps: readonly DirectoryWatch[] = [];
  /** On the directory; another one has another id. */
  #within: DirectoryWatch | undefined;
  #isNew = true;
  #retry: NodeJS.Timeout | undefined;

  constructor(wish: FileWish, options: PlaceOptions) {
    this.#wish = wish;
    this.#options = options;
    this.#self = wish.form === 'glob' ? undefined : this.#itself();
    this.#content = wish.form === 'file' ? undefined : this.#entries();
    this.#self?.remember(options.known?.self ?? {});
    this.#content?.remember(options.known?.content ?? {});
    this.#follow();
    this.#isNew = false;
  }

  /** What has been told, for the bridge after this one. */
  get known(): KnownFiles {
    return { self: this.#self?.marks ?? {}, content: this.#content?.marks ?? {} };
  }

  /** Tell once more what is there. */
  tellAgain(): void {
    (this.#self ?? this.#content)?.tellAgain();
  }

  close(): void {
    clearTimeout(this.#retry);
    for (const step of this.#steps) step.close();
    this.#within?.close();
  }

  #itself(): DirectoryEntries {
    const { watches, tell } = this.#options;
    const isDirectory = this.#wish.form === 'directory';
    const look = (): Sight | undefined => {
      const sight = lookAt(this.#wish.path, { followLink: true });
      return isDirectory && sight?.kind !== 'directory' ? undefined : sight;
    };
    return new DirectoryEntries({
      list: () => (look() === undefined ? [] : [ITSELF]),
      look,
      tell: (change) => {
        // A directory is not modified: it is another one.
        const isOther = isDirectory && change === 'modify';
        for (const each of isOther ? (['delete', 'create'] as const) : [change]) tell(each);
      },
      afterAll: (callback) => watches.afterAll(callback),
    });
  }

  #entries(): DirectoryEntries {
    const { watches, tell } = this.#options;
    const { path, form, fits } = this.#wish;
    return new DirectoryEntries({
      list: () => namesIn(path).filter(fits),
      look: (name) => lookAt(join(path, name), { followLink: false }),
      tell: (change, name) => tell(form === 'directory' ? 'modify' : change, join(path, name)),
      afterAll: (callback) => watches.afterAll(callback),
    });
  }

  /** Go the way, as it is now, and compare what is at its end. */
  #follow(): void {
    clearTimeout(this.#retry);
    try {
      const trail = this.#watchSteps();
      const before = this.#within;
      this.#within = this.#watchWithin(trail);
      before?.close();
      this.#arrived(before?.id);
    } catch (error) {
      // The kernel's limits: others may give watches back.
      this.#options.report(`Failed to watch ${this.#wish.path}: ${error instanceof Error ? error.message : error}`);
      this.#retry = setTimeout(() => this.#follow(), RETRY_MS);
    }
  }

  /** The way may change before it is watched; then it is gone again. */
  #watchSteps(): PathTrail {
    let trail = followPath(this.#wish.path);
    for (let tries = 1; ; tries++) {
      const before = this.#steps;
      const last = trail.reach === 'less' ? undefined : trail.steps.at(-1);
      this.#steps = trail.steps.flatMap((step) => this.#watchStep(step, step === last));
      for (const step of before) step.close();
      const now = followPath(this.#wish.path);
      if (isSameTrail(trail, now) || tries === MOST_TRIES) return now;
      trail = now;
    }
  }

  #watchStep({ directory, name }: TrailStep, isLast: boolean): DirectoryWatch[] {
    const contents = isLast && this.#wish.form === 'file';
    const passed: NameListener = (event) => {
      if (event?.kind !== 'close-write') this.#follow();
    };
    const listener: NameListener = isLast ? (event) => this.#happened(event) : passed;
    const watch = this.#watch(directory, { name, contents }, listener);
    return watch === undefined ? [] : [watch];
  }

  #watchWithin({ steps, reach }: PathTrail): DirectoryWatch | undefined {
    const last = steps.at(-1);
    if (this.#content === undefined || last === undefined || reach !== 'whole') return undefined;
    const listener: NameListener = (event) => this.#happenedWithin(event);
    return this.#watch(join(last.directory, last.name), { contents: true }, listener);
  }

  /** A directory on the way that one may pass but not read goes unwatched. */
  #watch(
    directory: string,
    what: { readonly name?: string; readonly contents: boolean },
    listener: NameListener,
  ): DirectoryWatch | undefined {
    try {
      return this.#options.watches.add(directory, what, listener);
    } catch (error) {
      const code = codeOf(error);
      if (!NOT_THERE.has(code)) throw error;
      if (code === 'EACCES' && what.contents) this.#options.report(`Not permitted to watch ${directory}`);
      return undefined;
    }
  }

  /** Something happened to the last step of the way. */
  #happened(event: NameEvent | undefined): void {
    const { form, path } = this.#wish;
    // A link is looked through: it leads elsewhere now, perhaps.
    const isLink = event?.kind !== 'close-write' && lookAt(path, { followLink: false })?.kind === 'link';
    const isItself = form === 'file' ? !isLink : event?.isDirectory === true;
    if (event !== undefined && isItself) this.#self?.happened({ ...event, name: ITSELF });
    if (event === undefined || form !== 'file' || isLink) this.#follow();
  }

  #happenedWithin(event: NameEvent | undefined): void {
    if (event === undefined) {
      this.#follow();
      if (this.#within !== undefined) this.#content?.scan();
    } else if (this.#wish.fits(event.name)) this.#content?.happened(event);
  }

  /** @param before the directory where the files were; undefined: none */
  #arrived(before: number | undefined): void {
    const now = this.#within?.id;
    const isSame = before === now && !this.#isNew;
    const isDirectory = this.#wish.form === 'directory';
    // What is in a directory goes with it.
    if (isDirectory && !isSame && (now === undefined || !this.#isNew)) this.#content?.forget();
    this.#self?.scan();
    if (isSame) return;
    if (now === undefined) this.#content?.clear();
    else this.#content?.scan(isDirectory && this.#isNew && this.#options.known === undefined);
  }
}
