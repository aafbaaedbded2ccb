import { readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Spawner } from '@maverick/spawner';
import { ROOT } from './root.mjs';

const PROGRAM = join(ROOT, 'packages/spawner/build/log-process');

/** proc(5): clock ticks are hundredths of a second on every Linux that Node runs on. */
const TICK_MS = 10;

/** CPU time that the log processes of this machine's user have used so far, in milliseconds. */
const logProcessCpuMs = () => {
  const ms = readdirSync('/proc').map((pid) => {
    try {
      if (readlinkSync(`/proc/${pid}/exe`) !== PROGRAM) return 0;
      const [utime, stime] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ').slice(11, 13);
      return (Number(utime) + Number(stime)) * TICK_MS;
    } catch {
      return 0;
    }
  });
  return ms.reduce((sum, each) => sum + each, 0);
};

/** Programs whose output is logged, one after the other, and how long each takes until all of it is in the file. */
export const logRunner = ({ directory, defer }) => {
  const folder = directory();
  let end;
  const spawner = new Spawner({
    onChild: (event) => end?.(event),
    onWarning: ({ message }) => {
      throw new Error(message);
    },
  });
  defer(() => spawner.close());
  let count = 0;

  const run = async (argv, consoleOf, bytes) => {
    count += 1;
    const path = join(folder, `${count}.log`);
    const over = new Promise((resolve) => {
      end = resolve;
    });
    const cpu = logProcessCpuMs();
    const begun = performance.now();
    const result = spawner.spawn({ argv: argv(path), env: ['PATH=/usr/bin:/bin'], console: consoleOf(path) });
    if (!result.ok) throw new Error(result.error.message);
    await over;
    const ms = performance.now() - begun;
    const used = logProcessCpuMs() - cpu;
    if (statSync(path).size !== bytes) throw new Error(`${path} has ${statSync(path).size} bytes and not ${bytes}`);
    rmSync(path);
    return { ms, cpuMs: Math.max(used, TICK_MS) };
  };

  return {
    folder,
    /** Through the log process. */
    logged: (argv, bytes, more) =>
      run(
        () => argv,
        (path) => ({ kind: 'log', path, ...more }),
        bytes,
      ),
    /** Whatever the command does to get its output into the file that is its first argument. */
    direct: (command, argv, bytes) =>
      run(
        (path) => ['/bin/sh', '-c', command, path, ...argv],
        () => ({ kind: 'none' }),
        bytes,
      ),
  };
};
