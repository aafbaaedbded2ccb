import type { SpawnError } from './process-spec.js';
import { STEP_MESSAGES, type Step } from './steps.js';
import { errnoMessage } from './system-error.js';

const prefix = (step: Step, argument: string | undefined): string =>
  step === 'limit' && argument !== undefined ? `unable to set "${argument}" resource limit` : STEP_MESSAGES[step];

/** A failed step, with the original's words for it. An errno of 0 has no text of the system. */
export const spawnError = (step: Step, errno: number, argument?: string): SpawnError => ({
  step,
  ...(argument === undefined ? {} : { argument }),
  errno,
  message: errno === 0 ? prefix(step, argument) : `${prefix(step, argument)}: ${errnoMessage(errno)}`,
});
