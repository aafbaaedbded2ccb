import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const FIXTURE = fileURLToPath(new URL('../fixtures/logging-daemon.mjs', import.meta.url));

/** A daemon in a Node of its own, on the built package; gone when the test is. */
export class LoggingDaemon {
  readonly lines: string[] = [];
  readonly #node: ChildProcess;
  #waiting: (() => void)[] = [];

  /** @param args address or `-`, log file, command */
  constructor(...args: readonly string[]) {
    this.#node = spawn(process.execPath, [FIXTURE, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    onTestFinished(() => {
      this.#node.kill('SIGKILL');
    });
    const { stdout } = this.#node;
    if (stdout === null) throw new Error('no standard output');
    createInterface(stdout).on('line', (line) => {
      this.lines.push(line);
      for (const resolve of this.#waiting.splice(0)) resolve();
    });
  }

  /** Waits for a line like this after those that were waited for before. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const index = this.lines.findIndex((line) => pattern.test(line));
      const found = index < 0 ? null : pattern.exec(this.lines.splice(0, index + 1).at(-1) ?? '');
      if (found !== null) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  tell(word: 'exec' | 'end'): void {
    this.#node.stdin?.write(`${word}\n`);
  }

  async kill(): Promise<void> {
    const gone = new Promise((resolve) => this.#node.once('exit', resolve));
    this.#node.kill('SIGKILL');
    await gone;
  }
}
