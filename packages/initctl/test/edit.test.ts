import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { liveDaemon } from './helpers/daemon.js';
import { run } from './helpers/run.js';
import { drawScreen } from './helpers/screen.js';
import { onTerminal } from './helpers/terminal.js';

const JOBS = { db: 'start on boot\nexec sleep 300\n', helper: 'start on started db\nexec sleep 300\n' } as const;

const daemon = liveDaemon(JOBS);

const conf = (name: string): string => join(daemon.folder, 'conf', name);

const editor = (script: string) => ({ ...daemon.env, EDITOR: `sh -c '${script}' sh` });

test('puts what is right in its place, and shows the difference', async () => {
  const { stdout, stderr, status } = await run(['edit', 'helper'], { env: editor('echo nice 5 >>"$1"') });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  expect(stdout).toContain('@@ -0,0 +1,1 @@\n+nice 5\n');
  expect(readFileSync(conf('helper.override'), 'utf8')).toBe('nice 5\n');
  expect(readdirSync(join(daemon.folder, 'conf')).filter((name) => name.startsWith('.'))).toEqual([]);
  const again = await run(['edit', 'helper'], { env: editor('true') });
  expect(again.stdout).toBe(`${conf('helper.override')} is unchanged\n`);
});

test('refuses what is broken, and says where', async () => {
  const { stderr, status } = await run(['edit', 'helper'], { env: editor('echo nonsense >>"$1"') });
  expect(status).toBe(1);
  expect(stderr).toContain('Unknown stanza');
  expect(stderr).toContain(`${conf('helper.override')} is left as it was`);
  expect(readFileSync(conf('helper.override'), 'utf8')).toBe('nice 5\n');
});

test('on a terminal, asks whether to edit again', async () => {
  const twice = 'grep -q nonsense "$1" && sed -i /nonsense/d "$1" && echo nice 7 >>"$1" || echo nonsense >>"$1"';
  const { screen, status } = await onTerminal('$I edit db', editor(twice), { keys: [[/Edit again\?/, '\n']] });
  expect(status).toBe(0);
  expect((await drawScreen(screen, { columns: 80 })).lines).toContain('+nice 7');
  expect(readFileSync(conf('db.override'), 'utf8')).toBe('nice 7\n');
  rmSync(conf('db.override'));
});

test('edits below --confdir without a daemon, and removes what is empty then', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'initctl-edit-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'job.conf'), 'start on x\n');
  const override = join(folder, 'job.override');
  const words = ['edit', 'job', '--confdir', folder];
  const env = { UPSTART_SESSION: 'unix:abstract=/maverick/nobody-is-here' };
  const added = await run(words, { env: { ...env, EDITOR: editor('echo nice 3 >>"$1"').EDITOR } });
  expect(added).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('+nice 3') });
  expect(readFileSync(override, 'utf8')).toBe('nice 3\n');
  await run(words, { env: { ...env, EDITOR: editor('sed -i /nice/d "$1"').EDITOR } });
  expect(existsSync(override)).toBe(false);
});

test('an editor that fails changes nothing', async () => {
  const { stderr, status } = await run(['edit', 'helper'], { env: editor('exit 4') });
  expect(status).toBe(1);
  expect(stderr).toMatch(/The editor .* ended with status 4/);
});
