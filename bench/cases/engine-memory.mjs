import { fileURLToPath } from 'node:url';
import { runWorker } from '../lib/process.mjs';

export const name = 'engine-memory';
export const description = 'memory of 10000 job classes and of 10000 instances (the figures are bytes each)';

const WORKER = fileURLToPath(import.meta.resolve('../workers/engine-memory.mjs'));
const COUNT = 10_000;
const ROUNDS = 3;

/** @type {(context: ReturnType<typeof import('../lib/context.mjs').createContext>) => Promise<void>} */
export const run = async ({ compare, signal }) => {
  const bytes = (what) => () => runWorker([process.execPath, '--expose-gc', WORKER, what, String(COUNT)], { signal });
  await compare({
    label: 'bytes a job class',
    rounds: ROUNDS,
    subject: { name: 'an engine with as many classes or instances, in bytes each', run: bytes('classes') },
    reference: { name: 'the definitions alone, or a plain object for each instance', run: bytes('definitions') },
  });
  await compare({
    label: 'bytes an instance',
    rounds: ROUNDS,
    subject: { name: 'an engine with as many classes or instances, in bytes each', run: bytes('instances') },
    reference: { name: 'the definitions alone, or a plain object for each instance', run: bytes('bare-instances') },
  });
};
