import { existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { vi } from 'vitest';
import type { SupervisorEvent } from '../../src/event.js';
import type { SupervisorOptions } from '../../src/options.js';
import { Supervisor } from '../../src/supervisor.js';
import { put } from './watched.js';

// Real processes take their time on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** A supervisor of real job files, with real processes and logs, in a temporary directory of its own. */
export class Running {
  readonly dir = mkdtempSync(join(tmpdir(), 'maverick-running-'));
  readonly events: SupervisorEvent[] = [];
  readonly supervisor: Supervisor;

  /** @param jobs the texts of the job files, by name */
  constructor(jobs: Readonly<Record<string, string>>, options: Partial<SupervisorOptions> = {}) {
    for (const [name, text] of Object.entries(jobs))
      put(join(this.dir, 'conf'), `${name}.conf`, text.replaceAll('@DIR@', this.dir));
    this.supervisor = new Supervisor({
      confDirs: [join(this.dir, 'conf')],
      logDir: this.dir,
      onEvent: (event) => this.events.push(event),
      ...options,
    });
    this.supervisor.start();
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  mainPid(job: string): number {
    return this.supervisor.instance(job)?.processes.find(({ role }) => role === 'main')?.pid ?? Number.NaN;
  }

  /** The texts of the log's lines, as far as they match. */
  messages(pattern: RegExp): string[] {
    return this.events.flatMap((event) =>
      (event.kind === 'message' || event.kind === 'log') && pattern.test(event.message) ? [event.message] : [],
    );
  }

  /** The next event that `wanted` makes something of. */
  next<T>(wanted: (event: SupervisorEvent) => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const leave = this.supervisor.subscribe((event) => {
        const found = wanted(event);
        if (found === undefined) return;
        leave();
        resolve(found);
      });
    });
  }

  /** The job comes to be in this state. */
  async reached(job: string, state: string): Promise<void> {
    if (this.supervisor.instance(job)?.state === state) return;
    await this.next((event) =>
      event.kind === 'state-changed' && event.instance.job === job && event.to === state ? true : undefined,
    );
  }

  /** This is in the file now. */
  contains(name: string, text: string): Promise<void> {
    const path = this.path(name);
    return new Promise((resolve) => {
      const look = (): void => {
        if (!existsSync(path) || !readFileSync(path, 'utf8').includes(text)) return;
        watcher.close();
        resolve();
      };
      const watcher = watch(this.dir, look);
      look();
    });
  }

  /** A process has made this file. */
  exists(name: string): Promise<void> {
    return fileExists(this.path(name));
  }

  async close(): Promise<void> {
    await this.supervisor.shutdown();
    await this.supervisor.close();
    rmSync(this.dir, { recursive: true });
  }
}

export const fileExists = (path: string): Promise<void> =>
  new Promise((resolve) => {
    const watcher = watch(dirname(path), (_kind, name) => {
      if (name === basename(path)) finish();
    });
    const finish = (): void => {
      watcher.close();
      resolve();
    };
    if (existsSync(path)) finish();
  });

/** Whether a process is there and no zombie: who reaps an orphan is not the supervisor's business. */
export const isAlive = (pid: number): boolean => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !'ZX'.includes(stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3));
  } catch {
    return false;
  }
};
