import { constants, promises } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

const LOOK_AGAIN_MS = 20;

const isFull = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EAGAIN';

/**
 * Append to a terminal or a pipe that is there, without waiting for somebody to read longer than the limit.
 * @throws an error of `node:fs`: `ENOENT`, `ENXIO` where nobody listens, `EAGAIN` where nobody reads
 */
export const writeNow = async (path: string, bytes: Uint8Array, limitMs: number): Promise<void> => {
  const file = await promises.open(
    path,
    constants.O_WRONLY | constants.O_APPEND | constants.O_NOCTTY | constants.O_NONBLOCK,
  );
  const givenUp = performance.now() + limitMs;
  try {
    for (let rest = bytes; rest.length > 0; ) {
      try {
        rest = rest.subarray((await file.write(rest)).bytesWritten);
      } catch (error) {
        if (!isFull(error) || performance.now() > givenUp) throw error;
        await setTimeout(LOOK_AGAIN_MS);
      }
    }
  } finally {
    await file.close();
  }
};
