import { type StdioOptions, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';

// Starting Node takes its time on a machine that has other things to do.
vi.setConfig({ testTimeout: 120_000 });

export interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

/** Run a fixture in a Node of its own, on the built package; `before` is a command to run it with. */
export const runFixture = (
  name: string,
  args: readonly string[],
  before: readonly string[] = [],
  stdio: StdioOptions = 'pipe',
): Finished => {
  const fixture = fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
  const [command = '', ...rest] = [...before, process.execPath, fixture, ...args];
  return spawnSync(command, rest, { encoding: 'utf8', stdio, timeout: 60_000, killSignal: 'SIGKILL' });
};
