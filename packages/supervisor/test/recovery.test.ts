import { defineJob, parseConf } from '@maverick/conf';
import { describe, expect, test } from 'vitest';
import { planRecovery } from '../src/recovery.js';
import type { MarkedProcess } from '../src/survivors.js';

const job = (name: string, text: string) => ({ name, definition: defineJob(parseConf(text).conf ?? {}) });

/** A process of the job `web`, unless its environment says otherwise; `5 main` is the fifth, and its PID is 105. */
const found = (what: string, rest: Partial<MarkedProcess> = {}, ...env: string[]): MarkedProcess => {
  const [process = '', role = ''] = what.split(' ');
  const pid = 100 + Number(process);
  const own = ['UPSTART_JOB=web', 'UPSTART_INSTANCE=', `UPSTART_RUN=run.${process}.${role}`];
  const marked = { pid, startTime: pid, leads: true, parent: 1, runId: 'run', process: Number(process), role };
  return { ...marked, env: env.length > 0 ? env : own, ...rest };
};

const WEB = job('web', 'pre-start exec a\nexec b\npost-start exec c\n');

const plan = (processes: readonly MarkedProcess[], jobs = [WEB]) => {
  const { input, left, processes: own } = planRecovery({ runId: 'run', processes }, jobs);
  const names = own.map(({ instance, role, pid }) => `${instance.job}/${instance.instance} ${role} ${pid}`);
  return { input, left, names };
};

const LEFT = 'web main process (105) lives, but was left by one that has ended: it is not supervised';

describe('of a lost run', () => {
  test.each<{ what: string; all: MarkedProcess[]; jobs?: (typeof WEB)[]; names: string[]; left?: string[] }>([
    { what: 'a main process is its job', all: [found('5 main')], names: ['web/ main 105'] },
    { what: 'so is a pre-start', all: [found('5 pre-start')], names: ['web/ pre-start 105'] },
    {
      what: 'children of a main process are its own affair',
      all: [found('5 main'), found('5 main', { pid: 200, leads: false }), found('5 main', { pid: 201 })],
      names: ['web/ main 105'],
    },
    {
      what: 'a child whose main process is gone is not it',
      all: [found('5 main', { leads: false })],
      names: [],
      left: [LEFT],
    },
    {
      what: 'unless the program forks away',
      all: [found('5 main', { leads: false })],
      jobs: [job('web', 'expect fork\nexec b\n')],
      names: ['web/ main 105'],
    },
    {
      what: 'a post-start runs beside its main process',
      all: [found('5 main'), found('6 post-start')],
      names: ['web/ main 105', 'web/ post-start 106'],
    },
    {
      what: 'what a run has left that was before the last one is not adopted',
      all: [found('5 main'), found('9 main')],
      names: ['web/ main 109'],
      left: [LEFT],
    },
    {
      what: 'a job that is not defined any more is named',
      all: [found('5 main')],
      jobs: [],
      names: [],
      left: ['web main process (105) lives, but its job is not defined any more: it is not supervised'],
    },
    {
      what: 'a role that is not known is left alone',
      all: [found('5 reload')],
      names: [],
      left: ['web reload process (105) lives, but was left by one that has ended: it is not supervised'],
    },
  ])('$what', ({ all, jobs, names, left = [] }) => {
    expect(plan(all, jobs)).toMatchObject({ names, left });
  });

  test('each instance of a job is one', () => {
    const all = [
      found('5 main', {}, 'UPSTART_JOB=web', 'UPSTART_INSTANCE=a'),
      found('6 main', {}, 'UPSTART_JOB=web', 'UPSTART_INSTANCE=b'),
    ];
    expect(plan(all).names).toEqual(['web/a main 105', 'web/b main 106']);
  });

  test('a job has what it was started with, without what the supervisor had added', () => {
    const mark = found('5 main', {}, 'PATH=/bin', 'UPSTART_EVENTS=E', 'UPSTART_RUN=run.5.main', 'UPSTART_JOB=web');
    expect(plan([mark]).input.jobs[0]?.instances[0]?.env).toEqual(['PATH=/bin', 'UPSTART_EVENTS=E']);
  });

  test('new numbers are greater than all that live, also of what is left', () => {
    expect(plan([found('41 main')], []).input.nextProcess).toBe(42);
  });
});
