import type { NameEvent } from './directory-watches.js';
import type { Marks } from './file-record.js';
import type { FileChange } from './file-wish.js';
import type { Sight } from './sight.js';

/** Where files are looked at. */
interface Looker {
  /** The names that are there and count. */
  list(): readonly string[];
  /** Undefined: it is not there. */
  look(name: string): Sight | undefined;
}

interface Entry {
  mark: string | undefined;
  /** It was created, and nobody has heard of it yet: its writer is at work. */
  isUntold: boolean;
  /** What is told of it now may have happened before it was looked at. */
  isFresh: boolean;
}

interface EntriesOptions extends Looker {
  readonly tell: (change: FileChange, name: string) => void;
  /** Call back once everything has been told that has happened until now. */
  readonly afterAll: (callback: () => void) => void;
}

/**
 * What is known of the files in a directory, and which changes follow from what the kernel tells: a file is created when its
 * writer closes it, or by its name where it needs no writer.
 */
export class DirectoryEntries {
  readonly #looker: Looker;
  readonly #tell: EntriesOptions['tell'];
  readonly #afterAll: EntriesOptions['afterAll'];
  readonly #known = new Map<string, Entry>();
  #looks = 0;

  constructor(options: EntriesOptions) {
    this.#looker = options;
    this.#tell = options.tell;
    this.#afterAll = options.afterAll;
  }

  /** How those looked that have been told of. */
  get marks(): Marks {
    const told = [...this.#known].flatMap(([name, { mark = '', isUntold }]) =>
      isUntold ? [] : [[name, mark] as const],
    );
    return Object.fromEntries(told);
  }

  /** They have been told of before, and looked so. */
  remember(marks: Marks): void {
    for (const [name, mark] of Object.entries(marks)) this.#known.set(name, { mark, isUntold: false, isFresh: false });
  }

  /** Tell once more what is there. */
  tellAgain(): void {
    for (const [name, { isUntold }] of this.#known) if (!isUntold) this.#tell('create', name);
  }

  /** Look at everything anew, and tell what is different. @param quiet tell nothing */
  scan(quiet = false): void {
    const names = new Set(this.#looker.list());
    for (const name of [...this.#known.keys()]) if (!names.has(name)) this.#gone(name, quiet);
    for (const name of names) this.#scanned(name, quiet);
    this.#freshened();
  }

  /** Everything has gone, with the directory. */
  clear(): void {
    for (const name of [...this.#known.keys()]) this.#gone(name, false);
  }

  /** It is no longer known; nobody is told. */
  forget(): void {
    this.#known.clear();
  }

  happened({ kind, name, isDirectory }: NameEvent): void {
    const entry = this.#known.get(name);
    if (entry?.isFresh && this.#looker.look(name)?.mark === entry.mark) return;
    switch (kind) {
      case 'create':
        if (entry === undefined) this.#created(name, isDirectory);
        break;
      case 'close-write':
      case 'moved-to':
        this.#written(name, entry);
        break;
      case 'delete':
      case 'moved-from':
        this.#gone(name, false);
        break;
    }
  }

  /** One that has two names by now may have had a writer, whose end is still to be told. */
  #created(name: string, isDirectory: boolean): void {
    const sight = this.#looker.look(name);
    const isUntold = !isDirectory && sight?.isWhole !== true;
    this.#known.set(name, { mark: sight?.mark, isUntold, isFresh: !isUntold });
    if (isUntold) return;
    this.#tell('create', name);
    this.#freshened();
  }

  /** Until all that happened before this look has been told. */
  #freshened(): void {
    this.#looks += 1;
    const look = this.#looks;
    this.#afterAll(() => {
      if (look !== this.#looks) return;
      for (const entry of this.#known.values()) entry.isFresh = false;
    });
  }

  #written(name: string, entry: Entry | undefined): void {
    this.#known.set(name, { mark: this.#looker.look(name)?.mark, isUntold: false, isFresh: false });
    this.#tell(entry === undefined || entry.isUntold ? 'create' : 'modify', name);
  }

  #gone(name: string, quiet: boolean): void {
    if (this.#known.delete(name) && !quiet) this.#tell('delete', name);
  }

  #scanned(name: string, quiet: boolean): void {
    const sight = this.#looker.look(name);
    const entry = this.#known.get(name);
    if (sight === undefined) {
      this.#gone(name, quiet);
      return;
    }
    this.#known.set(name, { mark: sight.mark, isUntold: false, isFresh: true });
    if (quiet) return;
    if (entry === undefined || entry.isUntold) this.#tell('create', name);
    else if (entry.mark !== sight.mark) this.#tell('modify', name);
  }
}
