import { defineJob, parseConf } from '@maverick/conf';
import { Engine, SYSTEM } from '@maverick/engine';

/** A definition out of the text of a job file. */
export const definitionOf = (text) => defineJob(parseConf(text).conf);

/** An engine that knows `count` jobs; `textOf(index)` is what the file of each says. */
export const engineWith = (count, textOf, engine = new Engine({ env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'] })) => {
  for (let index = 0; index < count; index += 1) {
    const definition = definitionOf(textOf(index));
    engine.dispatch({ kind: 'define-job', at: 0, session: SYSTEM, name: `job${index}`, definition });
  }
  return engine;
};

export const emit = (engine, name, at = 0) =>
  engine.dispatch({ kind: 'emit', at, session: SYSTEM, name, env: ['KEY=value'] });

/** How many instances are `running`. */
export const runningCount = (engine) =>
  engine.jobs(SYSTEM).filter(({ instances }) => instances[0]?.state === 'running').length;

const EFFECTS = ['event-queued', 'log', 'event-handling', 'log', 'event-finished', 'log'];

/**
 * The bare minimum of an event: look up who wants it, and make the objects that tell of it.
 * @returns how many objects were made, so that nothing is optimised away
 */
export const bareEvents = (listeners, count) => {
  let made = 0;
  for (let event = 1; event <= count; event += 1) {
    const wanted = listeners.get('tick');
    const effects = EFFECTS.map((kind) => ({
      kind,
      event,
      name: 'tick',
      env: ['KEY=value'],
      wanted,
      cause: { input: event },
    }));
    made += effects.length;
  }
  return made;
};

/** The bare minimum of so many starts: an object for each job, and those that tell of its goal, states and events. */
export const bareStarts = (count, effectsEach) => {
  const jobs = new Map();
  const effects = [];
  for (let id = 0; id < count; id += 1) {
    const ref = { session: '', job: `job${id}`, instance: '' };
    jobs.set(id, { ref, goal: 'start', state: 'running', env: ['PATH=/bin'], waiters: [] });
    for (let effect = 0; effect < effectsEach; effect += 1) {
      effects.push({
        kind: 'state-changed',
        instance: ref,
        from: 'waiting',
        to: 'starting',
        cause: { input: 1, event: id },
      });
    }
  }
  return effects.length + jobs.size;
};
