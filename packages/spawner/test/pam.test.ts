import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compileShared } from './helpers/compile.js';
import { hasPam, makeRecorder, makeScript, makeService, recorded, removeServices } from './helpers/pam.js';
import { Run, shell } from './helpers/run.js';

let run: Run;
beforeEach(() => {
  // Keepers of the test before may just be ending.
  run = new Run({ reapStrangers: false });
});
afterEach(() => {
  run.close();
  removeServices();
});

if (!hasPam) console.log('skipped: PAM sessions need root, and /etc/pam.d');

describe.skipIf(!hasPam)('a PAM session', () => {
  test('is opened before the process, and closed when it has ended', async () => {
    const pamService = makeRecorder(run);
    const command = `echo job >> ${run.path('record')}; echo $$ > ${run.path('pid')}; exit 7`;
    const pid = await run.begin(shell(command, { pamService }));
    expect(await run.ended(pid)).toEqual({ kind: 'exited', pid, code: 7 });
    expect(run.read('pid')).toBe(`${pid}\n`);
    expect(await recorded(run, 3)).toEqual(['open_session root for root', 'job', 'close_session root for root']);
    expect(run.events).toHaveLength(1);
    expect(run.warnings).toEqual([]);
  });

  test("is the user's", async () => {
    const pamService = makeRecorder(run);
    expect(await run.output(shell('id -un', { pamService, user: 'daemon', cwd: '/' }))).toBe('daemon\n');
    expect(await recorded(run, 2)).toEqual(['open_session daemon for root', 'close_session daemon for root']);
  });

  test('gives its environment, and what the process was given itself wins', async () => {
    writeFileSync(run.path('environment'), 'FROM_PAM=yes\nBOTH=pam\n');
    const pamService = makeService(
      `session required pam_env.so conffile=/dev/null readenv=1 envfile=${run.path('environment')}`,
    );
    const output = await run.output({ ...shell(''), argv: ['/usr/bin/env'], env: ['OWN=1', 'BOTH=own'], pamService });
    expect(output.split('\n').sort()).toEqual([
      '',
      'BOTH=own',
      'FROM_PAM=yes',
      'OWN=1',
      'XDG_SESSION_CLASS=background',
      'XDG_SESSION_TYPE=unspecified',
    ]);
  });

  test('sets limits, and those that the process was given itself win', async () => {
    writeFileSync(run.path('limits'), 'daemon soft nofile 300\ndaemon hard nofile 400\ndaemon soft core 5\n');
    const pamService = makeService(`session required pam_limits.so conf=${run.path('limits')}`);
    const spec = shell('ulimit -Sn; ulimit -Hn; ulimit -Sc', { user: 'daemon', cwd: '/', pamService });
    expect(await run.output(spec)).toBe('300\n400\n10\n');
    const limits = [{ resource: 'nofile', soft: 200, hard: 250 }];
    expect(await run.output({ ...spec, limits })).toBe('200\n250\n10\n');
  });

  test('can give more than the usual soft limit of open files', async () => {
    writeFileSync(run.path('limits'), 'daemon soft nofile 3000\ndaemon hard nofile 4000\n');
    const pamService = makeService(`session required pam_limits.so conf=${run.path('limits')}`);
    expect(await run.output(shell('ulimit -Sn', { user: 'daemon', cwd: '/', pamService }))).toBe('3000\n');
  });

  test.each([
    { line: 'session required pam_deny.so', message: /^unable to open PAM session: pam_open_session: \w/ },
    { line: 'account required pam_deny.so', message: /^unable to open PAM session: pam_acct_mgmt: \w/ },
    { line: 'session required pam_no_such_module.so', message: /^unable to open PAM session: pam_\w+: \w/ },
  ])('that can not be opened ($line) leaves nothing running', async ({ line, message }) => {
    const pamService = makeService(line);
    const result = await run.spawner.start(shell(`echo > ${run.path('ran')}`, { pamService }));
    expect(result).toMatchObject({ ok: false, error: { step: 'pam', argument: pamService, errno: 0 } });
    expect(result).toMatchObject({ error: { message: expect.stringMatching(message) } });
    expect(run.events).toEqual([]);
    expect(() => run.read('ran')).toThrow('ENOENT');
  });

  test('comes before anything that has to do with paths, and is closed when a step fails after it', async () => {
    const pamService = makeRecorder(run);
    expect(await run.spawner.start(shell('', { pamService, cwd: '/nowhere' }))).toMatchObject({
      error: { step: 'chdir', argument: '/nowhere', errno: constants.errno.ENOENT },
    });
    expect(await recorded(run, 2)).toHaveLength(2);
    expect(run.events).toEqual([]);
  });

  test('whose credentials can not be had goes on, with a warning', async () => {
    const pamService = makeService('auth required pam_deny.so');
    await run.ended(await run.begin(shell('', { pamService })));
    const message = expect.stringMatching(/^pam_setcred: /);
    expect(run.warnings).toEqual([{ kind: 'pam', service: pamService, message }]);
  });

  test('knows the console of a process that owns it', async (context) => {
    const script = makeScript(run, 'tty', `echo "tty $PAM_TTY" >> ${run.path('record')}`);
    const pamService = makeService(`session required pam_exec.so ${script}`);
    const result = await run.spawner.start(shell('', { pamService, console: { kind: 'owner' } }));
    if (!result.ok) {
      console.log(`skipped: ${result.error.message}`);
      return context.skip();
    }
    expect(await recorded(run, 2)).toEqual(['tty /dev/console', 'tty /dev/console']);
  });

  test('passes on what its modules say', async () => {
    const pamService = makeService('session optional pam_echo.so hello %u');
    await run.ended(await run.begin(shell('', { pamService })));
    expect(run.warnings).toContainEqual({ kind: 'pam', service: pamService, message: 'hello root' });
  });

  test('refuses to be asked, and takes the groups that its modules add', async (context) => {
    const module = compileShared('pam-module.c', run.path('pam_module.so'));
    if (!module) return context.skip();
    const groups = makeService(`auth required ${run.path('pam_module.so')}`);
    const spec = shell('id -G', { user: 'daemon', cwd: '/' });
    expect(await run.output({ ...spec, pamService: groups })).toBe('1 4242\n');
    const asks = makeService(`session required ${run.path('pam_module.so')}`);
    expect(await run.spawner.start({ ...spec, pamService: asks })).toMatchObject({
      error: { step: 'pam', message: expect.stringContaining('onversation') },
    });
  });

  test('can not be had from spawn, which may not wait', () => {
    expect(() => run.spawner.spawn(shell('', { pamService: 'su' }))).toThrow(TypeError);
  });
});
