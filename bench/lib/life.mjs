import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openFifo } from './fifo.mjs';
import { lives, pssMiB, supervisorsBelow, switches, treeOf } from './process-tree.mjs';

/** Nobody takes that long: something hangs. */
const LIMIT_MS = 120_000;
/** runit, s6 and daemontools leave a service that ended within its first second alone for the rest of it. */
const SETTLED_MS = 1_500;
const LOOK_AGAIN_MS = 2;
/** V8 tidies its heap once, up to half a minute after there has been something to do. */
const TIDY_MS = 35_000;

const within = (what, promise) => {
  const late = new AbortController();
  const limit = setTimeout(LIMIT_MS, undefined, { signal: late.signal }).then(() => {
    throw new Error(`${what} took longer than ${LIMIT_MS / 1000} s`);
  });
  return Promise.race([promise, limit]).finally(() => {
    limit.catch(() => {});
    late.abort();
  });
};

const killAll = (pids) => {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
};

/** A supervisor with so many services, from its start to its end. `command` starts it; everything is timed from here. */
export const beginLife = async ({ folder, count, command, defer, service }) => {
  const fifo = openFifo(join(folder, 'fifo'));
  const home = join(folder, 'home');
  mkdirSync(home, { mode: 0o700 });
  const env = { PATH: process.env.PATH, HOME: home, XDG_RUNTIME_DIR: home, BENCH_FIFO: fifo.path };
  const begun = performance.now();
  const child = spawn(command[0], command.slice(1), { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said = `${said}${text}`.slice(-2000);
  });
  const exited = once(child, 'exit');
  let over = false;
  const end = () => {
    if (over) return;
    over = true;
    // Its tree is asked for first: without their parent the rest are nobody's.
    killAll([...treeOf(child.pid), ...fifo.times.keys()]);
    fifo.close();
  };
  defer(end);
  const died = exited.then(() => {
    throw new Error(`${command[0]} ended: ${said}`);
  });
  died.catch(() => {});
  const bootMs =
    (await within(`the start of ${count} services by ${command[0]}`, Promise.race([fifo.reach(count), died]))) - begun;
  const supervisors = () => supervisorsBelow(child.pid, service);
  return {
    child,
    env,
    bootMs,
    /** In MiB, of all supervisor processes. */
    memory: async () => {
      await setTimeout(SETTLED_MS);
      return pssMiB(supervisors());
    },
    /** How often the supervisor processes run, in so many milliseconds, when there has been nothing to do for a while. */
    wakeUps: async (ms) => {
      const pids = supervisors();
      await setTimeout(TIDY_MS);
      const before = switches(pids);
      await setTimeout(ms);
      return switches(pids) - before;
    },
    /** Milliseconds from kill -9 of a service to the next one's main(). */
    respawn: async () => {
      const [victim] = [...fifo.times].filter(([pid]) => lives(pid)).sort(([, a], [, b]) => a - b)[0];
      const known = fifo.times.size;
      const killed = performance.now();
      process.kill(victim, 'SIGKILL');
      return (await within('a respawn', fifo.reach(known + 1))) - killed;
    },
    /** Milliseconds until the supervisor and all of its services are gone. */
    stop: async (signal, command) => {
      const services = [...fifo.times.keys()].filter(lives);
      const begunStop = performance.now();
      if (command !== undefined) spawnSync(command[0], command.slice(1), { stdio: 'ignore' });
      child.kill(signal);
      await within('the stop', exited);
      let left = services;
      while (left.length > 0) {
        left = left.filter(lives);
        if (performance.now() - begunStop > LIMIT_MS) throw new Error(`${left.length} services were not stopped`);
        if (left.length > 0) await setTimeout(LOOK_AGAIN_MS);
      }
      return performance.now() - begunStop;
    },
    end,
  };
};
