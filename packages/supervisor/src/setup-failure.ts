import type { SpawnFailure } from '@maverick/engine';

/** What a process needs could not be got ready, so it is not started. Told as a failed step of its set-up. */
export class SetupFailure extends Error {
  readonly step: string;

  constructor(step: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.step = step;
  }
}

const errnoOf = (error: unknown): number =>
  error instanceof Error && 'errno' in error && typeof error.errno === 'number' ? Math.abs(error.errno) : 0;

/** An exception on the way to a process, as the engine hears of it. */
export const failureOf = (error: unknown): SpawnFailure => {
  if (error instanceof SetupFailure) return { step: error.step, errno: errnoOf(error.cause), message: error.message };
  const message = `unable to start: ${error instanceof Error ? error.message : String(error)}`;
  return { step: 'spawn', errno: 0, message };
};
