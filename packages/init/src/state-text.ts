import type { Supervisor } from '@maverick/supervisor';

/**
 * The whole state as JSON text, for `GetState`: ours under `maverick`, and beside it the keys of the original that tools
 * read. @see spec: dbus-api.md 5.1
 */
export const stateText = (supervisor: Supervisor): string =>
  JSON.stringify({
    // As in the original: those beside the system's.
    sessions: [],
    events: [],
    job_environment: supervisor.environment(),
    job_classes: supervisor.jobs().map(({ name, definition, instances }) => ({
      name,
      description: definition.description ?? null,
      jobs: instances.map(({ ref, goal, state, processes, env }) => ({
        name: ref.instance,
        goal: `JOB_${goal.toUpperCase()}`,
        state: `JOB_${state.toUpperCase().replaceAll('-', '_')}`,
        env,
        pid: processes.map(({ role, pid }) => ({ process: role, pid: pid ?? 0 })),
      })),
    })),
    conf_sources: [],
    maverick: supervisor.snapshot(),
  });
