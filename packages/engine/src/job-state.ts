import type { ProcessRole } from '@maverick/conf';

/**
 * The life of an instance.
 *
 * An instance has a *goal*, where it should go, and a *state*, where it is. A goal can be set at any time; it moves the
 * instance at once only where the instance rests of its own accord (`waiting`, `running`). Everywhere else it is
 * recorded, and decides which way the instance goes when what the state awaits has happened: a hook (the `starting` or
 * `stopping` event) has finished, a process has ended, the main process is ready.
 *
 * One pass from `starting` to the end of `post-stop` is a *run*. A run that must go to its end whatever the goal is
 * *ending*: its main process died and will be respawned, or (Maverick's semantics) it is being restarted or was cut
 * short. So three courses lead out of a state: up (`start`), down (`stop`), and down to come up again (`ending`).
 *
 * The `…ing` states that await nothing exist because processes are started asynchronously: they are passed through in one
 * step and are seen in notifications only.
 *
 * @see spec: engine.md 1.3, 1.4
 */

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

/** Which of the three ways out of a state an instance takes. */
export const COURSES = ['start', 'stop', 'ending'] as const;
export type Course = (typeof COURSES)[number];

/** What must happen before an instance leaves a state; `ready` and `main` are met at once where there is no main process. */
type Awaited =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'hook' }
  | { readonly kind: 'goal' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'process'; readonly role: ProcessRole };

/** Where a course leads; two states where it depends on the main process being alive. */
type NextState = JobState | { readonly alive: JobState; readonly gone: JobState };

export interface StateRow {
  readonly awaits: Awaited;
  /** The process that is started on entry, where the definition has it. */
  readonly spawns?: ProcessRole;
  /** A course that is absent cannot occur. */
  readonly next: { readonly [course in Course]?: NextState };
}

const nothing = { kind: 'nothing' } as const;
const hook = { kind: 'hook' } as const;
const process = (role: ProcessRole) => ({ kind: 'process', role }) as const;

/** The transition table. What else happens on entry is in `transition.ts`. */
export const TRANSITIONS = {
  waiting: { awaits: { kind: 'goal' }, next: { start: 'starting' } },
  starting: { awaits: hook, next: { start: 'security-spawning', stop: 'stopping', ending: 'stopping' } },
  'security-spawning': { awaits: nothing, spawns: 'security', next: { start: 'security', stop: 'stopping' } },
  security: { awaits: process('security'), next: { start: 'pre-starting', stop: 'stopping', ending: 'stopping' } },
  'pre-starting': { awaits: nothing, spawns: 'pre-start', next: { start: 'pre-start', stop: 'stopping' } },
  'pre-start': { awaits: process('pre-start'), next: { start: 'spawning', stop: 'stopping', ending: 'stopping' } },
  spawning: { awaits: nothing, spawns: 'main', next: { start: 'spawned', stop: 'stopping' } },
  spawned: { awaits: { kind: 'ready' }, next: { start: 'post-starting', stop: 'stopping', ending: 'stopping' } },
  'post-starting': { awaits: nothing, spawns: 'post-start', next: { start: 'post-start', stop: 'stopping' } },
  'post-start': { awaits: process('post-start'), next: { start: 'running', stop: 'stopping', ending: 'stopping' } },
  running: {
    awaits: { kind: 'goal' },
    next: { start: 'stopping', stop: { alive: 'pre-stopping', gone: 'stopping' }, ending: 'stopping' },
  },
  'pre-stopping': {
    awaits: nothing,
    spawns: 'pre-stop',
    next: { start: 'pre-stop', stop: 'pre-stop', ending: 'pre-stop' },
  },
  'pre-stop': { awaits: process('pre-stop'), next: { start: 'running', stop: 'stopping', ending: 'stopping' } },
  stopping: { awaits: hook, next: { start: 'killed', stop: 'killed', ending: 'killed' } },
  killed: {
    awaits: process('main'),
    next: { start: 'post-stopping', stop: 'post-stopping', ending: 'post-stopping' },
  },
  'post-stopping': {
    awaits: nothing,
    spawns: 'post-stop',
    next: { start: 'post-stop', stop: 'post-stop', ending: 'post-stop' },
  },
  'post-stop': { awaits: process('post-stop'), next: { start: 'starting', stop: 'waiting', ending: 'starting' } },
} as const satisfies Record<JobState, StateRow>;

/** What decides the way out of a state. */
export interface Position {
  readonly state: JobState;
  readonly goal: Goal;
  /** The run in progress must go to its end. */
  readonly ending: boolean;
  /** The main process is alive. */
  readonly mainAlive: boolean;
}

export const courseOf = ({ goal, ending }: Pick<Position, 'goal' | 'ending'>): Course => {
  if (goal === 'stop') return 'stop';
  return ending || goal === 'respawn' ? 'ending' : 'start';
};

/** The state that follows. */
export const nextState = (position: Position): JobState => {
  const row: StateRow = TRANSITIONS[position.state];
  const next = row.next[courseOf(position)];
  if (next === undefined) throw new Error(`no way out of ${position.state} with goal ${position.goal}`);
  if (typeof next === 'string') return next;
  return position.mainAlive ? next.alive : next.gone;
};

const ORDER = new Map<JobState, number>(JOB_STATES.map((state, index) => [state, index]));
const RUNNING = ORDER.get('running') ?? 0;

/** Whether an instance in this state has still to come up. */
export const isBeforeRunning = (state: JobState): boolean => (ORDER.get(state) ?? 0) < RUNNING;

/** Whether an instance in this state is up: it offers what it is for. */
export const isUpState = (state: JobState): boolean =>
  state === 'running' || state === 'pre-stopping' || state === 'pre-stop';
