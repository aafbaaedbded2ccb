// spawn.mjs WAY MODE COUNT MEGABYTES PROGRAM: starts processes, and prints {"ms":N}.
// WAY: `spawner` or `child_process`. MODE: `sequential`, `burst` or `respawn` as in native/spawn-wait.c, or `blocked`:
// one after the other, but only the time in which the event loop can do nothing else. The heap has so many megabytes.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { Spawner } from '@maverick/spawner';

const [way, mode, count, megabytes, program] = process.argv.slice(2);

const ballast = [];
while (process.memoryUsage().heapUsed < Number(megabytes) * 2 ** 20)
  ballast.push(Array.from({ length: 10_000 }, (_, index) => ({ index, next: undefined, text: `${index}` })));

const WAYS = {
  spawner: () => {
    const ends = new Map();
    const spawner = new Spawner({
      reapStrangers: false,
      onChild: ({ kind, pid }) => {
        if (kind === 'exited' || kind === 'signalled') ends.get(pid)?.();
      },
    });
    return {
      start: (onEnd, output) => {
        const stdio = output === undefined ? {} : { output };
        const result = spawner.spawn({ argv: [program], env: [], console: { kind: 'none' }, stdio });
        if (!result.ok) throw new Error(result.error.message);
        ends.set(result.pid, onEnd);
        return () => spawner.kill(result.pid, 9);
      },
      close: () => spawner.close(),
    };
  },
  child_process: () => ({
    start: (onEnd, output = 'ignore') => {
      const child = spawn(program, { env: {}, stdio: ['ignore', output, 'ignore'] });
      child.on('exit', onEnd);
      return () => child.kill('SIGKILL');
    },
    close: () => {},
  }),
};

const { start, close } = WAYS[way]();
const ended = () => new Promise((resolve) => start(resolve));

const sequential = async () => {
  const begun = performance.now();
  for (let i = 0; i < Number(count); i++) await ended();
  return performance.now() - begun;
};

const burst = async () => {
  const begun = performance.now();
  await Promise.all(Array.from({ length: Number(count) }, ended));
  return performance.now() - begun;
};

const blocked = async () => {
  let sum = 0;
  for (let i = 0; i < Number(count); i++)
    await new Promise((resolve) => {
      const begun = performance.now();
      start(resolve);
      sum += performance.now() - begun;
    });
  return sum;
};

/** The signal, the news of the end, the new process; then the byte that its main() writes, for which we wait idly. */
const respawn = async () => {
  const { spawnSync } = await import('node:child_process');
  const path = `/tmp/maverick-bench-${process.pid}.fifo`;
  spawnSync('mkfifo', [path]);
  const fd = openSync(path, 'r+');
  spawnSync('rm', [path]);
  const byte = Buffer.alloc(1);
  let sum = 0;
  let [kill, end] = [undefined, undefined];
  const begin = () => {
    end = new Promise((resolve) => {
      kill = start(resolve, fd);
    });
    readSync(fd, byte);
  };
  begin();
  for (let i = 0; i < Number(count); i++) {
    const begun = performance.now();
    kill();
    await end;
    begin();
    sum += performance.now() - begun;
  }
  kill();
  await end;
  closeSync(fd);
  return sum;
};

const ms = await { sequential, burst, blocked, respawn }[mode]();
close();
if (ballast.length === 0 && Number(megabytes) > 8) throw new Error('there is no ballast');
console.log(JSON.stringify({ ms }));
