import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A name that was looked up in a directory on the way to a path. */
export interface TrailStep {
  /** Without links in it. */
  readonly directory: string;
  readonly name: string;
}

/** The way to a path. When something happens to one of its steps, the path may lead elsewhere. */
export interface PathTrail {
  /** All that were made, links and their targets included; the last one is the file's, or the first that is missing. */
  readonly steps: readonly TrailStep[];
  /** `whole`: it leads to a file. `but-last`: the file is missing, its directory is there. */
  readonly reach: 'whole' | 'but-last' | 'less';
}

/** As many links as the kernel follows. @see path_resolution(7) */
const MAX_LINKS = 40;

const wordsOf = (path: string): string[] => path.split('/').filter((word) => word !== '' && word !== '.');

/** What a name is: a link's target, `file` for anything else that is there. */
const lookUp = (path: string): 'file' | { readonly target: string } | undefined => {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats?.isSymbolicLink() ? { target: readlinkSync(path) } : stats && 'file';
  } catch {
    // No directory on the way, or one that may not be entered: nothing is there for us.
    return undefined;
  }
};

/** Go an absolute path as the kernel does, and note the way. */
export const followPath = (path: string): PathTrail => {
  const steps: TrailStep[] = [];
  const todo = wordsOf(path);
  let here = '/';
  for (let links = 0; links <= MAX_LINKS; ) {
    const name = todo.shift();
    if (name === undefined) return { steps, reach: 'whole' };
    if (name === '..') {
      here = dirname(here);
      continue;
    }
    steps.push({ directory: here, name });
    const found = lookUp(join(here, name));
    if (found === undefined) return { steps, reach: todo.length === 0 ? 'but-last' : 'less' };
    if (found === 'file') here = join(here, name);
    else {
      links += 1;
      if (found.target.startsWith('/')) here = '/';
      todo.unshift(...wordsOf(found.target));
    }
  }
  // Links in a ring lead nowhere.
  return { steps, reach: 'less' };
};

export const isSameTrail = (one: PathTrail | undefined, other: PathTrail): boolean =>
  one !== undefined &&
  one.reach === other.reach &&
  one.steps.length === other.steps.length &&
  one.steps.every(({ directory, name }, index) => {
    const step = other.steps[index];
    return step?.directory === directory && step.name === name;
  });
