import type { Session } from './job-class.js';
import type { World } from './world.js';

/** The limit of the original, and the least there is. */
const LEAST_SECONDS = 5;

/** The longest sum of kill timeouts from a job on through those that run `while` it, seconds. */
const longestFrom = (session: Session, job: string, known: Map<string, number>): number => {
  const done = known.get(job);
  if (done !== undefined) return done;
  known.set(job, 0);
  const instances = [...(session.classes.get(job)?.instances.values() ?? [])];
  if (instances.length === 0) return 0;
  const own = Math.max(...instances.map(({ definition }) => definition.conf.killTimeoutSeconds));
  const dependants = [...(session.dependants.get(job) ?? [])].map(({ name }) => longestFrom(session, name, known));
  const longest = own + Math.max(0, ...dependants);
  known.set(job, longest);
  return longest;
};

/** How long the end of a session may take to stop everything in the order of its states (rule S13). */
export const haltLimit = (world: World): number => {
  let longest = LEAST_SECONDS;
  for (const session of world.sessions.values()) {
    const known = new Map<string, number>();
    for (const job of session.classes.keys()) longest = Math.max(longest, longestFrom(session, job, known));
  }
  return longest;
};
