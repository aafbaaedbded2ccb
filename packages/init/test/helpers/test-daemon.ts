import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { tempDir } from './temp-dir.js';

const PROGRAM = join(import.meta.dirname, '../../bin/upstart.js');

/** Text that arrives piece by piece, and can be waited for. */
export class Output {
  text = '';
  #ended = false;
  #changed: () => void = () => {};
  #change: Promise<void> = Promise.resolve();

  constructor(stream: Readable) {
    this.#next();
    stream.setEncoding('utf8').on('data', (piece: string) => {
      this.text += piece;
      this.#next();
    });
    stream.on('end', () => {
      this.#ended = true;
      this.#next();
    });
  }

  /** The match as soon as the text from `from` on has one. @throws when the stream ends without */
  async match(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.text.slice(from));
      if (found !== null) return found;
      if (this.#ended) throw new Error(`The output ended without ${pattern}:\n${this.text}`);
      await this.#change;
    }
  }

  #next(): void {
    this.#changed();
    this.#change = new Promise((resolve) => {
      this.#changed = resolve;
    });
  }
}

/** How a process ended. */
interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface TestDaemonOptions {
  readonly args?: readonly string[];
  /** Files of the configuration directory, by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** A command that executes what follows it, in a world of its own making. It gets the daemon's home as `$HOME`. */
  readonly within?: readonly string[];
  /** A script to be run in the place of the daemon's own. */
  readonly program?: string;
  /** In the home of another one, which has ended. */
  readonly after?: TestDaemon;
}

/** A daemon of its own for one test, in a home of its own, that is gone when the test is over. */
export class TestDaemon {
  readonly home: string;
  readonly runtimeDir: string;
  readonly confDir: string;
  readonly out: Output;
  readonly err: Output;
  readonly ended: Promise<End>;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;

  constructor({
    args = ['--user', '--live'],
    files = {},
    env = {},
    within = [],
    program = PROGRAM,
    after,
  }: TestDaemonOptions = {}) {
    this.home = after?.home ?? tempDir();
    this.runtimeDir = join(this.home, 'run');
    this.confDir = join(this.home, 'conf');
    for (const dir of [this.runtimeDir, this.confDir]) mkdirSync(dir, { recursive: true });
    for (const [name, text] of Object.entries(files)) this.write(name, text);
    const { PATH } = process.env;
    const command = [...within, process.execPath, program, '--confdir', this.confDir, ...args];
    this.#child = spawn(command[0] ?? '', command.slice(1), {
      env: { PATH, HOME: this.home, XDG_RUNTIME_DIR: this.runtimeDir, ...env },
      cwd: this.home,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.out = new Output(this.#child.stdout);
    this.err = new Output(this.#child.stderr);
    this.ended = once(this.#child, 'close').then(([code, signal]) => ({ code, signal }));
    onTestFinished(() => this.#end());
  }

  get pid(): number {
    return this.#child.pid ?? Number.NaN;
  }

  get address(): string {
    return `unix:abstract=/com/ubuntu/upstart-session/${process.getuid?.()}/${this.pid}`;
  }

  get sessionFile(): string {
    return join(this.runtimeDir, 'upstart', 'sessions', `${this.pid}.session`);
  }

  /** Write a file of the configuration directory. */
  write(name: string, text: string): void {
    const path = join(this.confDir, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** Remove a file of the configuration directory. */
  remove(name: string): void {
    rmSync(join(this.confDir, name));
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** What a job wrote; a terminal may end its lines with a carriage return, too. */
  log(name: string): string {
    return readFileSync(join(this.home, '.cache', 'upstart', `${name}.log`), 'utf8').replaceAll('\r', '');
  }

  /** The PIDs of everything that a job of this daemon started and that still lives, found by its environment. */
  jobProcesses(): number[] {
    return this.#processesWith(`UPSTART_SESSION=${this.address}\0`);
  }

  /** The same, of all daemons in this home. */
  get allJobProcesses(): number[] {
    return this.#processesWith(`HOME=${this.home}\0`).filter((pid) => environOf(pid).includes('\0UPSTART_JOB='));
  }

  #processesWith(mark: string): number[] {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && environOf(pid).includes(mark));
  }

  /** A clean end leaves nothing behind; where there is none, what the jobs started is found and killed. */
  async #end(): Promise<void> {
    this.#child.kill('SIGTERM');
    const lastResort = setTimeout(() => this.#child.kill('SIGKILL'), 60_000);
    await this.ended;
    clearTimeout(lastResort);
    for (const pid of this.jobProcesses()) killIfThere(pid);
  }
}

/** A zombie has none. */
const environOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
};

const killIfThere = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
};
