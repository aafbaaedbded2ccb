/**
 * The rules of Maverick's semantics once more, as plainly as they can be said, for jobs that are services with one process:
 * no hooks, no scripts, no states. The engine must say the same.
 */

export interface ModelJob {
  readonly startOn: readonly string[];
  readonly stopOn: readonly string[];
  /** It is up when it says so, and not before. */
  readonly saysReady: boolean;
}

/** `coming`: not ready yet; `ending`: told to end. */
export type Phase = 'down' | 'coming' | 'up' | 'ending';

interface Waiter {
  readonly who: { readonly request: number } | { readonly event: ModelEvent };
  readonly want: 'up' | 'down';
}

interface ModelEvent {
  readonly request: number;
  readonly waitsFor: string[];
  failed: boolean;
  handled: boolean;
}

interface JobState {
  readonly job: ModelJob;
  goal: 'start' | 'stop';
  phase: Phase;
  waiters: Waiter[];
}

export type ModelInput =
  | { readonly kind: 'start' | 'stop' | 'restart'; readonly job: string; readonly request: number }
  | { readonly kind: 'emit'; readonly name: string; readonly request: number }
  | { readonly kind: 'ready'; readonly job: string }
  | { readonly kind: 'exit'; readonly job: string; readonly code: number };

export interface Model {
  readonly jobs: ReadonlyMap<string, JobState>;
  /** `REQUEST ANSWER`, since the last input. */
  answers: string[];
}

export const newModel = (jobs: Readonly<Record<string, ModelJob>>): Model => ({
  jobs: new Map(Object.entries(jobs).map(([name, job]) => [name, { job, goal: 'stop', phase: 'down', waiters: [] }])),
  answers: [],
});

const finish = (model: Model, event: ModelEvent): void => {
  if (event.handled && event.waitsFor.length === 0)
    model.answers.push(`${event.request} ${event.failed ? 'EventFailed' : 'ok'}`);
};

/** Tell those who want this, and let them go. */
const tell = (model: Model, state: JobState, name: string, want: 'up' | 'down', failed: boolean): void => {
  const told = state.waiters.filter((waiter) => waiter.want === want);
  state.waiters = state.waiters.filter((waiter) => waiter.want !== want);
  for (const { who } of told) {
    if ('request' in who) model.answers.push(`${who.request} ${failed ? 'JobFailed' : 'ok'}`);
    else {
      who.event.waitsFor.splice(who.event.waitsFor.indexOf(name), 1);
      who.event.failed ||= failed;
      finish(model, who.event);
    }
  }
};

const wait = (state: JobState, name: string, who: Waiter['who'], want: 'up' | 'down'): void => {
  if ('event' in who) {
    if (state.waiters.some((waiter) => 'event' in waiter.who && waiter.who.event === who.event && waiter.want === want))
      return;
    who.event.waitsFor.push(name);
  }
  state.waiters.push({ who, want });
};

/** A run begins. */
const begin = (model: Model, state: JobState, name: string): void => {
  state.phase = state.job.saysReady ? 'coming' : 'up';
  if (state.phase === 'up') tell(model, state, name, 'up', false);
};

const start = (model: Model, state: JobState, name: string, who: Waiter['who']): void => {
  state.goal = 'start';
  wait(state, name, who, 'up');
  if (state.phase === 'down') begin(model, state, name);
};

const stop = (model: Model, state: JobState, name: string, who: Waiter['who']): void => {
  if (state.goal === 'start') tell(model, state, name, 'up', true);
  state.goal = 'stop';
  state.phase = 'ending';
  wait(state, name, who, 'down');
};

const restart = (state: JobState, name: string, who: Waiter['who']): void => {
  state.phase = 'ending';
  wait(state, name, who, 'up');
};

const emit = (model: Model, name: string, event: ModelEvent): void => {
  for (const [job, state] of model.jobs) {
    const starts = state.job.startOn.includes(name);
    if (state.phase !== 'down' && state.job.stopOn.includes(name)) {
      if (starts && state.goal === 'start') restart(state, job, { event });
      else stop(model, state, job, { event });
    }
    if (starts && (state.goal === 'stop' || state.phase !== 'up')) start(model, state, job, { event });
  }
};

const exit = (model: Model, state: JobState, name: string): void => {
  if (state.phase === 'down') return;
  if (state.phase === 'ending') tell(model, state, name, 'down', false);
  else {
    tell(model, state, name, 'up', true);
    state.goal = 'stop';
  }
  state.phase = 'down';
  if (state.goal === 'start') begin(model, state, name);
};

const command = (model: Model, state: JobState, input: Extract<ModelInput, { request: number; job: string }>): void => {
  const { kind, job, request } = input;
  const refuse = (code: string) => model.answers.push(`${request} ${code}`);
  if (kind === 'start') {
    if (state.goal === 'start' && state.phase === 'up') refuse('AlreadyStarted');
    else start(model, state, job, { request });
  } else if (state.phase === 'down') refuse('UnknownInstance');
  else if (kind === 'stop') stop(model, state, job, { request });
  else if (state.goal === 'stop') refuse('AlreadyStopped');
  else restart(state, job, { request });
};

export const tellModel = (model: Model, input: ModelInput): void => {
  model.answers = [];
  if (input.kind === 'emit') {
    const event: ModelEvent = { request: input.request, waitsFor: [], failed: false, handled: false };
    emit(model, input.name, event);
    event.handled = true;
    finish(model, event);
    return;
  }
  const state = model.jobs.get(input.job);
  if (!state) return;
  if (input.kind === 'exit') exit(model, state, input.job);
  else if (input.kind === 'ready') {
    if (state.phase !== 'coming') return;
    state.phase = 'up';
    tell(model, state, input.job, 'up', false);
  } else command(model, state, input);
};
