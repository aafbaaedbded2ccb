import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readUtmp } from '@maverick/spawner';
import { onTestFinished } from 'vitest';
import type { LastCall, Machine } from '../../src/machine.js';

/** A machine whose files are in a folder of its own, whose minutes pass when they are told to, and that has no end. */
export class FakeMachine implements Machine {
  readonly folder = mkdtempSync(join(tmpdir(), 'initctl-machine-'));
  readonly utmp = join(this.folder, 'utmp');
  readonly wtmp = join(this.folder, 'wtmp');
  readonly shutdownPid = join(this.folder, 'shutdown.pid');
  readonly nologin = join(this.folder, 'nologin');
  readonly requestPipes = [join(this.folder, 'initctl'), join(this.folder, 'dev-initctl')];
  readonly devices = join(this.folder, 'dev');
  readonly kernelRelease = '6.1.0-test';
  /** The last calls, and what belongs to them. */
  readonly calls: unknown[] = [];
  clock = new Date(2026, 0, 2, 13, 5);
  /** What happens while a minute passes. */
  duringMinute: (left: number) => void = () => {};
  /** The processes that there are. */
  readonly processes = new Set<number>();
  refuses: Error | undefined;
  #minutes = 0;

  constructor() {
    mkdirSync(this.devices);
    for (const path of [this.utmp, this.wtmp]) writeFileSync(path, '');
    onTestFinished(() => rmSync(this.folder, { recursive: true }));
  }

  now(): Date {
    return this.clock;
  }

  async minute(signal: AbortSignal): Promise<void> {
    this.#minutes += 1;
    this.duringMinute(this.#minutes);
    // Signals are delivered by the event loop.
    await new Promise(setImmediate);
    signal.throwIfAborted();
    this.clock = new Date(this.clock.getTime() + 60_000);
  }

  signalProcess(pid: number, signal: string | number): void {
    if (pid !== 1 && !this.processes.has(pid)) throw Object.assign(new Error('kill ESRCH'), { code: 'ESRCH' });
    if (signal !== 0) this.calls.push(`kill ${pid} ${signal}`);
  }

  async sync(): Promise<void> {
    this.calls.push('sync');
  }

  checkMayEnd(): void {
    if (this.refuses !== undefined) throw this.refuses;
  }

  async perform(call: LastCall): Promise<void> {
    this.checkMayEnd();
    this.calls.push(call);
  }

  /** The records of a file, one line each. */
  records(file: 'utmp' | 'wtmp'): string[] {
    return readUtmp(this[file]).map(({ type, pid, line, id, user, host }) =>
      [type, pid % 256 === 0 ? pid : `${String.fromCharCode(pid % 256)}<${pid >> 8}`, line, id, user, host].join(' '),
    );
  }
}
