import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { SessionScope } from '../src/session-scope.js';
import { put, Watched } from './helpers/watched.js';

const JOBS = 500;

const dirs: string[] = [];
let watched: Watched | undefined;
afterEach(async () => {
  await watched?.supervisor.close();
  watched = undefined;
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true });
});

/** A root directory with jobs of the names that all have: half of them start on an event, half on the start of another one. */
const makeRoot = (): string => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'maverick-load-')));
  dirs.push(root);
  mkdirSync(join(root, 'var/log/upstart'), { recursive: true });
  for (let index = 0; index < JOBS; index += 1) {
    const event = index % 2 === 0 ? 'go' : `started job${index - 1}`;
    put(join(root, 'etc/init'), `job${index}.conf`, `start on ${event}\nstop on halt\nenv ROOT=${root}\nexec /bin/x\n`);
  }
  return root;
};

test('two sessions of 500 jobs each: no event, variable, root or log of one comes to the other', async () => {
  const system = realpathSync(mkdtempSync(join(tmpdir(), 'maverick-load-')));
  dirs.push(system);
  const all = new Watched([system], { watch: false, logDir: join(system, 'log') });
  watched = all;
  const scopes = [makeRoot(), makeRoot()].map((root) => {
    const opened = all.supervisor.openSession({ kind: 'chroot', root });
    const scope = opened.ok ? all.supervisor.scope(opened.session) : undefined;
    if (scope === undefined) throw new Error('it is not open');
    return scope;
  });
  const ask = (scope: SessionScope, request: Parameters<SessionScope['request']>[0]) =>
    new Promise((resolve) => scope.request(request, resolve));
  // One after the other in small steps, so that they are under way together.
  for (const scope of scopes) await ask(scope, { kind: 'set-env', variables: [`OF=${scope.session}`], retain: false });
  for (const scope of scopes) await ask(scope, { kind: 'emit', name: 'go' });
  await Promise.resolve();

  for (const scope of scopes) {
    const own = all.processes.specs.filter(({ chroot }) => chroot?.[0] === scope.session);
    expect(own).toHaveLength(JOBS);
    for (const { env, console: output, chroot } of own) {
      expect(chroot).toEqual([scope.session]);
      expect(env).toEqual(expect.arrayContaining([`ROOT=${scope.session}`, `OF=${scope.session}`]));
      expect(output).toMatchObject({
        kind: 'log',
        root: scope.session,
        path: expect.stringMatching(/^\/var\/log\/upstart/),
      });
    }
  }
  expect(all.processes.specs).toHaveLength(2 * JOBS);

  const [first, second] = scopes;
  if (first === undefined || second === undefined) throw new Error('there are two');
  const before = all.processes.log.length;
  await ask(first, { kind: 'emit', name: 'halt' });
  const pids = new Set(
    second.jobs().flatMap(({ instances }) => instances.flatMap(({ processes }) => processes.map(({ pid }) => pid))),
  );
  const killed = all.processes.log.slice(before).map((line) => Math.abs(Number(line.split(' ')[1])));
  expect(killed).toHaveLength(JOBS);
  expect(killed.filter((pid) => pids.has(pid))).toEqual([]);
  expect(second.jobs().every(({ instances }) => instances[0]?.goal === 'start')).toBe(true);
});
