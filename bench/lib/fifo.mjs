import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, read } from 'node:fs';

/**
 * A FIFO in which services tell that they run, each a line with its pid.
 * `times` has when each was read, by pid; `reach(count)` resolves when there are so many.
 */
export const openFifo = (path) => {
  const { status, stderr } = spawnSync('mkfifo', [path], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`mkfifo: ${stderr}`);
  // Open for writing, too: there is no end while nobody writes.
  const fd = openSync(path, constants.O_RDWR);
  const times = new Map();
  let rest = '';
  let wanted = { count: Number.POSITIVE_INFINITY, resolve: () => {} };
  let closed = false;
  const buffer = Buffer.alloc(65_536);
  const next = () =>
    read(fd, buffer, 0, buffer.length, null, (error, length) => {
      const now = performance.now();
      if (closed || error !== null) {
        closeSync(fd);
        return;
      }
      const lines = (rest + buffer.toString('latin1', 0, length)).split('\n');
      rest = lines.pop();
      for (const line of lines) if (line !== '') times.set(Number(line), now);
      if (times.size >= wanted.count) wanted.resolve(now);
      next();
    });
  next();
  return {
    path,
    times,
    /** @returns when the last of so many was there */
    reach: (count) =>
      new Promise((resolve) => {
        if (times.size >= count) resolve(Math.max(...times.values()));
        else wanted = { count, resolve };
      }),
    close: () => {
      closed = true;
      // The read that waits has to see something to end.
      spawnSync('/bin/sh', ['-c', 'echo >"$0"', path]);
    },
  };
};
