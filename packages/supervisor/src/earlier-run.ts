import { restoreHandedOver } from './handed-over.js';
import type { LostRun } from './lost-run.js';
import type { SupervisorOptions } from './options.js';
import { RunState } from './run-state.js';
import type { SavedEngine } from './saved-engine.js';

/** What an earlier supervisor of the same run has left: all that it had, what it had kept, its processes only, or nothing. */
export class EarlierRun {
  readonly handed: SupervisorOptions['handedOver'];
  /** Where this run is kept, which may be where the earlier one was; undefined where none is. */
  readonly state: RunState | undefined;
  /** Its engine, from what counts most. */
  readonly saved: SavedEngine | undefined;
  /** A run of which there are only processes. */
  readonly lost: LostRun | undefined;

  /**
   * @throws HandOverError, SnapshotError for what was handed over and can't be read; SupervisorError `StateInUse`; the system's
   *   error where the state directory can't be used
   */
  constructor({ handedOver, stateDir }: Pick<SupervisorOptions, 'handedOver' | 'stateDir'>) {
    this.handed = handedOver;
    const handed = handedOver && restoreHandedOver(handedOver);
    this.state = stateDir === undefined ? undefined : new RunState(stateDir, handed, handedOver?.lock);
    this.saved = handed ?? this.state?.saved;
    this.lost = this.saved === undefined ? this.state?.lost : undefined;
  }

  /** Empty where there was none. */
  get runId(): string {
    return this.saved?.runId ?? this.lost?.runId ?? '';
  }
}
