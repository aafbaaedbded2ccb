import { matchGlob } from '@maverick/conf';
import type { Bridge, BridgeKind, Daemon, FollowedJob } from './bridge.js';
import { ConditionError } from './condition-error.js';
import { DirectoryWatches } from './directory-watches.js';
import { FilePlace } from './file-place.js';
import { dropRecord, type FileRecord, takeRecord, writeRecord } from './file-record.js';
import { type FileChange, type FileWish, readFileWish } from './file-wish.js';
import { Outbox } from './outbox.js';

/** Who asks for the same files, and for which changes. */
interface Asked {
  readonly wish: FileWish;
  readonly changes: ReadonlySet<FileChange>;
  /** Conditions that ask to be told of what is there, by job and text. */
  readonly askers: ReadonlySet<string>;
}

interface FileBridgeOptions {
  /** Where paths that are not absolute begin. Absent: they are refused. */
  readonly home?: string;
}

class FileBridge implements Bridge {
  readonly #daemon: Daemon;
  readonly #home: string | undefined;
  readonly #outbox: Outbox;
  readonly #watches: DirectoryWatches;
  readonly #places = new Map<string, FilePlace>();
  #asked: ReadonlyMap<string, Asked> = new Map();
  #said = new Set<string>();
  /** Of the bridge before this one, for what is asked for at first. */
  #left: FileRecord;

  constructor(daemon: Daemon, { home }: FileBridgeOptions) {
    this.#daemon = daemon;
    this.#home = home;
    this.#outbox = new Outbox(daemon);
    this.#left = takeRecord(daemon.runtimeDir);
    this.#watches = new DirectoryWatches((name) => this.#warn(`Ignored a file whose name is no UTF-8: ${name}`));
  }

  follow(jobs: readonly FollowedJob[]): void {
    const before = this.#asked;
    this.#asked = this.#read(jobs);
    for (const [text, place] of this.#places) {
      if (this.#asked.has(text)) continue;
      place.close();
      this.#places.delete(text);
    }
    for (const [text, { wish, askers }] of this.#asked) {
      const place = this.#places.get(text);
      if (place === undefined) this.#places.set(text, this.#open(wish));
      else if ([...askers].some((asker) => !before.get(text)?.askers.has(asker))) place.tellAgain();
    }
    this.#left = {};
    dropRecord(this.#daemon.runtimeDir);
    this.#outbox.open();
  }

  instancesChanged(): void {
    // Files change whether the job runs or not.
  }

  /** The daemon may execute itself anew, and this bridge inside it. */
  lost(): void {
    this.#outbox.hold();
    this.#leave();
  }

  close(comesBack: boolean): void {
    if (comesBack) this.#leave();
    else dropRecord(this.#daemon.runtimeDir);
    for (const place of this.#places.values()) place.close();
    this.#watches.close();
  }

  /** Keep what has been told, so that the bridge after this one does not tell it again, and finds what is different then. */
  #leave(): void {
    const { runtimeDir } = this.#daemon;
    if (runtimeDir === undefined) return;
    try {
      writeRecord(runtimeDir, Object.fromEntries([...this.#places].map(([text, place]) => [text, place.known])));
    } catch (error) {
      this.#daemon.report('info', `What is there is told again when this is restarted: ${error}`);
    }
  }

  #warn(message: string): void {
    if (this.#said.has(message)) return;
    this.#said.add(message);
    this.#daemon.report('warn', message);
  }

  #read(jobs: readonly FollowedJob[]): ReadonlyMap<string, Asked> {
    const asked = new Map<string, Asked>();
    for (const { path, name, start, stop } of jobs) {
      for (const { args } of [...start, ...stop]) {
        const wish = this.#wish(args, name);
        if (wish === undefined) continue;
        const { changes, askers } = asked.get(wish.text) ?? { changes: [], askers: [] };
        const asker = wish.changes.has('create') ? [[path, ...args].join('\0')] : [];
        asked.set(wish.text, {
          wish,
          changes: new Set([...changes, ...wish.changes]),
          askers: new Set([...askers, ...asker]),
        });
      }
    }
    return asked;
  }

  #wish(args: readonly string[], jobName: string): FileWish | undefined {
    try {
      return readFileWish(args, this.#home);
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      this.#warn(`Ignored file event in ${jobName}: ${error.message}`);
      return undefined;
    }
  }

  #open(wish: FileWish): FilePlace {
    const { text } = wish;
    this.#daemon.report('info', `Watching ${text}`);
    // A pattern with a set does not fit itself as text: then the file stands for it.
    const isOwnMatch = matchGlob(text, text);
    return new FilePlace(wish, {
      watches: this.#watches,
      tell: (change, match) => {
        if (!this.#asked.get(text)?.changes.has(change)) return;
        const env = [`FILE=${isOwnMatch ? text : (match ?? text)}`, `EVENT=${change}`];
        this.#outbox.push({ env: match === undefined ? env : [...env, `MATCH=${match}`] });
      },
      report: (message) => this.#warn(message),
      known: this.#left[text],
    });
  }
}

/**
 * Event `file`: a file, a file of a directory, or one whose name fits a pattern is created, modified or deleted.
 * @see spec: bridges.md 3
 */
export const fileBridgeWith = (options: FileBridgeOptions): BridgeKind => ({
  event: 'file',
  make: (daemon) => new FileBridge(daemon, options),
});
