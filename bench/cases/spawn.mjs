import { fileURLToPath } from 'node:url';
import { runWorker } from '../lib/process.mjs';

export const name = 'spawn';
export const description = 'start and wait of /bin/true, one by one and 1000 at once, and kill -9 to the next main()';

const WORKER = fileURLToPath(import.meta.resolve('../workers/spawn.mjs'));
const TRUE = '/bin/true';
const ROUNDS = 9;
const SMALL = '0';
const LARGE = '200';

/** What is measured: how many processes in which way, at which size of the heap in megabytes, against what. */
const ROWS = [
  {
    label: '300, one by one',
    mode: 'sequential',
    count: '300',
    heap: SMALL,
    against: ['C', 'session', 'child_process'],
  },
  {
    label: '300, 200 MB heap',
    mode: 'sequential',
    count: '300',
    heap: LARGE,
    against: ['C', 'session', 'child_process'],
  },
  { label: '1000 at once', mode: 'burst', count: '1000', heap: SMALL, against: ['C', 'session', 'child_process'] },
  { label: 'loop blocked by 300', mode: 'blocked', count: '300', heap: SMALL, against: ['child_process'] },
  { label: 'same, 200 MB heap', mode: 'blocked', count: '300', heap: LARGE, against: ['child_process'] },
  {
    label: '100 kill -9 to main()',
    mode: 'respawn',
    count: '100',
    heap: SMALL,
    against: ['C', 'session', 'child_process'],
  },
];

const NAMES = {
  C: 'posix_spawn and waitpid, from C',
  session: 'the same, each a session of its own, as ours are',
  child_process: 'child_process.spawn, to `exit`',
};

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async ({ compare, native, signal }) => {
  const inC = native('spawn-wait');
  const sayMain = native('say-main');
  for (const { label, mode, count, heap, against } of ROWS) {
    const program = mode === 'respawn' ? sayMain : TRUE;
    const command = [mode, count, heap, program];
    const node = (way) => [process.execPath, WORKER, way, ...command];
    const commands = {
      C: [inC, ...command],
      session: [inC, ...command, 'session'],
      child_process: node('child_process'),
    };
    for (const reference of against)
      await compare({
        label: `${label} : ${reference}`,
        rounds: ROUNDS,
        subject: { name: 'Spawner.spawn, to its end', run: () => runWorker(node('spawner'), { signal }) },
        reference: { name: NAMES[reference], run: () => runWorker(commands[reference], { signal }) },
      });
  }
};
