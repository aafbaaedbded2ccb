import { describe, expect, test } from 'vitest';
import { formatDiagnostic } from '../src/diagnostic.js';
import { type ConfSource, type ResolveOptions, resolveJobs } from '../src/resolve.js';

/** Sources in order of priority: `{ 1: { 'a.conf': text } }`. */
const sourcesOf = (tree: Readonly<Record<string, Readonly<Record<string, string>>>>): readonly ConfSource[] =>
  Object.entries(tree).map(([dir, files]) => ({
    dir,
    files: Object.entries(files).map(([path, text]) => ({ path, text, kind: 'file' })),
  }));

const commandsOf = (
  sources: readonly ConfSource[],
  options: ResolveOptions = {},
): Record<string, string | undefined> => {
  const { jobs } = resolveJobs(sources, options);
  return Object.fromEntries([...jobs].map(([key, job]) => [key, job.conf.processes?.main?.command]));
};

describe('the definition of a job', () => {
  test.each([
    { name: 'is that of the first directory', tree: { 1: { 'a.conf': 'exec 1' }, 2: { 'a.conf': 'exec 2' } }, a: '1' },
    { name: 'is not the broken one', tree: { 1: { 'a.conf': 'bogus' }, 2: { 'a.conf': 'exec 2' } }, a: '2' },
    { name: 'is not an override', tree: { 1: { 'a.override': 'exec 1' } }, a: undefined },
    {
      name: 'comes from no broken file with an override',
      tree: { 1: { 'a.conf': 'x', 'a.override': 'exec 1' } },
      a: undefined,
    },
  ])('$name', ({ tree, a }) => {
    expect(commandsOf(sourcesOf(tree))['a']).toBe(a);
  });

  test('is named by its path', () => {
    const tree = {
      1: { 'net/web.conf': 'exec 1', 'x.y.conf': 'exec 2', 'z.conf.conf': 'exec 3', 'd.conf/b.conf': 'exec 4' },
    };
    expect(commandsOf(sourcesOf(tree))).toEqual({ 'net/web': '1', 'x.y': '2', 'z.conf': '3', 'd.conf/b': '4' });
  });

  test('is not in a hidden file or an ignored directory', () => {
    const tree = { 1: { '.a.conf': 'exec 1', 'CVS/b.conf': 'exec 2', 'c.conf~': 'exec 3', 'd.CONF': 'exec 4' } };
    expect(commandsOf(sourcesOf(tree))).toEqual({});
  });

  test('may be a link', () => {
    const files = [{ path: 'a.conf', text: 'exec 1', kind: 'link' }] as const;
    expect(commandsOf([{ dir: '1', files }])).toEqual({ a: '1' });
  });

  test('belongs to its session', () => {
    const files = [{ path: 'a.conf', text: 'exec 1', kind: 'file' }] as const;
    const inside = [{ path: 'a.conf', text: 'exec 2', kind: 'file' }] as const;
    expect(
      commandsOf([
        { dir: '1', files },
        { dir: '2', files: inside, session: 'chroot' },
      ]),
    ).toEqual({
      a: '1',
      'chroot:a': '2',
    });
  });
});

describe('the override of a job', () => {
  test.each([
    { name: 'is that of its own directory', tree: { 1: { 'a.conf': 'exec x', 'a.override': 'nice 1' } }, from: '1' },
    {
      name: 'is the first one from the top',
      tree: { 1: { 'a.override': 'nice 1' }, 2: { 'a.conf': 'exec x', 'a.override': 'nice 2' } },
      from: '1',
    },
    {
      name: 'is never below the definition',
      tree: { 1: { 'a.conf': 'exec x' }, 2: { 'a.override': 'nice 2' } },
      from: undefined,
    },
    {
      name: 'is ignored if it is broken',
      tree: { 1: { 'a.conf': 'exec x', 'a.override': 'nice 1\nbogus' } },
      from: undefined,
    },
    {
      name: 'hides those below it even if it is broken',
      tree: { 1: { 'a.override': 'bogus' }, 2: { 'a.conf': 'exec x', 'a.override': 'nice 2' } },
      from: undefined,
    },
    { name: 'has the same path', tree: { 1: { 'x/a.conf': 'exec x', 'a.override': 'nice 1' } }, from: undefined },
  ])('$name', ({ tree, from }) => {
    const [job] = resolveJobs(sourcesOf(tree)).jobs.values();
    expect(job?.override).toBe(from === undefined ? undefined : `${from}/a.override`);
    expect(job?.conf.nice).toBe(from === undefined ? undefined : Number(from));
  });

  test('is no link', () => {
    const files = [
      { path: 'a.conf', text: 'exec x', kind: 'file' },
      { path: 'a.override', text: 'nice 1', kind: 'link' },
    ] as const;
    expect(resolveJobs([{ dir: '1', files }]).jobs.get('a')?.override).toBeUndefined();
  });

  test('belongs to the same session', () => {
    const over = { dir: '1', files: [{ path: 'a.override', text: 'nice 1', kind: 'file' }] } as const;
    const conf = { dir: '2', session: 'chroot', files: [{ path: 'a.conf', text: 'exec x', kind: 'file' }] } as const;
    expect(resolveJobs([over, conf]).jobs.get('chroot:a')?.conf.nice).toBeUndefined();
  });

  test('is told', () => {
    const [job] = resolveJobs(sourcesOf({ 1: { 'a.conf': 'exec x', 'a.override': 'nice 1' } })).jobs.values();
    expect(job).toMatchObject({ name: 'a', file: '1/a.conf', override: '1/a.override', overridden: ['nice'] });
    expect(job?.definition.nice).toBe(1);
    expect(job?.origins).toEqual([
      { stanza: 'exec', from: 'conf', file: '1/a.conf' },
      { stanza: 'nice', from: 'override', file: '1/a.override' },
    ]);
  });
});

describe('diagnostics', () => {
  test('come once a file, with its path', () => {
    const tree = { 1: { 'a.override': 'bogus', 'a.conf': 'nice x' }, 2: { 'a.conf': 'exec y' } };
    expect(resolveJobs(sourcesOf(tree)).diagnostics.map(formatDiagnostic)).toEqual([
      '1/a.conf:1: Illegal nice value, expected -20 to 19',
      '1/a.override:1: Unknown stanza',
    ]);
  });

  test('come for any stanza in a file that may hold only comments', () => {
    const files = [{ path: 'init.conf', text: '# fine\n\nrespawn\n', kind: 'file' }] as const;
    const { jobs, diagnostics } = resolveJobs([{ kind: 'file', dir: '/etc', files }]);
    expect(diagnostics.map(formatDiagnostic)).toEqual(['/etc/init.conf:3: Unknown stanza']);
    expect(jobs.size).toBe(0);
  });
});
