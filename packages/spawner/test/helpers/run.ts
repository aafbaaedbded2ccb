import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { StartOptions } from '../../src/helper-start.js';
import type { ChildEvent, ProcessSpec } from '../../src/process-spec.js';
import type { SpawnWarning } from '../../src/spawn-warning.js';
import { Spawner, type SpawnerOptions } from '../../src/spawner.js';

// Real processes on a machine that may have other things to do.
vi.setConfig({ testTimeout: 120_000 });

export const isRoot = process.getuid?.() === 0;

/** The specification of a shell command; whatever it does not care for has a harmless default. */
export const shell = (command: string, more: Partial<ProcessSpec> = {}): ProcessSpec => ({
  argv: ['/bin/sh', '-c', command],
  env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'],
  console: { kind: 'none' },
  ...more,
});

/**
 * What is just ending may be writing there still: the log process, the keeper of a session. rmSync retries only the last
 * step of it, which can't succeed once there is another file.
 */
const removeFolder = (path: string, attempts = 100): void => {
  try {
    rmSync(path, { recursive: true, maxRetries: 1, retryDelay: 20 });
  } catch (error) {
    if (attempts === 0 || (error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
    removeFolder(path, attempts - 1);
  }
};

/** A spawner for one test, with everything that it reported. Its processes and files are gone after `close`. */
export class Run {
  readonly folder = mkdtempSync(join(tmpdir(), 'maverick-spawner-'));
  readonly events: ChildEvent[] = [];
  readonly warnings: SpawnWarning[] = [];
  readonly spawner: Spawner;
  readonly #pids = new Set<number>();
  readonly #waiting: (() => void)[] = [];
  #logs = 0;

  constructor(options: Partial<SpawnerOptions> = {}) {
    this.spawner = new Spawner({
      ...options,
      onChild: (event) => {
        this.events.push(event);
        this.changed();
        options.onChild?.(event);
      },
      onWarning: (warning) => {
        this.warnings.push(warning);
        this.changed();
      },
    });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  /** Start what must start. */
  start(spec: ProcessSpec): number {
    const result = this.spawner.spawn(spec);
    if (!result.ok) throw new Error(result.error.message);
    this.#pids.add(result.pid);
    return result.pid;
  }

  /** The same for what may need the helper program. */
  async begin(spec: ProcessSpec, options?: StartOptions): Promise<number> {
    const result = await this.spawner.start(spec, options);
    if (!result.ok) throw new Error(result.error.message);
    this.#pids.add(result.pid);
    return result.pid;
  }

  /** Wait until something is the case; it is looked at after every report. */
  async until<T>(look: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  changed(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** The end of a process. */
  ended(pid: number): Promise<ChildEvent> {
    return this.until(() =>
      this.events.find((event) => event.pid === pid && (event.kind === 'exited' || event.kind === 'signalled')),
    );
  }

  /** Run to the end with output to a log, and give the output. */
  async output(spec: ProcessSpec): Promise<string> {
    this.#logs += 1;
    const name = `output-${this.#logs}.log`;
    const pid = await this.begin({ ...spec, console: { kind: 'log', path: this.path(name) } });
    await this.ended(pid);
    return this.read(name);
  }

  close(): void {
    const ended = new Set(
      this.events.filter(({ kind }) => kind === 'exited' || kind === 'signalled').map((e) => e.pid),
    );
    for (const pid of this.#pids) if (!ended.has(pid)) this.spawner.kill(pid, 9, { group: true });
    this.spawner.close();
    removeFolder(this.folder);
  }
}
