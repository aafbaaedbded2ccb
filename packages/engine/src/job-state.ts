/** Where an instance should go. `respawn` exists in the original's semantics only. Spelt as on D-Bus. */
export const GOALS = ['stop', 'start', 'respawn'] as const;
export type Goal = (typeof GOALS)[number];

/** Where an instance is, in the order of a life. Spelt as on D-Bus. @see spec: engine.md 1.4 */
export const JOB_STATES = [
  'waiting',
  'starting',
  'security-spawning',
  'security',
  'pre-starting',
  'pre-start',
  'spawning',
  'spawned',
  'post-starting',
  'post-start',
  'running',
  'pre-stopping',
  'pre-stop',
  'stopping',
  'killed',
  'post-stopping',
  'post-stop',
] as const;
export type JobState = (typeof JOB_STATES)[number];
