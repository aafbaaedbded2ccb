import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { BEFORE_STEP, CHANGES, COMMAND_JOBS, NOTES } from './command-jobs.mjs';
import { ROOT } from './setup.mjs';

const UPSTART = join(ROOT, 'packages/init/bin/upstart.js');
const INITCTL = join(ROOT, 'packages/initctl/bin/initctl.js');
const LIMIT_MS = 20_000;
/** How long what the recorded machine had done by then may take here. */
const ANSWER_LIMIT_MS = 6000;
const LOOK_AGAIN_MS = 50;
const HOME = '/home/user';
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Commands that change nothing: they are asked again until the answer is the recorded one. */
const ASKS = /^initctl --user (?:status|list|get-env|show-config)\b/;

/** A session's daemon with the recorded jobs, and a shell in which `initctl` is found. */
class Session {
  #folder = mkdtempSync(join(tmpdir(), 'maverick-commands-'));
  #child;
  #seen = new Map();
  #section = '';
  #number = 0;

  constructor() {
    for (const name of ['conf', 'run/upstart/sessions', 'cfg', 'logs', 'bin']) {
      mkdirSync(join(this.#folder, name), { recursive: true });
    }
    symlinkSync(INITCTL, join(this.#folder, 'bin/initctl'));
    for (const [name, text] of Object.entries(COMMAND_JOBS)) this.#write(name, text);
    this.#write('broken', 'bogus\n');
  }

  get #env() {
    const home = this.#folder;
    return {
      PATH,
      TERM: 'xterm',
      HOME: home,
      LANG: 'C.UTF-8',
      XDG_RUNTIME_DIR: join(home, 'run'),
      XDG_CONFIG_HOME: join(home, 'cfg'),
    };
  }

  get #address() {
    return `unix:abstract=/com/ubuntu/upstart-session/${process.getuid()}/${this.#child.pid}`;
  }

  async start() {
    const folders = ['--confdir', join(this.#folder, 'conf'), '--logdir', join(this.#folder, 'logs')];
    this.#child = spawn(process.execPath, [UPSTART, '--user', '-v', ...folders], { env: this.#env, stdio: 'ignore' });
    const givenUp = performance.now() + LIMIT_MS;
    while (this.#run('initctl --user version').status !== 0) {
      if (performance.now() > givenUp) throw new Error('the daemon does not answer');
      await setTimeout(LOOK_AGAIN_MS);
    }
  }

  /** @returns what came of the step, in the words of the recording */
  async play(step) {
    await this.#prepare(step);
    const run = () => this.#recorded(this.#run(step.command));
    const givenUp = performance.now() + ANSWER_LIMIT_MS;
    let found = run();
    while (ASKS.test(step.command) && !step.isSame(found) && performance.now() < givenUp) {
      await setTimeout(LOOK_AGAIN_MS);
      found = run();
    }
    return found;
  }

  note({ note }) {
    for (const { note: text, act } of NOTES) if (text.test(note)) act(this.#actions);
  }

  async end() {
    if (this.#child?.exitCode === null) {
      this.#child.kill('SIGTERM');
      await once(this.#child, 'exit');
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #prepare({ section, command }) {
    this.#number = section === this.#section ? this.#number + 1 : 0;
    this.#section = section;
    CHANGES[section]?.[this.#number]?.(this.#actions);
    const count = this.#seen.get(command) ?? 0;
    this.#seen.set(command, count + 1);
    BEFORE_STEP[command]?.[count]?.(this.#actions);
  }

  get #actions() {
    return {
      write: (name, text) => this.#write(name, text),
      remove: (name) => rmSync(join(this.#folder, 'conf', `${name}.conf`)),
      kill: (job) => {
        const { stdout } = this.#run(`initctl --user status ${job}`);
        process.kill(Number(/process (\d+)/.exec(stdout)[1]), 'SIGKILL');
      },
    };
  }

  #write(name, text) {
    const path = join(this.#folder, 'conf', `${name}.conf`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  }

  #run(command) {
    const env = {
      ...this.#env,
      PATH: `${this.#folder}/bin:${PATH}`,
      UPSTART_SESSION: this.#address,
      DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${this.#folder}/run/dbus/system_bus_socket`,
    };
    const line = command.replaceAll(HOME, this.#folder);
    const { status, stdout, stderr } = spawnSync('bash', ['-c', line], { env, encoding: 'utf8', cwd: this.#folder });
    return { status, stdout, stderr };
  }

  #recorded({ status, stdout, stderr }) {
    const text = (value) => value.replaceAll(`${this.#folder}/run/dbus`, '/run/dbus').replaceAll(this.#folder, HOME);
    return { status, stdout: text(stdout), stderr: text(stderr) };
  }
}

/** Play every step to one daemon, and hand on what came of each. */
export const playCommands = async (steps, judge) => {
  const session = new Session();
  try {
    await session.start();
    for (const step of steps) {
      if (step.note !== undefined) session.note(step);
      else judge(step, await session.play(step));
    }
  } finally {
    await session.end();
  }
};
