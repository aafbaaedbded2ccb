import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withFileRights } from '../src/file-rights.js';
import { findKnownUser } from '../src/identity.js';
import { isRoot } from './helpers/run.js';

if (!isRoot) console.log('skipped: only root can have the rights of another user');

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'maverick-rights-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const codeOf = (act: () => unknown): string | undefined => {
  try {
    act();
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
};

test('a user is known by name and by id', () => {
  const daemon = findKnownUser('daemon');
  expect(daemon).toMatchObject({ name: 'daemon', home: expect.stringMatching(/^\//), groups: [daemon?.gid] });
  expect(findKnownUser(daemon?.uid ?? -1)).toEqual(daemon);
  expect(findKnownUser('no-such-user')).toBeUndefined();
});

describe.skipIf(!isRoot)("with a user's rights on files", () => {
  const daemon = () => {
    const user = findKnownUser('daemon');
    if (user === undefined) throw new Error('no user daemon');
    return user;
  };

  test('what only root may read is not read, and after it is', () => {
    writeFileSync(join(dir, 'secret'), 'x', { mode: 0o600 });
    expect(codeOf(() => withFileRights(daemon(), () => readFileSync(join(dir, 'secret'))))).toBe('EACCES');
    expect(codeOf(() => withFileRights(daemon(), () => readdirSync(dir)))).toBe('EACCES');
    expect(readFileSync(join(dir, 'secret'), 'utf8')).toBe('x');
    expect([process.geteuid?.(), process.getegid?.()]).toEqual([0, 0]);
  });

  test('their groups count', () => {
    const file = join(dir, 'of-a-group');
    writeFileSync(file, 'x', { mode: 0o640 });
    chownSync(file, 0, 4711);
    chmodSync(dir, 0o755);
    const read = (groups: readonly number[]) =>
      codeOf(() => withFileRights({ ...daemon(), groups }, () => readFileSync(file)));
    expect(read([4712])).toBe('EACCES');
    expect(read([4712, 4711])).toBeUndefined();
  });

  test('what is thrown comes through, and the rights are ours again', () => {
    expect(() =>
      withFileRights(daemon(), () => {
        throw new Error('of ours');
      }),
    ).toThrow('of ours');
    writeFileSync(join(dir, 'made'), '');
  });
});
