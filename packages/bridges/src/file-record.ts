import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** How files looked when they were told of last, by name. */
export type Marks = Readonly<Record<string, string>>;

/** What is known of the files of a wish. */
export interface KnownFiles {
  /** The file or directory itself. */
  readonly self: Marks;
  /** What is in the directory. */
  readonly content: Marks;
}

/** By the text of the wish. */
export type FileRecord = Readonly<Record<string, KnownFiles>>;

/** Where it lies until the next boot. */
const pathIn = (runtimeDir: string): string => `${runtimeDir}/upstart-file-bridge.json`;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isMarks = (value: unknown): value is Marks =>
  isObject(value) && Object.values(value).every((mark) => typeof mark === 'string');

/** Take what the bridge before this one has left: nobody finds it again. */
export const takeRecord = (runtimeDir: string | undefined): FileRecord => {
  if (runtimeDir === undefined) return {};
  try {
    const path = pathIn(runtimeDir);
    const text = readFileSync(path, 'utf8');
    rmSync(path);
    const found: unknown = JSON.parse(text);
    const known = Object.entries(isObject(found) ? found : {});
    return Object.fromEntries(
      known.flatMap(([wish, files]): [string, KnownFiles][] =>
        isObject(files) && isMarks(files['self']) && isMarks(files['content'])
          ? [[wish, { self: files['self'], content: files['content'] }]]
          : [],
      ),
    );
  } catch {
    // None, or nothing that we wrote: all that is there is told.
    return {};
  }
};

/** @throws Error where it can't be written */
export const writeRecord = (runtimeDir: string, record: FileRecord): void => {
  const path = pathIn(runtimeDir);
  writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${path}.new`, path);
};

export const dropRecord = (runtimeDir: string | undefined): void => {
  if (runtimeDir !== undefined) rmSync(pathIn(runtimeDir), { force: true });
};
