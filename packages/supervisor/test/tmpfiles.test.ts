import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineJob, parseConf } from '@maverick/conf';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tmpfilesSpec } from '../src/tmpfiles.js';
import { fileExists, Running } from './helpers/running.js';

let bin = '';
let running: Running | undefined;
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'maverick-bin-'));
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  rmSync(bin, { recursive: true });
});

/** Have a program of our own in the place of systemd-tmpfiles. */
const program = (text: string): { env: string[] } => {
  writeFileSync(join(bin, 'systemd-tmpfiles'), `#!/bin/sh\n${text}\n`);
  chmodSync(join(bin, 'systemd-tmpfiles'), 0o755);
  return { env: [`PATH=${bin}:${process.env['PATH']}`] };
};

test('files are made before pre-start, and before main where there is none', async () => {
  running = new Running(
    {
      both: 'task\ntmpfiles a.conf b.conf\npre-start exec cp @DIR@/made @DIR@/seen\nexec true\n',
      main: 'task\ntmpfiles c.conf\nexec cp @DIR@/made @DIR@/seen-too\n',
    },
    program(`echo "$@" > "${bin}/made"`),
  );
  const { dir } = running;
  program(`echo "$@" > "${dir}/made"`);
  await running.supervisor.startJob('both');
  expect(running.read('seen')).toBe('--create a.conf b.conf\n');
  await running.supervisor.startJob('main');
  expect(running.read('seen-too')).toBe('--create c.conf\n');
});

test.skipIf(!existsSync('/usr/bin/systemd-tmpfiles'))('the real program makes the real file', async () => {
  running = new Running({ web: 'task\ntmpfiles @DIR@/web.tmpfiles\nexec cat @DIR@/run/made\n' });
  running.write('web.tmpfiles', `d ${running.dir}/run 0755\nf ${running.dir}/run/made 0644 - - - contents\n`);
  await running.supervisor.startJob('web');
  expect(running.read('web.log').trim()).toBe('contents');
});

test('a failure is said, and the job starts all the same', async () => {
  running = new Running({ web: 'task\ntmpfiles a\nexec true\n' }, program('exit 65'));
  await running.supervisor.startJob('web');
  expect(running.messages(/tmpfiles/)).toEqual(['web: not all of its tmpfiles were made']);
});

test('a stop that comes while files are made ends that, and nothing starts', async () => {
  running = new Running(
    { web: 'tmpfiles a\nexec touch @DIR@/ran\n' },
    program(`trap 'exit 0' TERM; touch "${bin}/waiting"; sleep 1000 & wait`),
  );
  const started = running.supervisor.startJob('web').catch((error) => error.code);
  await fileExists(join(bin, 'waiting'));
  await running.supervisor.stopJob('web');
  expect(await started).toBe('JobFailed');
  expect(existsSync(running.path('ran'))).toBe(false);
});

test.each([
  { text: 'tmpfiles a\npre-start exec b\nexec c\n', first: ['pre-start'] },
  { text: 'tmpfiles a\nexec c\npost-stop exec d\n', first: ['main'] },
  { text: 'exec c\n', first: [] },
])('what they are made before, in $text: $first', ({ text, first }) => {
  const definition = defineJob(parseConf(text).conf ?? {});
  const roles = ['main', 'pre-start', 'post-start', 'pre-stop', 'post-stop', 'security'] as const;
  expect(roles.filter((role) => tmpfilesSpec(definition, role, []) !== undefined)).toEqual(first);
});

test('the program is found though the job has a PATH of its own', () => {
  const definition = defineJob(parseConf('tmpfiles a\nexec c\n').conf ?? {});
  expect(tmpfilesSpec(definition, 'main', ['PATH=/own'])?.env).toEqual([
    expect.stringMatching(/^PATH=\/own:.*\/usr\/bin/),
  ]);
});
