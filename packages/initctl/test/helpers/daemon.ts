import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from '@maverick/dbus/client';
import { afterAll, beforeAll, vi } from 'vitest';

const UPSTART = fileURLToPath(new URL('../../../init/bin/upstart.js', import.meta.url));
const START_LIMIT_MS = 60_000;
/** The time of the daemon, and some for the machine. */
const HOOK_LIMIT_MS = 120_000;

/** `upstart --user` with a home of its own. */
export interface LiveDaemon {
  /** Holds everything of the daemon's: `conf/`, `logs/`, `run/`. */
  readonly folder: string;
  /** What a command needs to find it. */
  readonly env: {
    readonly PATH: string;
    readonly HOME: string;
    readonly XDG_RUNTIME_DIR: string;
    readonly UPSTART_SESSION: string;
  };
  /** Write a job file; the daemon reads it at the next `reload-configuration`. */
  writeJob(name: string, text: string): void;
  removeJob(name: string): void;
  stop(): Promise<void>;
}

const answeringAddress = (sessions: string, child: ChildProcess): Promise<string> =>
  vi.waitFor(
    async () => {
      const file = readFileSync(join(sessions, `${child.pid}.session`), 'utf8');
      const address = /^UPSTART_SESSION=(.+)\n$/.exec(file)?.[1] ?? '';
      const client = await connect(address);
      await client.version();
      client.close();
      return address;
    },
    { timeout: START_LIMIT_MS, interval: 10 },
  );

const jobPath = (folder: string, name: string): string => join(folder, 'conf', `${name}.conf`);

/** Start a daemon on these job files (text by name), with more options where there are any, and wait until it answers. */
export const startDaemon = async (
  jobs: Readonly<Record<string, string>>,
  more: readonly string[] = [],
): Promise<LiveDaemon> => {
  const folder = mkdtempSync(join(tmpdir(), 'initctl-daemon-'));
  const sessions = join(folder, 'run', 'upstart', 'sessions');
  mkdirSync(sessions, { recursive: true });
  const writeJob = (name: string, text: string): void => {
    mkdirSync(join(jobPath(folder, name), '..'), { recursive: true });
    writeFileSync(jobPath(folder, name), text);
  };
  for (const [name, text] of Object.entries(jobs)) writeJob(name, text);

  const { PATH = '' } = process.env;
  const env = { PATH, HOME: folder, XDG_RUNTIME_DIR: join(folder, 'run') };
  const options = ['--confdir', join(folder, 'conf'), '--logdir', join(folder, 'logs'), '--no-startup-event'];
  const child = spawn(process.execPath, [UPSTART, '--user', ...options, ...more], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
    rmSync(folder, { recursive: true });
  };
  try {
    const address = await answeringAddress(sessions, child);
    const removeJob = (name: string): void => rmSync(jobPath(folder, name));
    return { folder, env: { ...env, UPSTART_SESSION: address }, writeJob, removeJob, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** One daemon for all the tests of a file, or of a `describe`: it is there before their own hooks, and until after them. */
export const liveDaemon = (
  jobs: Readonly<Record<string, string>>,
  more: readonly string[] = [],
): Omit<LiveDaemon, 'stop'> => {
  let daemon: LiveDaemon | undefined;
  const running = (): LiveDaemon => {
    if (daemon === undefined) throw new Error('The daemon is there in tests and hooks only');
    return daemon;
  };
  beforeAll(async () => {
    daemon = await startDaemon(jobs, more);
  }, HOOK_LIMIT_MS);
  afterAll(() => daemon?.stop(), HOOK_LIMIT_MS);
  return {
    get folder() {
      return running().folder;
    },
    get env() {
      return running().env;
    },
    writeJob: (name, text) => running().writeJob(name, text),
    removeJob: (name) => running().removeJob(name),
  };
};
