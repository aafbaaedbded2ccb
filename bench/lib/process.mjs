import { spawn, spawnSync } from 'node:child_process';

/** A process that is measured may not take longer: something hangs. */
const LIMIT_MS = 120_000;

const failure = (command, { status, signal, error, stderr = '' }) => {
  const how = error?.message ?? (signal === null ? `status ${status}` : `signal ${signal}`);
  return new Error(`${command.join(' ')}: ${how}\n${stderr}`.trimEnd());
};

/** Run a program to its end and say how many milliseconds that took, from here. Throws if it fails. */
export const timeProcess = (command, options = {}) => {
  const [program, ...args] = command;
  const begun = performance.now();
  const result = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: LIMIT_MS, ...options });
  const ms = performance.now() - begun;
  if (result.status !== 0) throw failure(command, result);
  return ms;
};

/** Run a program that measures itself and prints `{"ms":N}` as its last line. When `signal` is aborted it gets SIGTERM. */
export const runWorker = (command, { signal }) =>
  new Promise((resolve, reject) => {
    const [program, ...args] = command;
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: LIMIT_MS, signal });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8').on('data', (text) => {
        said[name] += text;
      });
    }
    child.on('error', reject);
    child.on('close', (status, signal) => {
      const last = said.stdout.trimEnd().split('\n').at(-1);
      if (status === 0 && last !== undefined) resolve(JSON.parse(last).ms);
      else reject(failure(command, { status, signal, stderr: said.stderr }));
    });
  });
