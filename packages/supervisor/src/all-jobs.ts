import type { Engine, JobView } from '@maverick/engine';

/** The jobs of all sessions. */
export const allJobs = (engine: Pick<Engine, 'sessions' | 'jobs'>): JobView[] =>
  engine.sessions().flatMap(({ session }) => engine.jobs(session));
