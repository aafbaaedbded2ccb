import { lstatSync, readdirSync, statSync } from 'node:fs';

/** A file as it was looked at. */
export interface Sight {
  /** With another text it was changed, or is another file. A directory is the same whatever happens in it. */
  readonly mark: string;
  readonly kind: 'directory' | 'link' | 'other';
  /** Nobody writes to it before it is whole: it is no plain file, or another name of one that was there. */
  readonly isWhole: boolean;
}

/** Look at a file. @returns undefined where it is not there, or not for us */
export const lookAt = (path: string, { followLink }: { readonly followLink: boolean }): Sight | undefined => {
  try {
    const status = (followLink ? statSync : lstatSync)(path, { bigint: true, throwIfNoEntry: false });
    if (status === undefined) return undefined;
    const { dev, ino, size, mtimeNs, ctimeNs } = status;
    if (status.isDirectory()) return { mark: `${dev}:${ino}`, kind: 'directory', isWhole: true };
    return {
      mark: `${dev}:${ino} ${size} ${mtimeNs} ${ctimeNs}`,
      kind: status.isSymbolicLink() ? 'link' : 'other',
      isWhole: !status.isFile() || status.nlink > 1n,
    };
  } catch {
    return undefined;
  }
};

/** The names in a directory; none where it can't be read. */
export const namesIn = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
};
