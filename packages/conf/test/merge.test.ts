import { describe, expect, test } from 'vitest';
import { mergeConf } from '../src/merge.js';
import { STANZA_ROWS } from '../src/stanzas.js';
import { stanzaOf } from './arbitraries.js';
import { fc } from './fast-check.js';
import { confOf } from './helpers.js';

const merge = (text: string, override: string, mergeRules: 'maverick' | '1.13' = 'maverick') =>
  mergeConf(confOf(text), confOf(override), { mergeRules });

describe('an override', () => {
  test.each([
    { text: 'description a\nauthor b', over: 'description c', merged: 'description c\nauthor b' },
    { text: 'start on a\nstop on b', over: 'start on c and d', merged: 'start on c and d\nstop on b' },
    {
      text: 'exec x\npre-start exec y',
      over: 'script\nz\nend script',
      merged: 'script\nz\nend script\npre-start exec y',
    },
    { text: 'exec x', over: 'post-stop exec y', merged: 'exec x\npost-stop exec y' },
    { text: 'limit nofile 1 2\nlimit core 3 4', over: 'limit nofile 5 6', merged: 'limit core 3 4\nlimit nofile 5 6' },
    { text: 'respawn\nrespawn limit 1 2', over: 'respawn limit unlimited', merged: 'respawn\nrespawn limit unlimited' },
    { text: 'kill timeout 9\nkill signal INT', over: 'kill timeout 1', merged: 'kill timeout 1\nkill signal INT' },
    { text: 'oom 5', over: 'oom score 7', merged: 'oom score 7' },
    { text: 'expect fd 4', over: 'expect fork', merged: 'expect fork' },
    { text: 'exec x', over: 'task\nrespawn\ndebug', merged: 'exec x\ntask\nrespawn\ndebug' },
    { text: 'cgroup cpu n k v', over: 'cgroup cpu n k w\ncgroup mem', merged: 'cgroup cpu n k w\ncgroup mem' },
    { text: 'start on a', over: 'manual', merged: 'manual' },
    { text: 'start on a', over: 'manual\nstart on b', merged: 'manual\nstart on b' },
    { text: 'while a', over: 'manual', merged: 'while a\nmanual' },
    { text: 'while a\nmanual', over: 'while b', merged: 'manual\nwhile b' },
    { text: 'instance $X', over: 'instance ""', merged: 'instance ""' },
  ])('$over over $text', ({ text, over, merged }) => {
    const { whileIsGuard, ...conf } = merge(text, over).conf;
    const { whileIsGuard: expectedGuard, ...expected } = confOf(merged);
    expect(conf).toEqual(expected);
    if (conf.while) expect(whileIsGuard).toBe(expectedGuard);
    expect(merge(text, over, '1.13').conf).toEqual(merge(text, over).conf);
  });

  test.each([
    { text: 'emits a', over: 'emits b c', maverick: 'emits b c', original: 'emits a b c' },
    { text: 'export A', over: 'export B', maverick: 'export B', original: 'export A B' },
    { text: 'normal exit 0 1', over: 'normal exit 2', maverick: 'normal exit 2', original: 'normal exit 0 1 2' },
    { text: 'env A=1\nenv B=2', over: 'env A=3', maverick: 'env B=2\nenv A=3', original: 'env A=1\nenv B=2\nenv A=3' },
  ])('$over over $text depends on the rules', ({ text, over, maverick, original }) => {
    expect(merge(text, over).conf).toEqual(confOf(maverick));
    expect(merge(text, over, '1.13').conf).toEqual(confOf(original));
  });

  test('leaves its traces', () => {
    expect(merge('exec x\nenv A=1', 'manual\nenv A=2\nlimit core 1 2\npre-stop exec y').overridden).toEqual([
      'env',
      'startOn',
      'whileIsGuard',
      'processes.pre-stop',
      'limits.core',
    ]);
  });

  test.each([
    {
      name: 'single settings and processes come from the file that gave them last',
      text: 'description a\nauthor b\nexec x\npre-start exec y\nexpect fd 3\noom 5',
      over: 'description c\nscript\nz\nend script\nexpect fork',
      origins: [
        'override description',
        'conf author',
        'override script',
        'conf pre-start exec',
        'override expect',
        'conf oom score',
      ],
    },
    {
      name: 'keys come one by one',
      text: 'env A=1\nenv B=2\nlimit core 1 2\ncgroup cpu',
      over: 'env B=3\nlimit cpu 1 2\ncgroup cpu n',
      origins: [
        'conf env A',
        'override env B',
        'conf limit core',
        'override limit cpu',
        'conf cgroup cpu',
        'override cgroup cpu',
      ],
    },
    {
      name: 'manual is told as such',
      text: 'start on a\nwhile b',
      over: 'manual',
      origins: ['override manual', 'conf while'],
    },
    {
      name: 'lists are replaced',
      text: 'emits a\nexport A',
      over: 'emits b',
      origins: ['conf export', 'override emits'],
    },
  ])('records where stanzas come from: $name', ({ text, over, origins }) => {
    const found = merge(text, over).origins.map(({ from, stanza, key }) => [from, stanza, key].join(' ').trim());
    expect(found).toEqual(origins);
  });

  test('records both files where the rules of 1.13 join lists', () => {
    expect(merge('emits a', 'emits b', '1.13').origins).toEqual([
      { stanza: 'emits', from: 'conf' },
      { stanza: 'emits', from: 'override' },
    ]);
  });

  test('records the stanza of every row of the table', () => {
    for (const row of STANZA_ROWS) {
      if (row.merge === 'forget') continue;
      const [legal] = fc.sample(stanzaOf(row), 1);
      const { origins } = merge('', legal ?? '');
      expect(origins.map(({ stanza, from }) => `${from} ${stanza}`)).toEqual([
        `override ${row.name === 'oom' ? 'oom score' : row.name}`,
      ]);
    }
  });
});
