import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { liveDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';

const JOBS = { quiet: 'exec sleep 300\n' } as const;

const daemon = liveDaemon(JOBS);

const initctl = (...words: readonly string[]) => run(words, { env: daemon.env });
const conf = (name: string): string => join(daemon.folder, 'conf', name);

test('add manual to the override and take it away; all else stays', async () => {
  daemon.writeJob('toggled', 'start on toggle\nexec sleep 300\n');
  const override = conf('toggled.override');
  writeFileSync(override, '# mine\nenv A=1\nstart on toggle2\n');
  chmodSync(override, 0o640);
  await initctl('reload-configuration');
  expect(await initctl('disable', 'toggled')).toMatchObject({ stdout: `toggled disabled: ${override}\n`, status: 0 });
  expect(readFileSync(override, 'utf8')).toBe('# mine\nenv A=1\nstart on toggle2\nmanual\n');
  expect(statSync(override).mode & 0o777).toBe(0o640);
  expect((await initctl('disable', 'toggled')).stdout).toBe('toggled is disabled already\n');
  await vi.waitFor(async () => expect((await initctl('show-config', 'toggled')).stdout).toBe('toggled\n'), {
    timeout: 60_000,
  });
  expect((await initctl('enable', 'toggled')).stdout).toBe(`toggled enabled: ${override}\n`);
  expect(readFileSync(override, 'utf8')).toBe('# mine\nenv A=1\nstart on toggle2\n');
  await vi.waitFor(
    async () => expect((await initctl('show-config', 'toggled')).stdout).toBe('toggled\n  start on toggle2\n'),
    { timeout: 60_000 },
  );
});

test('need no daemon', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'initctl-enable-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'upstart'));
  writeFileSync(join(folder, 'upstart', 'job.conf'), 'start on x\n');
  const env = { HOME: folder, XDG_CONFIG_HOME: folder, UPSTART_SESSION: 'unix:abstract=/maverick/nobody-is-here' };
  const override = join(folder, 'upstart', 'job.override');
  expect(await run(['disable', 'job'], { env })).toMatchObject({ status: 0, stderr: '' });
  expect(readFileSync(override, 'utf8')).toBe('manual\n');
  expect((await run(['enable', 'job'], { env })).status).toBe(0);
  expect(existsSync(override)).toBe(false);
  expect((await run(['disable', 'nosuch'], { env })).stderr).toContain('No job file of nosuch in ');
  expect((await run(['disable', '../job'], { env })).stderr).toContain('No job file of ../job');
});

test('look where --confdir says, in its order, and ask no daemon', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'initctl-confdir-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['first', 'second']) mkdirSync(join(folder, name));
  const [first, second] = [join(folder, 'first'), join(folder, 'second')];
  writeFileSync(join(second, 'quiet.conf'), 'start on x\n');
  const confdirs = ['--confdir', first, `--confdir=${second}`];
  const { stdout, status } = await initctl('disable', 'quiet', ...confdirs);
  expect({ stdout, status }).toEqual({ stdout: `quiet disabled: ${join(second, 'quiet.override')}\n`, status: 0 });
  expect(existsSync(conf('quiet.override'))).toBe(false);
  // An override in a directory that is looked at before counts, and is the one to be changed.
  writeFileSync(join(first, 'quiet.override'), 'nice 5\nmanual\n');
  expect((await initctl('enable', 'quiet', ...confdirs)).stdout).toBe(
    `quiet enabled: ${join(first, 'quiet.override')}\n`,
  );
  expect(readFileSync(join(first, 'quiet.override'), 'utf8')).toBe('nice 5\n');
  expect((await initctl('enable', 'nosuch', '--confdir', first)).stderr).toBe(
    `initctl: No job file of nosuch in ${first}\n`,
  );
});

test('a job that nothing starts by its own file is not enabled by that', async () => {
  const { status, stderr } = await initctl('enable', 'quiet');
  expect(status).toBe(1);
  expect(stderr).toBe(
    `initctl: Nothing starts quiet but a command: ${conf('quiet.conf')} has no start on that counts\n`,
  );
});

test('a broken override is left alone', async () => {
  daemon.writeJob('broken', 'start on x\n');
  writeFileSync(conf('broken.override'), 'no such stanza\n');
  await initctl('reload-configuration');
  const { status, stderr } = await initctl('disable', 'broken');
  expect(status).toBe(1);
  expect(stderr).toContain('1: Unknown stanza');
  expect(readFileSync(conf('broken.override'), 'utf8')).toBe('no such stanza\n');
});
