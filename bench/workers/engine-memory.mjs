// engine-memory.mjs WHAT COUNT: bytes of heap for each of COUNT jobs: their definitions as data, an engine that knows them, or their instances.
import { SYSTEM } from '@maverick/engine';
import { definitionOf, engineWith, runningCount } from '../lib/engine.mjs';

const [, , what, countText] = process.argv;
const count = Number(countText);
const textOf = (index) => `start on started job${index}x\nstop on stopping job${index}x\nexec /usr/sbin/daemon${index}`;

const heap = () => {
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
};

/** The least that a supervisor keeps of something that runs. */
const bareInstance = (index) => ({
  job: `job${index}`,
  instance: '',
  goal: 'start',
  state: 'running',
  env: ['PATH=/bin'],
  processes: new Map([['main', index]]),
  waiters: [],
});

const start = (engine) => {
  for (let index = 0; index < count; index += 1) {
    const effects = engine.dispatch({
      kind: 'start',
      at: 0,
      session: SYSTEM,
      job: `job${index}`,
      request: index,
      wait: true,
    });
    const spawn = effects.find(({ kind }) => kind === 'spawn');
    engine.dispatch({ kind: 'process-started', at: 0, process: spawn.process, pid: 1000 + index });
  }
  if (runningCount(engine) !== count) throw new Error('not all jobs run');
};

const MAKES = {
  definitions: () => Array.from({ length: count }, (_, index) => definitionOf(textOf(index))),
  classes: () => engineWith(count, textOf),
  'bare-instances': () => Array.from({ length: count }, (_, index) => bareInstance(index)),
  instances: (engine) => start(engine),
};

// Code is compiled and caches are filled before anything counts.
engineWith(10, textOf);
const engine = what === 'instances' ? engineWith(count, textOf) : undefined;
const before = heap();
const kept = MAKES[what](engine);
const bytes = (heap() - before) / count;
console.log(JSON.stringify({ ms: bytes, kept: Array.isArray(kept) ? kept.length : runningCount(engine ?? kept) }));
