import { defineJob, type JobConf, parseConf } from '@maverick/conf';
import { describe, expect, test } from 'vitest';
import type { SupervisorEventOf } from '../src/event.js';
import { Scene } from './helpers/scene.js';

const conf = (text: string): JobConf => parseConf(text).conf ?? {};

const scene = (jobs: Readonly<Record<string, string>>): Scene =>
  new Scene(Object.fromEntries(Object.entries(jobs).map(([name, text]) => [name, conf(text)])));

/** The supervisor's own lines of a priority. */
const said = ({ events }: Scene, priority: SupervisorEventOf<'message'>['priority']): string[] =>
  events.flatMap((event) =>
    event.kind === 'message' && event.priority === priority && !/onfiguration from/.test(event.message)
      ? [event.message]
      : [],
  );

describe('at the default priority each start and end is one line, with its cause', () => {
  test.each<{ what: string; text: string; act: (all: Scene) => void; lines: string[] }>([
    {
      what: 'an event',
      text: 'start on startup\nstop on down\nexec serve\n',
      act: ({ supervisor, processes }) => {
        supervisor.request({ kind: 'emit', name: 'down' }, () => {});
        processes.die(101, 15);
      },
      lines: ['web started, process 101: event startup', 'web stopped: event down'],
    },
    {
      what: 'a request',
      text: 'exec serve\n',
      act: ({ supervisor, processes }) => {
        supervisor.request({ kind: 'start', job: 'web' }, () => {});
        supervisor.request({ kind: 'stop', job: 'web' }, () => {});
        processes.die(101, 15);
      },
      lines: ['web started, process 101: start by request', 'web stopped: stop by request'],
    },
    {
      what: 'an end by itself',
      text: 'task\nstart on startup\nexec serve\n',
      act: ({ processes }) => processes.exit(101),
      lines: ['web started, process 101: event startup', 'web stopped: its process ended'],
    },
    {
      what: 'a failure',
      text: 'start on startup\nexec serve\n',
      act: ({ processes }) => processes.exit(101, 3),
      lines: ['web started, process 101: event startup', 'web failed: main process terminated with status 3'],
    },
    {
      what: 'a respawn',
      text: 'start on startup\nrespawn\nexec serve\n',
      act: ({ processes }) => processes.die(101, 9),
      lines: ['web started, process 101: event startup', 'web started, process 102: respawn'],
    },
    {
      what: 'a job without processes',
      text: 'start on startup\n',
      act: () => {},
      lines: ['web started: event startup'],
    },
  ])('$what', ({ text, act, lines }) => {
    const all = scene({ web: text });
    all.supervisor.start();
    act(all);
    expect(said(all, 'message')).toEqual(lines);
  });

  test('the event of a job names it, and so does a job that asks', () => {
    const all = scene({ web: 'start on startup\nexec serve\n', db: 'start on started web\nexec store\n' });
    all.supervisor.start();
    const caller = all.supervisor.callerOf(101);
    all.supervisor.request({ kind: 'stop', job: 'db', ...(caller && { caller }) }, () => {});
    all.processes.die(102, 15);
    expect(said(all, 'message').slice(1)).toEqual([
      'db started, process 102: event started JOB=web',
      'db stopped: stop by web',
    ]);
  });
});

test('for those who look closer: what a job waits for', () => {
  const all = scene({
    web: 'start on startup\nexpect stop\nexec serve\n',
    db: 'start on starting web\npre-start exec prepare\nexec store\n',
  });
  all.supervisor.start();
  all.processes.exit(101);
  expect(said(all, 'info')).toEqual([
    'web waits in starting for db to let its starting event pass',
    'db waits in pre-start for its pre-start process to end',
    'web waits in spawned for its main process to be ready (expect stop)',
  ]);
});

test('each start of a job that an override changed names the file and the stanzas', () => {
  const all = new Scene(
    {},
    {
      readConfiguration: () => ({
        jobs: [
          {
            name: 'web',
            definition: defineJob(conf('exec serve\n')),
            path: '/conf/web.conf',
            overridePath: '/conf/web.override',
            overridden: ['nice', 'env PORT'],
            priority: 0,
          },
        ],
        diagnostics: [],
      }),
    },
  );
  all.supervisor.start();
  all.supervisor.request({ kind: 'start', job: 'web' }, () => {});
  expect(said(all, 'info')).toEqual(['web is changed by /conf/web.override: nice, env PORT']);
});
