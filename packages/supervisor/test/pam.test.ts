import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { Running } from './helpers/running.js';

const SERVICE = `maverick-supervisor-${process.pid}`;
const FILE = `/etc/pam.d/${SERVICE}`;
const hasPam = process.getuid?.() === 0 && existsSync('/etc/pam.d');
if (!hasPam) console.log('skipped: PAM sessions need root, and /etc/pam.d');

describe.skipIf(!hasPam)('a job with setuid, where a PAM service is named', () => {
  let running: Running | undefined;
  afterEach(async () => {
    await running?.close();
    running = undefined;
    rmSync(FILE, { force: true });
  });

  /** A supervisor whose PAM service runs a script at the beginning and the end of each session. */
  const start = (jobs: Readonly<Record<string, string>>, script: string): Running => {
    const all = new Running(jobs, { pamService: SERVICE });
    chmodSync(all.dir, 0o777);
    writeFileSync(all.path('session'), `#!/bin/sh\n${script.replaceAll('@DIR@', all.dir)}\n`, { mode: 0o755 });
    writeFileSync(FILE, `session required pam_exec.so ${all.path('session')}\n`);
    running = all;
    return all;
  };

  test('has a session of its user, from before its program until after its end', async () => {
    const all = start(
      { web: 'setuid daemon\ntask\nscript\n  id -un >> @DIR@/record\n  exit 0\nend script\n' },
      'echo "$PAM_TYPE $PAM_USER" >> @DIR@/record; chmod 666 @DIR@/record; test "$PAM_TYPE" = open_session || touch @DIR@/closed',
    );
    await all.supervisor.startJob('web');
    await all.exists('closed');
    expect(all.read('record')).toBe('open_session daemon\ndaemon\nclose_session daemon\n');
  });

  test('can be stopped while its session is still being opened: nothing starts', async () => {
    const all = start(
      { web: 'setuid daemon\nexec touch @DIR@/ran\n' },
      'test "$PAM_TYPE" = open_session || exit 0; touch @DIR@/opening; exec sleep 1000',
    );
    const started = all.supervisor.startJob('web').catch((error) => error.code);
    await all.exists('opening');
    expect(all.supervisor.instance('web')?.state).toBe('spawned');
    await all.supervisor.stopJob('web');
    expect(await started).toBe('JobFailed');
    expect(all.supervisor.instance('web')).toBeUndefined();
    expect(existsSync(all.path('ran'))).toBe(false);
  });

  test('fails with the step when the session is refused', async () => {
    const all = start({ web: 'setuid daemon\nexec true\n' }, 'exit 1');
    const failed = all.next((event) => (event.kind === 'spawn-failed' ? event.failure : undefined));
    await expect(all.supervisor.startJob('web')).rejects.toMatchObject({ code: 'JobFailed' });
    expect(await failed).toMatchObject({ step: 'pam', message: expect.stringMatching(/^unable to open PAM session/) });
  });
});
