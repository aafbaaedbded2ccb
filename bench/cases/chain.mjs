import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runWorker } from '../lib/process.mjs';

export const name = 'chain';
export const description = 'a chain of 100 tasks, each started by the end of the one before';

const WORKER = fileURLToPath(import.meta.resolve('../workers/chain-supervisor.mjs'));
const COUNT = 100;
const TRUE = '/bin/true';

const textOf = (number) =>
  `start on ${number === 1 ? 'go' : `stopped task-${number - 1}`}\ntask\nconsole none\nexec ${TRUE}\n`;

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async ({ compare, directory, native, signal }) => {
  const confDir = join(directory(), 'conf');
  mkdirSync(confDir);
  for (let number = 1; number <= COUNT; number++) writeFileSync(join(confDir, `task-${number}.conf`), textOf(number));
  const inC = native('spawn-wait');
  const reference = (name, ...more) => ({
    name,
    run: () => runWorker([inC, 'sequential', String(COUNT), '0', TRUE, ...more], { signal }),
  });
  const subject = {
    name: 'from the event to the end of the last task, in a Supervisor',
    run: () => runWorker([process.execPath, WORKER, confDir, `task-${COUNT}`], { signal }),
  };
  const bare = reference('posix_spawn and waitpid of as many, one after the other, from C');
  await compare({ label: `${COUNT} tasks`, rounds: 7, subject, reference: bare });
  const leading = reference('the same, each a session of its own, as ours are', 'session');
  await compare({ label: `${COUNT} tasks : session`, rounds: 7, subject, reference: leading });
};
