import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ROOT } from './setup.mjs';

const ENTER = join(ROOT, 'packages/init/test/fixtures/enter-root.sh');
const NAMESPACES = ['--pid', '--mount', '--uts', '--ipc', '--net', '--cgroup'];
/** Nothing in there can end a machine, whatever goes wrong. */
const POWERLESS = ['setpriv', '--bounding-set=-sys_boot', '--inh-caps=-sys_boot'];
const PROGRAMS = ['initctl', 'telinit', 'runlevel', 'shutdown', 'reboot', 'halt', 'poweroff'];
const ENV = { PATH: '/usr/sbin:/usr/bin:/bin', TERM: 'xterm', MAVERICK_PRETEND: '1' };
const LIMIT_MS = 30_000;
const LOOK_AGAIN_MS = 50;

/** Jobs that tell what came to them. */
const JOBS = {
  boot: 'start on startup\ntask\nexec true\n',
  rl: 'start on runlevel\ntask\nexec env\n',
  cad: 'start on control-alt-delete\ntask\nexec echo cad\n',
  kbd: 'start on keyboard-request or power-status-changed\ntask\nexec env\n',
};

/** `/usr/sbin` of the machine: our programs, and no others. */
const SBIN = [
  'mount -t tmpfs none /usr/sbin',
  `for name in ${PROGRAMS.join(' ')}; do ln -s ${ROOT}/packages/initctl/bin/initctl.js /usr/sbin/$name; done`,
  `ln -s ${ROOT}/packages/init/bin/upstart.js /usr/sbin/init`,
  'exec "$@"',
].join('\n');

/** Why this can't be played here, if it can't. */
export const cannotBeMachine = () => {
  if (process.getuid?.() !== 0) return 'only root can start a machine of namespaces';
  const { status } = spawnSync('unshare', [...NAMESPACES, '--fork', ...POWERLESS, 'true'], { stdio: 'ignore' });
  return status === 0 ? undefined : 'this root may not make namespaces';
};

/** A daemon that is process 1 of a machine made of namespaces. */
class Machine {
  #folder = mkdtempSync(join(tmpdir(), 'maverick-machine-'));
  #child;
  #init;

  async start() {
    const [etc, root] = ['etc', 'root'].map((name) => join(this.#folder, name));
    mkdirSync(join(etc, 'init'), { recursive: true });
    mkdirSync(root);
    for (const name of ['passwd', 'group']) cpSync(join('/etc', name), join(etc, name));
    for (const [name, text] of Object.entries(JOBS)) writeFileSync(join(etc, 'init', `${name}.conf`), text);
    const init = ['sh', '-ec', SBIN, 'sh', ...POWERLESS, process.execPath, '/usr/sbin/init', '--no-log'];
    const words = [...NAMESPACES, '--fork', '--kill-child', ENTER, root, etc, ROOT, ...init];
    this.#child = spawn('unshare', words, { env: ENV, stdio: 'ignore' });
    const givenUp = performance.now() + LIMIT_MS;
    while (this.run('initctl version').status !== 0) {
      if (performance.now() > givenUp || this.#child.exitCode !== null) throw new Error('the machine does not start');
      await setTimeout(LOOK_AGAIN_MS);
    }
  }

  /** Run a command inside. */
  run(command) {
    const target = this.#findInit();
    if (target === undefined) return { status: -1, stdout: '', stderr: '' };
    const enter = ['-t', target, '--pid', '--mount', '--net', '--uts', '--ipc', '--root', '--wd'];
    const { status, stdout, stderr } = spawnSync('nsenter', [...enter, ...POWERLESS, 'sh', '-c', command], {
      env: ENV,
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }

  async end() {
    if (this.#child?.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL');
      await once(this.#child, 'exit');
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #findInit() {
    const { pid } = this.#child;
    try {
      this.#init ??= readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ')[0] || undefined;
    } catch {}
    return this.#init;
  }
}

/** Play every step to one machine, and hand on what came of each. */
export const playOnMachine = async (steps, judge) => {
  const machine = new Machine();
  try {
    await machine.start();
    for (const step of steps) {
      if (step.note === undefined) judge(step, machine.run(step.command));
      else if (step.note.startsWith('kill ')) machine.run(step.note.replace(/ \([\w-]+\)/, ''));
    }
  } finally {
    await machine.end();
  }
};
