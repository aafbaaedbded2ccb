import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect, type UpstartClient } from '@maverick/dbus';
import { describe, expect, onTestFinished } from 'vitest';

const PROGRAM = join(import.meta.dirname, '../../../init/bin/upstart.js');
const INITCTL = join(import.meta.dirname, '../../../initctl/bin/initctl.js');
const BRIDGES = join(import.meta.dirname, '../../bin');
const CONF = join(import.meta.dirname, '../../conf');

/** How long to look at most; the machine may be busy. */
export const SOON = { timeout: 60_000, interval: 20 };

/** How a bridge runs: as a job of its own (`stock`: the one of `conf`, as it is), or inside the daemon. */
type Way = 'job' | 'stock' | 'inside';

export interface SceneOptions {
  /** `socket`, `time` … */
  readonly bridge: string;
  /** Default: as a job. */
  readonly way?: Way;
  /** Job files, by name without `.conf`; `@HOME@` is the scene's folder. */
  readonly jobs?: Readonly<Record<string, string>>;
  /** More of the daemon's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The bridge's own options. */
  readonly options?: readonly string[];
}

const untilGone = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const lastResort = setTimeout(() => child.kill('SIGKILL'), 60_000);
  await gone;
  clearTimeout(lastResort);
};

const jobOf = (bridge: string, options: readonly string[]): string =>
  `start on startup\nexpect notify\nrespawn\nexec ${process.execPath} ${join(BRIDGES, bridge)}.js --user --verbose ${options.join(' ')}`;

/** The programs under the names that they are installed by. */
const linkPrograms = (folder: string): void => {
  mkdirSync(folder);
  for (const file of readdirSync(BRIDGES)) symlinkSync(join(BRIDGES, file), join(folder, file.replace(/\.js$/, '')));
};

/** A daemon whose job is a bridge, as people have it, in a folder of its own. */
export class Scene {
  readonly home: string;
  /** The job of the bridge; undefined where it is inside the daemon. */
  readonly #bridge: string | undefined;
  readonly #args: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  #daemon: ChildProcess | undefined;
  #upstart: UpstartClient | undefined;
  log = '';

  private constructor({ bridge, way = 'job', jobs = {}, env = {}, options = [] }: SceneOptions) {
    this.#env = env;
    this.#bridge = way === 'inside' ? undefined : `upstart-${bridge}-bridge`;
    this.#args = way === 'inside' ? ['--verbose', '--bridge', bridge] : [];
    this.home = mkdtempSync(join(tmpdir(), 'maverick-bridge-'));
    onTestFinished(() => rmSync(this.home, { recursive: true, force: true }));
    mkdirSync(join(this.home, 'conf'));
    mkdirSync(join(this.home, 'run'));
    for (const [name, text] of Object.entries(jobs)) this.write(name, text);
    if (way === 'stock') cpSync(join(CONF, `${this.#bridge}.conf`), join(this.home, 'conf', `${this.#bridge}.conf`));
    else if (this.#bridge !== undefined) this.write(this.#bridge, jobOf(this.#bridge, options));
    linkPrograms(join(this.home, 'bin'));
  }

  /** Resolves when the bridge is ready. */
  static async start(options: SceneOptions): Promise<Scene> {
    const scene = new Scene(options);
    await scene.#begin();
    return scene;
  }

  get upstart(): UpstartClient {
    if (this.#upstart === undefined) throw new Error('not connected');
    return this.#upstart;
  }

  get daemonPid(): number {
    return this.#daemon?.pid ?? Number.NaN;
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.home, 'conf', `${name}.conf`), text.replaceAll('@HOME@', this.home));
  }

  path(name: string): string {
    return join(this.home, name);
  }

  /** A file of the folder; empty where there is none. */
  read(name: string): string {
    return existsSync(this.path(name)) ? readFileSync(this.path(name), 'utf8') : '';
  }

  /** What a job wrote. */
  output(job: string): string {
    return this.read(`.cache/upstart/${job}.log`).replaceAll('\r', '');
  }

  async mainPid(job: string): Promise<number | undefined> {
    try {
      const { processes } = await this.upstart.instanceAt(`/com/ubuntu/Upstart/jobs/${job}/_`).status();
      return processes.find(({ role }) => role === 'main')?.pid;
    } catch {
      return undefined;
    }
  }

  /** The bridge's messages. */
  get said(): string {
    return this.#bridge === undefined ? this.log : this.output(this.#bridge);
  }

  /** Until the bridge's messages have this. */
  async says(pattern: RegExp): Promise<void> {
    await expect.poll(() => this.said, SOON).toMatch(pattern);
  }

  /** Stop the bridge, and the daemon where the bridge is inside. */
  async endBridge(): Promise<void> {
    if (this.#bridge !== undefined) return this.upstart.job(this.#bridge).stop();
    if (this.#daemon !== undefined) await untilGone(this.#daemon);
  }

  /** What `initctl` prints. Rejects with what it says where it fails. */
  async initctl(...words: readonly string[]): Promise<string> {
    const env = { PATH: process.env['PATH'], UPSTART_SESSION: this.address, XDG_RUNTIME_DIR: join(this.home, 'run') };
    return (await promisify(execFile)(process.execPath, [INITCTL, ...words], { env })).stdout;
  }

  /** The process of the bridge. */
  async bridgePid(): Promise<number> {
    const pid = await this.mainPid((this.#bridge ?? '').replaceAll('-', '_2d'));
    if (pid === undefined) throw new Error('the bridge has no process');
    return pid;
  }

  /** The daemon dies at once, and another one takes its place. */
  async crash(): Promise<void> {
    const daemon = this.#daemon;
    if (daemon === undefined) throw new Error('no daemon');
    const gone = once(daemon, 'exit');
    daemon.kill('SIGKILL');
    await gone;
    await this.#begin();
  }

  async reconnect(): Promise<void> {
    this.#upstart?.close();
    await expect
      .poll(async () => {
        try {
          this.#upstart = await connect(this.address);
          return await this.#upstart.version();
        } catch {
          return '';
        }
      }, SOON)
      .toContain('upstart');
  }

  get address(): string {
    return `unix:abstract=/com/ubuntu/upstart-session/${process.getuid?.()}/${this.daemonPid}`;
  }

  async #begin(): Promise<void> {
    const { PATH } = process.env;
    const args = ['--user', '--confdir', join(this.home, 'conf'), '--no-dbus', ...this.#args];
    const daemon = spawn(process.execPath, [PROGRAM, ...args], {
      env: {
        PATH: `${join(this.home, 'bin')}:${PATH}`,
        HOME: this.home,
        XDG_RUNTIME_DIR: join(this.home, 'run'),
        ...this.#env,
      },
      cwd: this.home,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [daemon.stdout, daemon.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.log += text;
      });
    }
    this.#daemon = daemon;
    onTestFinished(async () => {
      this.#upstart?.close();
      await untilGone(daemon);
    });
    await this.reconnect();
    const job = this.#bridge;
    if (job !== undefined) await expect.poll(() => this.state(job), SOON).toBe('running');
  }

  async state(job: string): Promise<string> {
    try {
      return (await this.upstart.instanceAt(`/com/ubuntu/Upstart/jobs/${job.replaceAll('-', '_2d')}/_`).status()).state;
    } catch {
      return '';
    }
  }
}

/** Stop a process, and wait until it has stopped: a call that it is in may take something until then. */
export const freeze = async (pid: number): Promise<void> => {
  process.kill(pid, 'SIGSTOP');
  await expect.poll(() => /^State:\s+(.)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1], SOON).toBe('T');
};

/** A port that nobody has now. */
export const freePort = async (host = '127.0.0.1'): Promise<number> => {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
};

/** The same tests of a bridge as a job of its own, and inside the daemon. */
export const bothWays = (
  bridge: string,
  tests: (
    start: (jobs: NonNullable<SceneOptions['jobs']>, env?: SceneOptions['env']) => Promise<Scene>,
    way: Way,
  ) => void,
): void => {
  const title = { job: `the ${bridge} bridge as a job`, inside: `the ${bridge} bridge inside the daemon` };
  for (const way of ['job', 'inside'] as const) {
    describe(title[way], () => tests((jobs, env = {}) => Scene.start({ bridge, way, jobs, env }), way));
  }
};
