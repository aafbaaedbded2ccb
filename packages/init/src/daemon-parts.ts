import type { Supervisor, SupervisorOptions } from '@maverick/supervisor';
import { messageOf } from './attempt.js';
import { DBusSurface, type SurfaceOptions } from './dbus-surface.js';
import type { Handover } from './handover.js';
import { discardHandover } from './handover.js';
import type { JournalTail } from './journal-tail.js';
import type { Log } from './log.js';
import { openSupervisor } from './open-supervisor.js';

/** What of a daemon is replaced when it becomes another, or has to go on after that has failed. */
export interface DaemonParts {
  readonly supervisor: Supervisor;
  readonly surface: DBusSurface;
  readonly journal: JournalTail;
  /** Absent: no state is kept. */
  readonly stateDir?: string;
  /** What these parts go on from. Absent: from nothing, or from what a crashed daemon has left. */
  readonly handover?: Handover;
}

export interface PartsPlan {
  readonly log: Log;
  /** Where state can be kept, the first that is free counts. */
  readonly places: readonly string[];
  readonly settings: SupervisorOptions;
  readonly surface: Omit<SurfaceOptions, 'supervisor' | 'log' | 'journal' | 'kept' | 'admitsUsers'>;
}

/** @throws what the constructor of `Supervisor` throws without a handover */
const open = ({ log, places, settings }: PartsPlan, handover: Handover | undefined) => {
  const warn = (message: string): void => log.write('warn', message);
  if (handover === undefined) return openSupervisor(places, settings, warn);
  const { supervisor: handedOver, stateDir } = handover;
  try {
    return { handover, ...openSupervisor(stateDir === undefined ? [] : [stateDir], { ...settings, handedOver }, warn) };
  } catch (error) {
    log.write('error', `Unable to go on from the state of the daemon before: ${messageOf(error)}`);
    discardHandover(handover);
    return openSupervisor(places, settings, warn);
  }
};

/** Put a daemon together: anew, or as it goes on from a handover. One that can't be gone on from is said, and done without. */
export const assemble = (plan: PartsPlan, journal: JournalTail, handover?: Handover): DaemonParts => {
  const opened = open(plan, handover);
  const { supervisor } = opened;
  const kept = 'handover' in opened ? opened.handover.surface : undefined;
  const { log, settings } = plan;
  const admitsUsers = settings.sessions?.users !== undefined;
  const surface = new DBusSurface({ ...plan.surface, supervisor, log, journal, admitsUsers, ...(kept && { kept }) });
  return { ...opened, surface, journal };
};
