import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from './setup.mjs';

/** Files with the mistakes of the recorded ones. */
const FILES = {
  'test-confs/a/foo.conf': 'exec sleep 1\n',
  'test-confs/a/bad.conf': 'bogus\n',
  'test-confs/stanzas/t110.conf': 'kill signal NONE\n',
  'test-confs/tr/multi.conf': 'pre-start exec true\nexec sleep 1\npost-stop script\n  true\nend script\n',
  'test-confs/stanzas/t010.conf': 'script\n  true\n\n',
  'shbad.conf': 'script\n  if true; then\n    echo\n\nend script\n',
};

/** Play every step, and hand on what came of each. */
export const playCheckconf = (steps, judge) => {
  const folder = mkdtempSync(join(tmpdir(), 'maverick-checkconf-'));
  try {
    for (const name of ['init-checkconf', 'init', 'initctl']) {
      symlinkSync(join(ROOT, 'packages/initctl/bin/initctl.js'), join(folder, name));
    }
    for (const [path, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    for (const step of steps) {
      const command = step.command.replace(/\/sbin\//g, './').replace(/ shbad\.conf.*/, ` ${folder}/shbad.conf`);
      const env = { PATH: `${folder}:${process.env.PATH}` };
      const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: folder, env, encoding: 'utf8' });
      judge(step, { status, stdout: stdout.replaceAll(folder, '/tmp'), stderr: stderr.replaceAll(folder, '/tmp') });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
