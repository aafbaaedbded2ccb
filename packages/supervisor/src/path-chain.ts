import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';

/** Something on the way to a path whose change can make the path lead elsewhere. */
export type ChainLink =
  /** It exists: a directory or link that is passed through, or the file at the end. */
  | { readonly kind: 'present'; readonly path: string; readonly inode: number }
  /** It does not: whoever makes `name` in the directory `path` makes the way longer. */
  | { readonly kind: 'missing'; readonly path: string; readonly name: string };

/** As many links as the kernel follows. @see path_resolution(7) */
const MAX_LINKS = 40;

const statOf = (path: string): Stats | undefined => {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    // Not a directory on the way, or one that may not be entered: nothing is there for us.
    return undefined;
  }
};

const targetOf = (path: string): string | undefined => {
  try {
    return readlinkSync(path);
  } catch {
    // Replaced since it was looked at.
    return undefined;
  }
};

const isBelow = (path: string, root: string): boolean => root === '/' || path.startsWith(`${root}/`);

const wordsOf = (path: string): string[] => path.split('/').filter((word) => word !== '' && word !== '.');

/**
 * Every place that is passed on the way to an absolute path, links and their targets included; up to the first that is missing.
 * Watching them all tells whenever the path may have come to mean something else.
 * @param root where a link below it leads that begins with `/`, and beyond which `..` does not go
 */
export const pathChain = (path: string, root = '/'): ChainLink[] => {
  const chain: ChainLink[] = [];
  const todo = wordsOf(path);
  let here = '/';
  for (let links = 0; links <= MAX_LINKS; ) {
    const word = todo.shift();
    if (word === undefined) return chain;
    if (word === '..') {
      if (here !== root) here = dirname(here);
      continue;
    }
    const next = join(here, word);
    const stats = statOf(next);
    if (stats === undefined) return [...chain, { kind: 'missing', path: here, name: word }];
    chain.push({ kind: 'present', path: next, inode: stats.ino });
    const target = stats.isSymbolicLink() ? targetOf(next) : undefined;
    if (target === undefined) {
      here = next;
      continue;
    }
    links += 1;
    if (target.startsWith('/')) here = isBelow(next, root) ? root : '/';
    todo.unshift(...wordsOf(target));
  }
  return chain;
};
