import { linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fc } from '../../conf/test/fast-check.js';
import { readConfigurationFiles } from '../src/configuration-files.js';
import { Watched } from './helpers/watched.js';

/** Something that is done to files; what the file system refuses was nothing. */
type Operation =
  | { readonly kind: 'write'; readonly path: string; readonly text: string }
  | { readonly kind: 'mkdir' | 'unlink' | 'remove'; readonly path: string }
  | { readonly kind: 'rename' | 'symlink' | 'hardlink' | 'copy'; readonly from: string; readonly to: string }
  | { readonly kind: 'wait' };

const FOLDERS = ['high', 'high/d', 'high/x.conf', 'low', 'other', 'other/d', ''];
const FILES = ['a.conf', 'a.override', 'b.conf', 'd', '.hidden.conf'];
const TEXTS = ['', 'description "one"\n', 'description "two"\n', 'task\n', 'nonsense\n'];

const folder = fc.constantFrom(...FOLDERS);
const path = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(folder, fc.constantFrom(...FILES)).map(([dir, name]) => join(dir, name)) },
  { weight: 2, arbitrary: fc.constantFrom(...FOLDERS.slice(0, -1)) },
);

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('write' as const), path, text: fc.constantFrom(...TEXTS) }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('mkdir', 'unlink', 'remove'), path }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom('rename', 'symlink', 'hardlink', 'copy'), from: path, to: path }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const) }) },
);

const nextTurn = () => new Promise(setImmediate);

const perform = async (root: string, act: Operation): Promise<void> => {
  try {
    switch (act.kind) {
      case 'write':
        return writeFileSync(join(root, act.path), act.text);
      case 'mkdir':
        return void mkdirSync(join(root, act.path), { recursive: true });
      case 'unlink':
        return unlinkSync(join(root, act.path));
      case 'remove':
        return rmSync(join(root, act.path), { recursive: true });
      case 'rename':
        return renameSync(join(root, act.from), join(root, act.to));
      case 'symlink':
        return symlinkSync(join(root, act.from), join(root, act.to));
      case 'hardlink':
        return linkSync(join(root, act.from), join(root, act.to));
      case 'copy':
        // `cpSync` ends the whole process where a link leads nowhere (Node.js 26.10): an exception in C++ that nobody catches.
        return await cp(join(root, act.from), join(root, act.to), { recursive: true });
      case 'wait':
        return void (await nextTurn());
    }
  } catch {
    // A path that is not there, a directory in the way, a rename into itself.
  }
};

/** What the file system says the jobs are; marks are the test's own. */
const freshJobs = (dirs: readonly string[]): Map<string, unknown> => {
  const { jobs } = readConfigurationFiles(dirs);
  return new Map(
    jobs.filter(({ name }) => !name.includes('mark-')).map(({ name, definition }) => [name, definition] as const),
  );
};

/** Links may have made the place of a mark unusable: only a directory can take it. */
const canBeMarked = (dir: string): boolean => {
  try {
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'probe'), '');
    return true;
  } catch {
    return false;
  }
};

test('whatever is done to the files, the jobs are in the end those that a fresh load would give', async () => {
  const operations = fc.array(operation, { minLength: 5, maxLength: 60 });
  const property = fc.asyncProperty(operations, fc.boolean(), async (acts, isPrepared) => {
    const root = mkdtempSync(join(tmpdir(), 'maverick-live-'));
    // Else nothing is there yet that could be watched.
    if (isPrepared) for (const dir of FOLDERS) mkdirSync(join(root, dir), { recursive: true });
    const dirs = [join(root, 'high'), join(root, 'low')];
    const watched = new Watched(dirs);
    try {
      for (const act of acts) await perform(root, act);
      fc.pre(dirs.every(canBeMarked));
      for (const dir of dirs) await watched.settled(dir);
      const fresh = freshJobs(dirs);
      const { supervisor } = watched;
      const jobs = supervisor.jobs().filter(({ name }) => !name.includes('mark-'));
      const good = jobs.filter(({ name }) => supervisor.staleBecauseOf(name) === undefined);
      expect(new Map(good.map(({ name, definition }) => [name, definition]))).toEqual(
        new Map([...fresh].filter(([name]) => supervisor.staleBecauseOf(name) === undefined)),
      );
      // A stale job has a reason: its file is there, and broken.
      const { diagnostics } = readConfigurationFiles(dirs);
      for (const { name } of jobs) {
        const because = supervisor.staleBecauseOf(name);
        if (because !== undefined) expect(diagnostics.map((diagnostic) => diagnostic.path)).toContain(because);
      }
    } finally {
      await watched.close();
      rmSync(root, { recursive: true });
    }
  });
  await fc.assert(property, { numRuns: Number(process.env['MAVERICK_RUNS'] ?? 60), endOnFailure: true });
}, 600_000);
