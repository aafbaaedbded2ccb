// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are job files, not templates.
import { describe, expect, test } from 'vitest';
import { expand } from '../src/expand.js';
import { mergeConf } from '../src/merge.js';
import { resolveJobs } from '../src/resolve.js';
import { toRpn } from '../src/reverse-polish.js';
import { confOf, mainOf, placesOf } from './helpers.js';

/** What surprises in the original and is kept, because job files rely on it. */
describe('kept from the original', () => {
  test('and and or bind equally, from left to right', () => {
    expect(toRpn(confOf('start on a or b and c\n').startOn)).toEqual([['a'], ['b'], ['/OR'], ['c'], ['/AND']]);
  });

  test('# in the middle of a command begins a comment', () => {
    expect(mainOf('exec curl http://x/#y\n')).toBe('curl http://x/');
  });

  test('respawn limit does not switch respawn on', () => {
    expect(confOf('respawn limit 5 5\n').respawn).toBeUndefined();
  });

  test('manual cancels only what precedes it, so in an override it always wins', () => {
    expect(confOf('manual\nstart on a\n').startOn).not.toBeNull();
    expect(mergeConf(confOf('start on a\n'), confOf('manual\n')).conf.startOn).toBeNull();
  });

  test('\\" keeps its backslash, which the shell removes', () => {
    expect(mainOf('exec echo \\"x\\"\n')).toBe('echo \\"x\\"');
  });

  test('an apostrophe in a command opens a string to the end of the file', () => {
    expect(placesOf("exec echo don't\nrespawn\n")).toEqual(['3:1: Unterminated quoted string']);
  });

  test('end script ends the script, even inside a here-document', () => {
    expect(placesOf('script\ncat <<X\nend script\n')).toEqual([]);
    expect(mainOf('script\ncat <<X\nend script\n')).toBe('cat <<X\n');
  });

  test('the indent of scripts is removed, and an empty line switches that off', () => {
    expect(mainOf('script\n  cat <<X\n  X\nend script\n')).toBe('cat <<X\nX\n');
    expect(mainOf('script\n  cat <<X\n\n  X\nend script\n')).toBe('  cat <<X\n\n  X\n');
  });

  test('exec and script may both occur, and neither need', () => {
    expect(mainOf('script\nx\nend script\nexec y\n')).toBe('y');
    expect(confOf('start on a\n').processes).toBeUndefined();
  });

  test('a broken file lets the definition of the next directory through', () => {
    const source = (dir: string, text: string) => ({ dir, files: [{ path: 'a.conf', text, kind: 'file' as const }] });
    expect(resolveJobs([source('1', 'bogus\n'), source('2', 'exec y\n')]).jobs.get('a')?.file).toBe('2/a.conf');
  });

  test('the extremes of oom are accepted, although the messages say otherwise', () => {
    expect(confOf('oom -17\n').oomScore).toBe(-1000);
    expect(confOf('oom score -1000\n').oomScore).toBe(-1000);
  });

  test('limit counts per resource', () => {
    expect(Object.keys(confOf('limit core 1 2\nlimit cpu 3 4\n').limits ?? {})).toEqual(['core', 'cpu']);
  });

  test('scripts keep the CRs of files with CRLF line ends', () => {
    expect(mainOf('script\r\n  x\r\nend script\r\n')).toBe('x\r\n');
  });

  test('$$ is no escape, and the literal dollar is ${}', () => {
    expect(expand('$$A ${}A', () => 'a')).toEqual({ ok: true, value: '$a $A' });
  });
});
