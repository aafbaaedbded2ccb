import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ROOT } from './root.mjs';

const UPSTART = join(ROOT, 'packages/init/bin/upstart.js');
/** A daemon that is not there by then never will be. */
const START_LIMIT_MS = 20_000;

/** How long to wait before looking again whether the daemon is there. */
const LOOK_AGAIN_MS = 20;

const addressFrom = (sessionFile) =>
  existsSync(sessionFile) ? /^UPSTART_SESSION=(.+)\n/.exec(readFileSync(sessionFile, 'utf8'))?.[1] : undefined;

/** The address of the daemon whose session file this is, once it answers there. */
const answeringAddress = async (sessionFile, child) => {
  const { connect } = await import('@maverick/dbus/client');
  const givenUp = performance.now() + START_LIMIT_MS;
  let failure = 'no session file';
  while (performance.now() < givenUp && child.exitCode === null) {
    const address = addressFrom(sessionFile);
    try {
      if (address !== undefined) {
        const client = await connect(address);
        await client.version();
        client.close();
        return address;
      }
    } catch (error) {
      failure = error.message;
    }
    await setTimeout(LOOK_AGAIN_MS);
  }
  throw new Error(`the daemon did not start: ${failure}`);
};

const end = async (child) => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const late = new AbortController();
  setTimeout(START_LIMIT_MS, undefined, { signal: late.signal }).then(
    () => child.kill('SIGKILL'),
    () => {},
  );
  await exited;
  late.abort();
};

/**
 * Start `upstart --user` on a configuration directory, with a home of its own, and wait until it answers. `args` are added.
 * @returns the environment in which `initctl` finds it
 */
export const startDaemon = async ({ folder, confDir, defer, args = [] }) => {
  const env = { PATH: process.env.PATH, HOME: folder, XDG_RUNTIME_DIR: join(folder, 'run') };
  const sessions = join(env.XDG_RUNTIME_DIR, 'upstart', 'sessions');
  mkdirSync(sessions, { recursive: true, mode: 0o700 });
  const options = ['--user', '--no-startup-event', '--confdir', confDir, '--logdir', folder, ...args];
  const child = spawn(process.execPath, [UPSTART, ...options], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  defer(() => end(child));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  try {
    const address = await answeringAddress(join(sessions, `${child.pid}.session`), child);
    return { child, env: { ...env, UPSTART_SESSION: address } };
  } catch (error) {
    throw new Error(`${error.message}\n${said}`.trimEnd(), { cause: error });
  }
};
