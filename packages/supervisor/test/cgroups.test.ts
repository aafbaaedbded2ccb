import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { defineJob, parseConf } from '@maverick/conf';
import { SYSTEM } from '@maverick/engine';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CgroupFiles, kernelCgroups } from '../src/cgroup-files.js';
import { Cgroups } from '../src/cgroups.js';
import { isAlive, Running } from './helpers/running.js';

const instance = { session: SYSTEM, job: 'web', instance: '' };
const definitionOf = (text: string) => defineJob(parseConf(text).conf ?? {});

describe('settings are written to the files of cgroup v2', () => {
  let root = '';
  const written: string[] = [];
  /** A folder in place of the kernel's groups, where every controller is there. */
  const folder: CgroupFiles = {
    ...kernelCgroups,
    create(path) {
      mkdirSync(path, { recursive: true });
    },
    write(path, text) {
      writeFileSync(path, text);
      written.push(`${path.slice(root.length + 1)}: ${text}`);
    },
  };
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'maverick-cgroup-'));
    written.length = 0;
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test.each([
    { text: '', group: 'web', files: [] },
    {
      text: 'cgroup memory limit_in_bytes 1G\ncgroup cpu shares 1024\n',
      group: 'web',
      files: [
        'cgroup.subtree_control: +memory',
        'cgroup.subtree_control: +cpu',
        'web/memory.max: 1073741824',
        'web/cpu.weight: 39',
      ],
    },
    {
      text: 'cgroup pids tier/front max 9\n',
      group: 'tier/front/web',
      files: ['cgroup.subtree_control: +pids', 'tier/cgroup.subtree_control: +pids', 'tier/front/pids.max: 9'],
    },
  ])('$text', ({ text, group, files }) => {
    const path = new Cgroups({ root, files: folder }).prepare(instance, definitionOf(text), []);
    expect(path).toBe(join(root, group));
    expect(existsSync(path ?? '')).toBe(true);
    expect(written).toEqual(files);
  });

  test('a controller that is not there is named', () => {
    mkdirSync(join(root, 'web'));
    const cgroups = new Cgroups({ root, files: { ...folder, write: kernelCgroups.write } });
    expect(() => cgroups.prepare(instance, definitionOf('cgroup pids max 9\n'), [])).toThrow(
      expect.objectContaining({
        step: 'cgroup',
        message: expect.stringMatching(/^unable to setup cgroup: controller pids in .*: ENOENT/),
      }),
    );
  });
});

/** A group of our own in the machine's cgroup v2, if we may make one. */
const makeRoot = (): string | undefined => {
  for (const place of ['/sys/fs/cgroup/unified', '/sys/fs/cgroup']) {
    if (!existsSync(join(place, 'cgroup.procs'))) continue;
    try {
      return mkdtempSync(join(place, 'maverick-test-'));
    } catch {
      // Not ours to write in.
    }
  }
  return undefined;
};

const probe = makeRoot();
if (probe === undefined) console.log('skipped: there is no cgroup v2 that we may write in');
else rmdirSync(probe);

describe.skipIf(probe === undefined)('with a cgroup v2 subtree', () => {
  let root = '';
  let running: Running | undefined;
  beforeEach(() => {
    root = makeRoot() ?? '';
  });
  afterEach(async () => {
    await running?.close();
    running = undefined;
    kernelCgroups.remove(root);
  });
  const start = (jobs: Readonly<Record<string, string>>): Running => {
    running = new Running(jobs, { cgroups: { root } });
    return running;
  };
  const groupOf = (pid: number): string => /^0::(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'latin1'))?.[1] ?? '';

  test('each instance has a group, which goes with it', async () => {
    const { supervisor } = start({ web: 'instance $N\nexec sleep 1000\n' });
    await supervisor.startJob('web', { env: ['N=a'] });
    const pid = supervisor.instance('web', 'a')?.processes[0]?.pid ?? 0;
    expect(groupOf(pid).endsWith(`/${basename(root)}/web-a`)).toBe(true);
    // It has its own name only once it executes, which nothing tells of.
    await expect
      .poll(() => supervisor.usage('web', 'a'), { timeout: 60_000 })
      .toMatchObject({ source: 'cgroup', processes: [{ pid, name: 'sleep' }] });
    expect(supervisor.usage('web', 'a')?.memoryBytes).toBeGreaterThan(0);
    await supervisor.stopJob('web', { instance: 'a' });
    expect(existsSync(join(root, 'web-a'))).toBe(false);
  });

  /** It leaves a process behind in a session of its own, out of reach of a signal to the group. */
  const MESSY = [
    'expect stop',
    'script',
    "  setsid sh -c 'echo $$ > @DIR@/left; exec sleep 1000' &",
    '  while ! test -s @DIR@/left; do :; done',
    '  kill -STOP $$',
    '  sleep 1000',
    'end script',
    '',
  ].join('\n');

  test('a job that asks for a group leaves nobody behind, and the log names whom it killed', async () => {
    const all = start({ web: `cgroup perf_event\n${MESSY}` });
    await all.supervisor.startJob('web');
    const left = Number(all.read('left'));
    await all.supervisor.stopJob('web');
    while (isAlive(left)) await new Promise(setImmediate);
    // It may not have come to the sleep.
    const said = expect.stringMatching(new RegExp(`^Killed what web has left: (sleep|sh) \\(${left}\\)$`));
    expect(all.messages(/^Killed what/)).toEqual([said]);
  });

  test('what other jobs have started lives on, until the supervisor shuts down', async () => {
    const all = start({ web: MESSY });
    await all.supervisor.startJob('web');
    const left = Number(all.read('left'));
    await all.supervisor.stopJob('web');
    expect(isAlive(left)).toBe(true);
    await all.supervisor.shutdown();
    while (isAlive(left)) await new Promise(setImmediate);
  });

  test('an unknown setting fails the start, by its name', async () => {
    const all = start({ web: 'cgroup memory colour red\nexec sleep 1000\n' });
    await expect(all.supervisor.startJob('web')).rejects.toMatchObject({ code: 'JobFailed' });
    expect(all.messages(/^Failed to spawn/)).toEqual([
      expect.stringMatching(/unable to setup cgroup: unknown setting colour of the cgroup controller memory/),
    ]);
  });
});

test('without a subtree a job with cgroup stanzas runs, and one line says that they have no effect', async () => {
  const running = new Running({ web: 'cgroup memory limit_in_bytes 1G\nexec sleep 1000\n' });
  await running.supervisor.startJob('web');
  expect(running.messages(/cgroup/)).toEqual([
    'Job web: its cgroup stanzas have no effect, for no cgroup subtree was given',
  ]);
  expect(running.supervisor.usage('web')).toMatchObject({
    source: 'proc',
    processes: [{ pid: running.mainPid('web'), name: 'sleep' }],
  });
  await running.close();
});

test('without a group the descendants of a job count for it, also in sessions of their own', async () => {
  const running = new Running({
    web: 'expect stop\nscript\n  setsid sh -c "sleep 1000 & wait" &\n  sleep 0.1\n  kill -STOP $$\n  wait\nend script\n',
  });
  await running.supervisor.startJob('web');
  const processes = running.supervisor.usage('web')?.processes ?? [];
  const names = processes.map(({ name }) => name);
  expect(names.sort()).toEqual(['sh', 'sh', 'sleep']);
  await running.close();
  // Out of reach of a supervisor without groups that is no subreaper.
  for (const { pid } of processes) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
});
