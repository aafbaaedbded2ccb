import {
  appendFileSync,
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fileBridgeWith } from '../src/file-bridge.js';
import { FakeDaemon, jobsFor } from './helpers/fake-daemon.js';
import { bothWays, SOON } from './helpers/scene.js';

const start = (...files: readonly string[]) => {
  const home = mkdtempSync(join(tmpdir(), 'maverick-files-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const at = (name: string) => join(home, name);
  const daemon = new FakeDaemon();
  const bridge = fileBridgeWith({ home }).make(daemon);
  onTestFinished(() => bridge.close(false));
  const follow = (...wanted: readonly string[]) => bridge.follow(jobsFor(...wanted.map((file) => file.split(' '))));
  /** Begin once what the test has prepared is there. */
  const begin = () => follow(...files.map((file) => `FILE=${file}`));
  /** What was told since the last time, without the folder's name; `done` is the last of it. */
  const told = async (last: string): Promise<string[]> => {
    await expect.poll(() => daemon.told.at(-1)?.replaceAll(`${home}/`, ''), SOON).toBe(last);
    return daemon.told.splice(0).map((text) => text.replaceAll(`${home}/`, ''));
  };
  return { home, at, daemon, bridge, begin, follow, told };
};

const mayWriteThere = process.getuid?.() === 0;
if (!mayWriteThere) console.log('skipped: only root can make a file directly below /');

const write = (path: string) => writeFileSync(path, 'x');

test('a file: there at first, changed, replaced, gone, and back', async () => {
  const { at, begin, told } = start('x');
  write(at('x'));
  begin();
  expect(await told('FILE=x EVENT=create')).toHaveLength(1);
  appendFileSync(at('x'), 'more');
  expect(await told('FILE=x EVENT=modify')).toHaveLength(1);
  write(at('y'));
  renameSync(at('y'), at('x'));
  expect(await told('FILE=x EVENT=modify')).toHaveLength(1);
  unlinkSync(at('x'));
  expect(await told('FILE=x EVENT=delete')).toHaveLength(1);
  write(at('x'));
  expect(await told('FILE=x EVENT=create')).toHaveLength(1);
  renameSync(at('x'), at('z'));
  expect(await told('FILE=x EVENT=delete')).toHaveLength(1);
});

test('a file is created when its writer closes it; one that needs no writer at once', async () => {
  const { at, begin, told } = start('x', 'y', 'other');
  begin();
  const fd = openSync(at('x'), 'w');
  write(at('other'));
  linkSync(at('other'), at('y'));
  expect(await told('FILE=y EVENT=create')).toEqual(['FILE=other EVENT=create', 'FILE=y EVENT=create']);
  closeSync(fd);
  expect(await told('FILE=x EVENT=create')).toHaveLength(1);
});

test('a file whose directories are not there yet, at any depth, again and again', async () => {
  const { at, begin, told } = start('a/b/c/x');
  begin();
  for (let round = 0; round < 3; round++) {
    mkdirSync(at('a/b/c'), { recursive: true });
    write(at('a/b/c/x'));
    expect(await told('FILE=a/b/c/x EVENT=create')).toHaveLength(1);
    appendFileSync(at('a/b/c/x'), 'more');
    expect(await told('FILE=a/b/c/x EVENT=modify')).toHaveLength(1);
    if (round === 1) renameSync(at('a/b'), at(`moved-${round}`));
    else rmSync(at('a'), { recursive: true });
    expect(await told('FILE=a/b/c/x EVENT=delete')).toHaveLength(1);
  }
});

test.skipIf(!mayWriteThere)('a file directly below /', async () => {
  const name = `/maverick-file-bridge-${process.pid}`;
  const { begin, told } = start(name);
  onTestFinished(() => rmSync(name, { force: true }));
  begin();
  write(name);
  expect(await told(`FILE=${name} EVENT=create`)).toHaveLength(1);
  unlinkSync(name);
  expect(await told(`FILE=${name} EVENT=delete`)).toHaveLength(1);
});

test('a link: what it leads to counts, and where it leads', async () => {
  const { at, begin, told } = start('link');
  mkdirSync(at('d'));
  write(at('d/one'));
  symlinkSync('d/one', at('link'));
  begin();
  expect(await told('FILE=link EVENT=create')).toHaveLength(1);
  appendFileSync(at('d/one'), 'more');
  expect(await told('FILE=link EVENT=modify')).toHaveLength(1);
  symlinkSync('d/two', at('new'));
  renameSync(at('new'), at('link'));
  expect(await told('FILE=link EVENT=delete')).toHaveLength(1);
  write(at('d/two'));
  expect(await told('FILE=link EVENT=create')).toHaveLength(1);
  rmSync(at('d'), { recursive: true });
  expect(await told('FILE=link EVENT=delete')).toHaveLength(1);
});

test('a directory: there at first, what happens in it, gone, and back', async () => {
  const { at, begin, told } = start('d/');
  mkdirSync(at('d'));
  write(at('d/old'));
  begin();
  expect(await told('FILE=d/ EVENT=create')).toHaveLength(1);
  write(at('d/x'));
  expect(await told('FILE=d/ EVENT=modify MATCH=d/x')).toHaveLength(1);
  appendFileSync(at('d/old'), 'more');
  expect(await told('FILE=d/ EVENT=modify MATCH=d/old')).toHaveLength(1);
  mkdirSync(at('d/sub'));
  expect(await told('FILE=d/ EVENT=modify MATCH=d/sub')).toHaveLength(1);
  rmSync(at('d'), { recursive: true });
  const gone = await told('FILE=d/ EVENT=delete');
  const entries = ['old', 'sub', 'x'].map((name) => `FILE=d/ EVENT=modify MATCH=d/${name}`);
  expect(gone.sort()).toEqual(['FILE=d/ EVENT=delete', ...entries].sort());
  mkdirSync(at('d'));
  expect(await told('FILE=d/ EVENT=create')).toHaveLength(1);
  write(at('d/y'));
  expect(await told('FILE=d/ EVENT=modify MATCH=d/y')).toHaveLength(1);
});

test('a directory that is wanted for one kind of change only', async () => {
  const { at, follow, told } = start();
  follow('FILE=d/ EVENT=delete', 'FILE=end');
  mkdirSync(at('d'));
  write(at('d/x'));
  rmSync(at('d'), { recursive: true });
  expect(await told('FILE=d/ EVENT=delete')).toHaveLength(1);
  mkdirSync(at('d'));
  write(at('end'));
  expect(await told('FILE=end EVENT=create')).toHaveLength(1);
});

test('a pattern: files that are there, come, change, are renamed, and go', async () => {
  const { at, begin, told } = start('d/*.log');
  mkdirSync(at('d'));
  write(at('d/old.log'));
  write(at('d/old.txt'));
  begin();
  expect(await told('FILE=d/*.log EVENT=create MATCH=d/old.log')).toHaveLength(1);
  write(at('d/x.txt'));
  write(at('d/x.log'));
  expect(await told('FILE=d/*.log EVENT=create MATCH=d/x.log')).toHaveLength(1);
  write(at('d/x.log'));
  expect(await told('FILE=d/*.log EVENT=modify MATCH=d/x.log')).toHaveLength(1);
  renameSync(at('d/x.log'), at('d/y.log'));
  expect(await told('FILE=d/*.log EVENT=create MATCH=d/y.log')).toEqual([
    'FILE=d/*.log EVENT=delete MATCH=d/x.log',
    'FILE=d/*.log EVENT=create MATCH=d/y.log',
  ]);
  renameSync(at('d'), at('away'));
  expect((await told('FILE=d/*.log EVENT=delete MATCH=d/y.log')).sort()).toEqual([
    'FILE=d/*.log EVENT=delete MATCH=d/old.log',
    'FILE=d/*.log EVENT=delete MATCH=d/y.log',
  ]);
  renameSync(at('away'), at('d'));
  expect(await told('FILE=d/*.log EVENT=create MATCH=d/y.log')).toHaveLength(2);
});

test.each([
  {
    comesBack: true,
    told: ['x/* EVENT=delete MATCH=x/gone', 'x/* EVENT=modify MATCH=x/other', 'x/* EVENT=create MATCH=x/new'],
  },
  {
    comesBack: false,
    told: ['x/* EVENT=create MATCH=x/other', 'x/* EVENT=create MATCH=x/same', 'x/* EVENT=create MATCH=x/new'],
  },
])('a bridge in the place of another tells what is different, if that was to come back: $comesBack', async (row) => {
  const { home, at } = start();
  const runtimeDir = join(home, 'run');
  mkdirSync(runtimeDir);
  mkdirSync(at('x'));
  for (const name of ['gone', 'other', 'same']) write(at(`x/${name}`));
  const begin = () => {
    const daemon = new FakeDaemon(runtimeDir);
    const bridge = fileBridgeWith({ home }).make(daemon);
    bridge.follow(jobsFor(['FILE=x/*'], ['FILE=d/'], ['FILE=f']));
    return { bridge, told: daemon.told };
  };
  mkdirSync(at('d'));
  write(at('f'));
  const before = begin();
  expect(before.told).toHaveLength(5);
  before.bridge.close(row.comesBack);
  unlinkSync(at('x/gone'));
  appendFileSync(at('x/other'), 'more');
  write(at('x/new'));
  rmSync(at('d'), { recursive: true });
  unlinkSync(at('f'));
  const { bridge, told } = begin();
  onTestFinished(() => bridge.close(false));
  const gone = row.comesBack ? ['FILE=d/ EVENT=delete', 'FILE=f EVENT=delete'] : [];
  const expected = [...row.told.map((text) => `FILE=${text}`), ...gone];
  expect(told.map((text) => text.replaceAll(`${home}/`, '')).sort()).toEqual(expected.sort());
});

test('every change of many files is told once, in its order, by every pattern that the file fits', async () => {
  const patterns = Array.from({ length: 100 }, (_, index) => `d/*.${index}`);
  const { at, begin, daemon } = start(...patterns, 'd/1*');
  mkdirSync(at('d'));
  begin();
  const kinds = ['create', 'modify', 'modify', 'delete'];
  const acts = [write, write, write, unlinkSync];
  for (const act of acts) for (let index = 0; index < 100; index++) act(at(`d/${index % 10}.${index}`));
  await expect.poll(() => daemon.told.length, SOON).toBe(440);
  const seen = new Map<string, string[]>();
  for (const text of daemon.told) {
    const [, file = '', change = ''] = /FILE=(\S+) EVENT=(\w+)/.exec(text) ?? [];
    const key = file.endsWith('1*') ? text.replace(/EVENT=\w+ /, '') : file;
    seen.set(key, [...(seen.get(key) ?? []), change]);
  }
  expect(seen.get('d/*.7')).toEqual(kinds);
  expect([...seen.values()]).toEqual(Array(110).fill(kinds));
});

test('a pattern with a set: the file stands for it, as the text does not fit itself', async () => {
  const { at, begin, told } = start('[ab]');
  begin();
  write(at('b'));
  expect(await told('FILE=b EVENT=create MATCH=b')).toHaveLength(1);
});

test('a change of other jobs tells nothing twice; a job that comes is told what is there', async () => {
  const { at, follow, told } = start();
  write(at('x'));
  follow('FILE=x');
  expect(await told('FILE=x EVENT=create')).toHaveLength(1);
  follow('FILE=x', 'FILE=y EVENT=modify');
  follow('FILE=x', 'FILE=y', 'FILE=x');
  expect(await told('FILE=x EVENT=create')).toHaveLength(1);
});

test('what happens while there is no daemon is told when it is back, in its order', async () => {
  const { at, begin, bridge, daemon, told } = start('x', 'y');
  begin();
  bridge.lost();
  write(at('x'));
  write(at('y'));
  unlinkSync(at('x'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(daemon.told).toEqual([]);
  begin();
  expect(await told('FILE=x EVENT=delete')).toEqual([
    'FILE=x EVENT=create',
    'FILE=y EVENT=create',
    'FILE=x EVENT=delete',
  ]);
});

test('more changes at once than the kernel keeps: the end is right, for every file', async () => {
  const { at, begin, daemon } = start('d/*');
  mkdirSync(at('d'));
  for (let i = 0; i < 50; i++) write(at(`d/${i}`));
  begin();
  await expect.poll(() => daemon.told.length, SOON).toBe(50);
  daemon.told.splice(0);
  // Nobody reads them meanwhile: fs.inotify.max_queued_events is 16,384 by default.
  for (let count = 0; count < 18_000; count++) closeSync(openSync(at(`d/${count % 20}`), 'r+'));
  for (let i = 20; i < 30; i++) unlinkSync(at(`d/${i}`));
  for (let i = 30; i < 40; i++) appendFileSync(at(`d/${i}`), 'more');
  write(at('d/new'));
  await expect.poll(() => daemon.told.some((text) => text.endsWith(`MATCH=${at('d/new')}`)), SOON).toBe(true);
  const last = new Map(daemon.told.map((text) => [text.split('/').at(-1), text.split(' ')[1]]));
  expect([...Array(50).keys()].map((i) => last.get(String(i)))).toEqual(
    [...Array(50).keys()].map((i) =>
      i < 20 ? 'EVENT=modify' : i < 30 ? 'EVENT=delete' : i < 40 ? 'EVENT=modify' : undefined,
    ),
  );
  expect(daemon.told.filter((text) => /\/[34]\d$/.test(text))).toHaveLength(10);
});

bothWays('file', (start) => {
  test('a job with a pattern has one instance a file; paths of a user begin at home', async () => {
    const scene = await start({
      crash:
        'start on file FILE=@HOME@/crash/*.crash EVENT=create\ntask\ninstance $MATCH\nscript\n  echo $EVENT $MATCH >> @HOME@/out\nend script',
      gone: 'start on file FILE=./crash/ EVENT=delete\ntask\nexec sh -c "echo gone >> @HOME@/out"',
    });
    mkdirSync(scene.path('crash'));
    for (const name of ['one', 'two']) write(scene.path(`crash/${name}.crash`));
    const lines = ['one', 'two'].map((name) => `create ${scene.path(`crash/${name}.crash`)}`);
    await expect.poll(() => scene.read('out').split('\n').sort().slice(1), SOON).toEqual(lines);
    rmSync(scene.path('crash'), { recursive: true });
    await expect.poll(() => scene.read('out'), SOON).toMatch(/gone\n$/);
  });

  test('what happens while the daemon executes itself anew is not lost', async () => {
    const scene = await start({
      each: 'start on file FILE=@HOME@/d/* EVENT=create\ntask\ninstance $MATCH\nexec sh -c "echo $MATCH >> @HOME@/out"',
    });
    mkdirSync(scene.path('d'));
    write(scene.path('d/before'));
    await expect.poll(() => scene.read('out'), SOON).not.toBe('');
    const restarted = scene.upstart.restart();
    const names = ['before', 'one', 'three', 'two'].map((name) => scene.path(`d/${name}`));
    for (const name of names.slice(1)) write(name);
    await restarted;
    await expect.poll(() => scene.read('out').split('\n').sort().slice(1), SOON).toEqual(names);
  });
});

test('a condition that can not be understood is told, and others go on', async () => {
  const { at, daemon, follow, told } = start();
  follow('FILE=/run/*/x', 'FILE=x');
  write(at('x'));
  expect(await told('FILE=x EVENT=create')).toHaveLength(1);
  expect(daemon.said).toContainEqual(expect.stringMatching(/^Ignored file event in job0: .*its last part only/));
});
