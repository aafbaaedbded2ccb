import { Supervisor, SupervisorError, type SupervisorOptions } from '@maverick/supervisor';
import { messageOf } from './attempt.js';

/** A supervisor, and where it keeps its state. */
export interface OpenedSupervisor {
  readonly supervisor: Supervisor;
  /** Absent: nowhere. */
  readonly stateDir?: string;
}

const isInUse = (error: unknown): boolean => error instanceof SupervisorError && error.code === 'StateInUse';

/**
 * Open a supervisor that keeps its state in the first of the places that no other one has. A daemon without a place is worth
 * more than none: then it keeps nothing, and says so.
 * @param options everything but `stateDir`
 * @throws what the constructor of `Supervisor` throws for other reasons
 */
export const openSupervisor = (
  places: readonly string[],
  options: SupervisorOptions,
  warn: (message: string) => void,
): OpenedSupervisor => {
  for (const stateDir of places) {
    try {
      return { supervisor: new Supervisor({ ...options, stateDir }), stateDir };
    } catch (error) {
      if (isInUse(error) && stateDir !== places.at(-1)) continue;
      warn(`Unable to keep the state for after a crash: ${messageOf(error)}`);
      break;
    }
  }
  return { supervisor: new Supervisor(options) };
};
