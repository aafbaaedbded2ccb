// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are job files, not templates.
import { describe, expect, test } from 'vitest';
import { expand } from '../src/expand.js';
import { mergeConf } from '../src/merge.js';
import { resolveJobs } from '../src/resolve.js';
import { toRpn } from '../src/reverse-polish.js';
import { confOf, mainOf, placesOf } from './helpers.js';

/**
 * What surprises in the original and is kept, because job files rely on it. The numbers are those of the specification
 * of the language, section 8.1. Two are not kept: lists do not grow across an override (5), and restart takes the new
 * definition (12). What a restart and a stop see (13) is the engine's to keep.
 */
describe('kept from the original', () => {
  test('1: and and or bind equally, from left to right', () => {
    expect(toRpn(confOf('start on a or b and c\n').startOn)).toEqual([['a'], ['b'], ['/OR'], ['c'], ['/AND']]);
  });

  test('2: # in the middle of a command begins a comment', () => {
    expect(mainOf('exec curl http://x/#y\n')).toBe('curl http://x/');
  });

  test('3: respawn limit does not switch respawn on', () => {
    expect(confOf('respawn limit 5 5\n').respawn).toBeUndefined();
  });

  test('4: manual cancels only what precedes it, so in an override it always wins', () => {
    expect(confOf('manual\nstart on a\n').startOn).not.toBeNull();
    expect(mergeConf(confOf('start on a\n'), confOf('manual\n')).conf.startOn).toBeNull();
  });

  test('6: \\" keeps its backslash, which the shell removes', () => {
    expect(mainOf('exec echo \\"x\\"\n')).toBe('echo \\"x\\"');
  });

  test('7: an apostrophe in a command opens a string to the end of the file', () => {
    expect(placesOf("exec echo don't\nrespawn\n")).toEqual(['3:1: Unterminated quoted string']);
  });

  test('8: end script ends the script, even inside a here-document', () => {
    expect(placesOf('script\ncat <<X\nend script\n')).toEqual([]);
    expect(mainOf('script\ncat <<X\nend script\n')).toBe('cat <<X\n');
  });

  test('9: the indent of scripts is removed, and an empty line switches that off', () => {
    expect(mainOf('script\n  cat <<X\n  X\nend script\n')).toBe('cat <<X\nX\n');
    expect(mainOf('script\n  cat <<X\n\n  X\nend script\n')).toBe('  cat <<X\n\n  X\n');
  });

  test('10: exec and script may both occur, and neither need', () => {
    expect(mainOf('script\nx\nend script\nexec y\n')).toBe('y');
    expect(confOf('start on a\n').processes).toBeUndefined();
  });

  test('11: a broken file lets the definition of the next directory through', () => {
    const source = (dir: string, text: string) => ({ dir, files: [{ path: 'a.conf', text, kind: 'file' as const }] });
    expect(resolveJobs([source('1', 'bogus\n'), source('2', 'exec y\n')]).jobs.get('a')?.file).toBe('2/a.conf');
  });

  test('13: values in start on and stop on are kept unexpanded: which environment they see is not known here', () => {
    expect(toRpn(confOf('stop on a X=$Y\n').stopOn)).toEqual([['a', 'X=$Y']]);
  });

  test('14: links to definitions are followed, although the manual says otherwise', () => {
    const files = [{ path: 'a.conf', text: 'exec x\n', kind: 'link' }] as const;
    expect(resolveJobs([{ dir: '1', files }]).jobs.get('a')?.file).toBe('1/a.conf');
  });

  test('15: the extremes of oom are accepted, although the messages say otherwise', () => {
    expect(confOf('oom -17\n').oomScore).toBe(-1000);
    expect(confOf('oom score -1000\n').oomScore).toBe(-1000);
    expect(confOf('oom 7\n').oomScore).toBe(466);
  });

  test('16: limit counts per resource', () => {
    expect(Object.keys(confOf('limit core 1 2\nlimit cpu 3 4\n').limits ?? {})).toEqual(['core', 'cpu']);
  });

  test('17: scripts keep the CRs of files with CRLF line ends', () => {
    expect(mainOf('script\r\n  x\r\nend script\r\n')).toBe('x\r\n');
    expect(mainOf('exec x\r\nrespawn\r\n')).toBe('x');
  });

  test('18: $$ is no escape, and the literal dollar is ${}', () => {
    expect(expand('$$A ${}A', () => 'a')).toEqual({ ok: true, value: '$a $A' });
  });
});
