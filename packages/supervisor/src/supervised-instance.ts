import type { InstanceView, ProcessView } from '@maverick/engine';
import { waitsBeforeProgram } from './before-program.js';
import type { ProcessTable } from './process-table.js';

/** A process as the engine knows it, and what only its supervisor sees. */
export interface SupervisedProcess extends ProcessView {
  /** It has stopped before its program, for `debug`; SIGCONT lets it go on. Absent where it has not. */
  readonly paused?: true;
  /** What it says of itself (`STATUS=` of sd_notify(3)). */
  readonly status?: string;
}

/** An instance as it is now. */
export interface SupervisedInstance extends InstanceView {
  readonly processes: readonly SupervisedProcess[];
}

/** What the engine knows of an instance, and what is known of its processes beside that. */
export const supervisedInstance = (view: InstanceView, table: ProcessTable): SupervisedInstance => ({
  ...view,
  processes: view.processes.map((process) => {
    const { pid, pause, status } = table.byProcess(process.process) ?? {};
    const isPaused = pause === 'found' && pid !== undefined ? waitsBeforeProgram(pid) : pause !== undefined;
    return {
      ...process,
      ...(isPaused ? { paused: true as const } : {}),
      ...(status === undefined ? {} : { status }),
    };
  }),
});
