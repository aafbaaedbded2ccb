import { type ChildProcessByStdio, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { tempDir } from './temp-dir.js';
import { Output } from './test-daemon.js';

const PROJECT = join(import.meta.dirname, '../../../..');
const PROGRAM = join(PROJECT, 'packages/init/bin/upstart.js');
const MODULES = join(PROJECT, 'packages/init/dist/main.js');
const INITCTL = join(PROJECT, 'packages/initctl/bin/initctl.js');
const ENTER = join(import.meta.dirname, '../fixtures/enter-root.sh');
const NAMESPACES = ['--pid', '--mount', '--uts', '--ipc', '--net', '--cgroup'];

/** As the kernel starts it, but that unshare(1) has to be found. */
const ENV = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', TERM: 'linux' };

/** Whether this process may make namespaces; whoever may not is told what is skipped. */
export const canBeMachine =
  process.getuid?.() === 0 && spawnSync('unshare', [...NAMESPACES, '--fork', 'true']).status === 0;
if (!canBeMachine) console.log('skipped: only root with CAP_SYS_ADMIN can start a machine of namespaces');

export interface TestMachineOptions {
  /** Its command line. Default: what the kernel gives, nothing. */
  readonly args?: readonly string[];
  /** Job files below `/etc/init`. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Words before the program: what becomes it. */
  readonly before?: readonly string[];
  /** What its standard input has. Default: nothing. Null: what is typed later. */
  readonly input?: string | null;
  /** Options of Node. */
  readonly node?: readonly string[];
}

/** A daemon that is process 1 of namespaces and of a root of its own, for one test; all of it is gone after that. */
export class TestMachine {
  readonly out: Output;
  readonly err: Output;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #init: number | undefined;

  constructor({ args = [], files = {}, env = {}, before = [], input = '', node = [] }: TestMachineOptions = {}) {
    const home = tempDir();
    const etc = join(home, 'etc');
    mkdirSync(join(etc, 'init'), { recursive: true });
    for (const name of ['passwd', 'group']) cpSync(join('/etc', name), join(etc, name));
    for (const [name, text] of Object.entries(files)) {
      const path = join(etc, 'init', name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    const root = join(home, 'root');
    mkdirSync(root);
    // What is loaded before has to meet the modules themselves, not the one file that they are bundled to.
    const file = node.length === 0 ? PROGRAM : MODULES;
    const program = [...before, process.execPath, ...node, file, ...args];
    const words = [...NAMESPACES, '--fork', '--kill-child', ENTER, root, etc, PROJECT, ...program];
    this.#child = spawn('unshare', words, {
      env: { ...ENV, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    if (input !== null) this.#child.stdin.end(input);
    this.out = new Output(this.#child.stdout);
    this.err = new Output(this.#child.stderr);
    this.ended = once(this.#child, 'close').then(([code, signal]) => ({ code, signal }));
    onTestFinished(() => this.#end());
  }

  /** Process 1 by its number outside. */
  get init(): number {
    const { pid } = this.#child;
    const [child = ''] = this.#init ? [] : readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ');
    // At first there is none.
    this.#init ??= child === '' ? undefined : Number(child);
    return this.#init ?? Number.NaN;
  }

  /** A file of the machine, as seen from outside. */
  path(name: string): string {
    return join(`/proc/${this.init}/root`, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8').replaceAll('\r', '');
  }

  /** Wait until a file of the machine has a text. */
  async until(name: string, pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = existsSync(this.path(name)) ? pattern.exec(this.read(name)) : null;
      if (found !== null) return found;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  /** Write to its standard input. */
  type(text: string): void {
    this.#child.stdin.write(text);
  }

  signal(signal: NodeJS.Signals | number): void {
    process.kill(this.init, signal);
  }

  /** Run a command inside. */
  async run(command: string, ...args: readonly string[]): Promise<string> {
    const words = ['-t', String(this.init), '--pid', '--mount', '--net', '--uts', '--ipc', '--root', '--wd', command];
    const { stdout } = await promisify(execFile)('nsenter', [...words, ...args], { encoding: 'utf8', env: ENV });
    return stdout;
  }

  initctl(...args: readonly string[]): Promise<string> {
    return this.run(process.execPath, INITCTL, ...args);
  }

  /** What `/proc/PID/stat` says of everything inside: `S`, `Z` …, by the PID inside. */
  states(): ReadonlyMap<number, string> {
    const stats = readdirSync(this.path('/proc')).filter((name) => /^\d+$/.test(name));
    return new Map(
      stats.flatMap((pid) => {
        try {
          const stat = readFileSync(this.path(`/proc/${pid}/stat`), 'latin1');
          return [[Number(pid), stat.slice(stat.lastIndexOf(')') + 2)[0] ?? '']];
        } catch {
          return [];
        }
      }),
    );
  }

  async #end(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}
