import { parseConf } from '@maverick/conf';
import { SYSTEM } from '@maverick/engine';
import { describe, expect, test } from 'vitest';
import { planCgroup } from '../src/cgroup-plan.js';

const instance = { session: SYSTEM, job: 'net/web', instance: '1' };

/** The plan for the stanzas of a job file. */
const plan = (text: string, env: readonly string[] = []) => {
  const { conf } = parseConf(text);
  return planCgroup(conf?.cgroups ?? [], instance, env);
};

const writesOf = (text: string, env: readonly string[] = []): string[] =>
  plan(text, env).writes.map(({ file, text: content }) => `${file}: ${content}`);

describe('a setting of v1 becomes one of v2', () => {
  test.each([
    { stanza: 'cpu shares 2', writes: ['cpu.weight: 1'] },
    { stanza: 'cpu shares 1024', writes: ['cpu.weight: 39'] },
    { stanza: 'cpu shares 262144', writes: ['cpu.weight: 10000'] },
    { stanza: 'cpu cfs_quota_us 50000', writes: ['cpu.max: 50000 100000'] },
    { stanza: 'cpu cfs_quota_us -1', writes: ['cpu.max: max 100000'] },
    {
      stanza: 'cpu cfs_quota_us 50000\ncgroup cpu cfs_period_us 200000',
      writes: ['cpu.max: 50000 200000'],
    },
    { stanza: 'cpuset cpus 0-1', writes: ['cpuset.cpus: 0-1'] },
    { stanza: 'memory limit_in_bytes 50M', writes: ['memory.max: 52428800'] },
    { stanza: 'memory limit_in_bytes -1', writes: ['memory.max: max'] },
    { stanza: 'memory memory.limit_in_bytes 1024', writes: ['memory.max: 1024'] },
    { stanza: 'memory soft_limit_in_bytes 1k', writes: ['memory.low: 1024'] },
    {
      stanza: 'memory limit_in_bytes 1G\ncgroup memory memsw.limit_in_bytes 3G',
      writes: ['memory.max: 1073741824', 'memory.swap.max: 2147483648'],
    },
    { stanza: 'blkio weight 500', writes: ['io.weight: default 4950'] },
    { stanza: 'blkio weight_device "8:0 1000"', writes: ['io.weight: 8:0 10000'] },
    { stanza: 'blkio throttle.read_bps_device "8:0 1048576"', writes: ['io.max: 8:0 rbps=1048576'] },
    { stanza: 'blkio throttle.write_iops_device "8:0 0"', writes: ['io.max: 8:0 wiops=max'] },
    { stanza: 'pids max 20', writes: ['pids.max: 20'] },
    { stanza: 'hugetlb 2MB.limit_in_bytes 4M', writes: ['hugetlb.2MB.max: 4194304'] },
    { stanza: 'freezer state FROZEN', writes: ['cgroup.freeze: 1'] },
    { stanza: 'devices', writes: [] },
  ])('cgroup $stanza', ({ stanza, writes }) => {
    expect(writesOf(`cgroup ${stanza}\n`)).toEqual(writes);
  });
});

test.each([
  { stanza: 'cpu weight 50', writes: ['cpu.weight: 50'] },
  { stanza: 'memory high 1G', writes: ['memory.high: 1G'] },
  { stanza: 'io max "8:0 rbps=1"', writes: ['io.max: 8:0 rbps=1'] },
])('a setting of v2 is taken as it is: cgroup $stanza', ({ stanza, writes }) => {
  expect(writesOf(`cgroup ${stanza}\n`)).toEqual(writes);
});

test.each([
  { stanza: 'cpus shares 2', code: 'unknown-controller', message: /unknown cgroup controller 'cpus'.*cpuset/ },
  {
    stanza: 'memory limit 5',
    code: 'unknown-key',
    message: /unknown setting limit of .* memory, known: limit_in_bytes/,
  },
  { stanza: 'memory swappiness 5', code: 'no-equivalent', message: /nothing for the setting swappiness/ },
  { stanza: 'devices allow a', code: 'no-equivalent', message: /nothing for the setting allow/ },
  { stanza: 'cpu shares many', code: 'bad-value', message: /shares: 'many' .* expected 2 to 262144/ },
  { stanza: 'memory limit_in_bytes 5X', code: 'bad-value', message: /expected a number of bytes/ },
  { stanza: 'memory memsw.limit_in_bytes 5', code: 'bad-value', message: /limit_in_bytes, which it needs/ },
  { stanza: 'cpu one shares 2\ncgroup cpu two shares 3', code: 'two-groups', message: /one, two/ },
  { stanza: 'cpu ../up shares 2', code: 'bad-value', message: /can't be the name/ },
  { stanza: 'cpu $NOWHERE shares 2', code: 'bad-value', message: /Unknown parameter: NOWHERE/ },
])('what v2 does not have is a named error: cgroup $stanza', ({ stanza, code, message }) => {
  expect(() => plan(`cgroup ${stanza}\n`)).toThrow(
    expect.objectContaining({ name: 'CgroupError', code, message: expect.stringMatching(message) }),
  );
});

test.each([
  { stanza: 'cpu', group: 'net_web-1', settingsGroup: 'net_web-1' },
  { stanza: 'cpu $UPSTART_CGROUP shares 2', group: 'net_web-1', settingsGroup: 'net_web-1' },
  { stanza: 'cpu shared/all shares 2', group: 'shared/all/net_web-1', settingsGroup: 'shared/all' },
  { stanza: 'cpu tier-$TIER shares 2', group: 'tier-3/net_web-1', settingsGroup: 'tier-3' },
])('cgroup $stanza puts the instance into $group', ({ stanza, ...groups }) => {
  expect(plan(`cgroup ${stanza}\n`, ['TIER=3'])).toMatchObject({ ...groups, controllers: ['cpu'] });
});

test('values are expanded, too', () => {
  expect(writesOf('cgroup cpu shares $SHARES\n', ['SHARES=2'])).toEqual(['cpu.weight: 1']);
});
