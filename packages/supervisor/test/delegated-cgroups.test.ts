import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineJob, parseConf } from '@maverick/conf';
import { SYSTEM } from '@maverick/engine';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CgroupFiles, kernelCgroups } from '../src/cgroup-files.js';
import { Cgroups } from '../src/cgroups.js';
import { type CgroupFacts, delegatedCgroups } from '../src/delegated-cgroups.js';

let point = '';
const written: string[] = [];
/** As long as one of these is in a group, it can't switch controllers on for those below it. */
let inBase: number[] = [];

/** A folder in place of the kernel's groups. */
const files: CgroupFiles = {
  ...kernelCgroups,
  create: (path) => {
    mkdirSync(path, { recursive: true });
  },
  write: (path, text) => {
    const file = path.slice(point.length + 1);
    if (file.endsWith('.procs')) inBase = inBase.filter((pid) => pid !== Number(text));
    else if (file === 'ours/cgroup.subtree_control' && inBase.length > 0) {
      throw Object.assign(new Error('EBUSY: resource busy'), { code: 'EBUSY' });
    }
    written.push(`${file}: ${text}`);
    writeFileSync(path, text);
  },
  remove: (path) => rmSync(path, { recursive: true }),
};

const facts = (cgroup: string, root = '/'): CgroupFacts => ({
  mountinfo: `41 31 0:38 ${root} ${point.replaceAll(' ', '\\040')} rw,relatime - cgroup2 cgroup2 rw\n`,
  cgroupOf: (pid) => (pid === process.pid || inBase.includes(pid) ? `4:memory:/x\n0::${cgroup}\n` : undefined),
  ownChildren: () => [4711],
});

beforeEach(() => {
  point = mkdtempSync(join(tmpdir(), 'maverick cgroup-'));
  mkdirSync(join(point, 'ours'));
  for (const file of ['cgroup.procs', 'cgroup.subtree_control']) writeFileSync(join(point, 'ours', file), '');
  writeFileSync(join(point, 'ours', 'cgroup.controllers'), 'pids cpu\n');
  written.length = 0;
  inBase = [];
});
afterEach(() => rmSync(point, { recursive: true }));

const WEB = { session: SYSTEM, job: 'web', instance: '' };
const definitionOf = (text: string) => defineJob(parseConf(text).conf ?? {});

test.each([
  { what: 'a hierarchy that is mounted whole', cgroup: '/ours', root: '/' },
  { what: 'a part of one', cgroup: '/docker/id/ours', root: '/docker/id' },
])('the place is below the own group, in $what', ({ cgroup, root }) => {
  const place = delegatedCgroups(facts(cgroup, root), files);
  expect(place?.root).toMatch(new RegExp(`/ours/upstart-\\d+-${process.pid}$`));
});

test.each([
  { what: 'no cgroup v2', mountinfo: '30 1 0:1 / /sys rw - sysfs sysfs rw\n', cgroup: '/ours' },
  { what: 'no group of it', mountinfo: undefined, cgroup: '' },
  { what: 'a group that may not be written in', mountinfo: undefined, cgroup: '/nowhere' },
])('there is none where there is $what', ({ mountinfo, cgroup }) => {
  const all = facts(cgroup);
  expect(delegatedCgroups({ ...all, mountinfo: mountinfo ?? all.mountinfo }, files)).toBeUndefined();
});

test('a process that has made room and become another program goes on with the same place', () => {
  const root = delegatedCgroups(facts('/ours'), files)?.root ?? '';
  expect(delegatedCgroups(facts(`${root.slice(point.length)}/.upstart`), files)?.root).toBe(root);
});

test('nothing is made for a job that asks for nothing', () => {
  const place = delegatedCgroups(facts('/ours'), files);
  expect(place && new Cgroups(place).prepare(WEB, definitionOf(''), [])).toBeUndefined();
});

test('a controller is switched on in the own group as well, which is made room in first', () => {
  inBase = [process.pid, 4711];
  const place = delegatedCgroups(facts('/ours'), files);
  const path = place && new Cgroups(place).prepare(WEB, definitionOf('cgroup pids max 9\n'), []);
  const name = place?.root.slice(point.length + 1);
  expect(path).toBe(join(place?.root ?? '', 'web'));
  expect(written).toEqual([
    `${name}/.upstart/cgroup.procs: ${process.pid}`,
    `${name}/.upstart/cgroup.procs: 4711`,
    'ours/cgroup.subtree_control: +pids',
    `${name}/cgroup.subtree_control: +pids`,
    `${name}/web/pids.max: 9`,
  ]);
});

test('somebody else who is in the way is named with the group', () => {
  inBase = [1];
  const place = delegatedCgroups(facts('/ours'), files);
  expect(() => place && new Cgroups(place).prepare(WEB, definitionOf('cgroup pids max 9\n'), [])).toThrow(
    /^unable to setup cgroup: controller pids in .*\/ours: EBUSY/,
  );
});

test('settings of a controller that is not there are left out, and it is named', () => {
  const place = delegatedCgroups(facts('/ours'), files);
  const cgroups = new Cgroups(place ?? { root: '' });
  const definition = definitionOf('cgroup memory limit_in_bytes 1G\ncgroup cpu shares 1024\n');
  expect(cgroups.absentFor(definition)).toEqual(['memory']);
  cgroups.prepare(WEB, definition, []);
  expect(written.map((text) => text.split('/').at(-1))).toEqual([
    'cgroup.subtree_control: +cpu',
    'cgroup.subtree_control: +cpu',
    'cpu.weight: 39',
  ]);
});

test('what a dead daemon has left is removed, what a living one has is not', () => {
  const [, namespace] = /upstart-(\d+)-/.exec(delegatedCgroups(facts('/ours'), files)?.root ?? '') ?? [];
  const left = (pid: number): string => join(point, 'ours', `upstart-${namespace}-${pid}`);
  mkdirSync(left(2 ** 22 + 1));
  mkdirSync(left(1));
  delegatedCgroups(facts('/ours'), files);
  expect(() => readFileSync(left(2 ** 22 + 1))).toThrow('ENOENT');
  expect(() => readFileSync(left(1))).toThrow('EISDIR');
});

test('the group of a process that an earlier supervisor started is known by the process', () => {
  const place = delegatedCgroups(facts('/ours/upstart-1-2/web'), files);
  // This process itself stands for the job's, in a group that belongs to another daemon.
  expect(place).toBeUndefined();
  const mine = delegatedCgroups(facts('/ours'), files);
  const old = join(point, 'ours/upstart-1-2/web');
  mkdirSync(old, { recursive: true });
  writeFileSync(join(old, 'cgroup.events'), 'populated 1\n');
  const delegation = mine?.delegation && { ...mine.delegation, groupOf: () => old };
  const cgroups = new Cgroups({ ...(mine ?? { root: '' }), ...(delegation && { delegation }) });
  cgroups.adopt(WEB, definitionOf('cgroup pids max 9\n'), [], [4712]);
  expect(cgroups.pathOf(WEB)).toBe(old);
});
