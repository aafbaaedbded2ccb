import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { UpstartClient } from '@maverick/dbus';
import type { TestDaemon } from '../helpers/test-daemon.js';
import { BROKEN_TEXT, EVENTS, goodText, JOBS, jobName, overrideText } from './job-text.js';
import { processTable } from './process-table.js';
import type { Random } from './random.js';
import { soon } from './soon.js';

/** So many of the last actions are told when something is found. */
const REMEMBERED = 80;

/** The world around a daemon: files that change, and people who ask for things. Everything in it is the seed's choice. */
export class World {
  readonly #daemon: TestDaemon;
  readonly #client: UpstartClient;
  readonly #random: Random;
  readonly #signals: boolean;
  /** Jobs whose file is good. One that is broken now may never have been read while it was good. */
  readonly #defined = new Set<string>();
  readonly #last: string[] = [];
  readonly #waiting = new Map<Promise<unknown>, string>();
  actions = 0;

  /** @param signals false: nobody sends the daemon signals, for it can't always take them */
  constructor(daemon: TestDaemon, client: UpstartClient, random: Random, signals = true) {
    this.#signals = signals;
    this.#daemon = daemon;
    this.#client = client;
    this.#random = random;
  }

  /** What was done last, for who looks into a failure. */
  get history(): string {
    return this.#last.join('\n');
  }

  get defined(): readonly string[] {
    return [...this.#defined].sort();
  }

  /** Do one thing, whatever it is, without waiting for what comes of it. */
  async act(): Promise<void> {
    const action = this.#random.weighted<() => unknown>([
      [10, () => this.#write(goodText(this.#random), true)],
      [2, () => this.#write(BROKEN_TEXT, false)],
      [3, () => this.#override()],
      [3, () => this.#remove()],
      [1, () => this.#moveAway()],
      [14, () => this.#emit('go')],
      [5, () => this.#emit('halt')],
      [12, () => this.#command('start')],
      [5, () => this.#command('stop')],
      [4, () => this.#command('restart')],
      [9, () => this.#kill()],
      [this.#signals ? 2 : 0, () => this.#signal('SIGHUP')],
      [2, () => this.#ask('reload-configuration', this.#client.reloadConfiguration())],
      [1, () => this.#ask('set-env', this.#client.setEnv([`MOOD=${this.#random.below(9)}`]))],
      [1, () => this.#ask('state', this.#client.state())],
    ]);
    this.actions += 1;
    await soon(Promise.resolve(action()), () => this.#last.at(-1) ?? 'the first action');
  }

  /** Everybody who asked for something has an answer. @throws with those who have none */
  async answered(): Promise<void> {
    await soon(Promise.all(this.#waiting.keys()), () => [...this.#waiting.values()].join(', '));
  }

  /** Take every file away. */
  clear(): void {
    this.#note('clear');
    for (let number = 0; number < JOBS; number += 1)
      for (const kind of ['conf', 'override']) rmSync(this.#path(jobName(number), kind), { force: true });
    this.#defined.clear();
  }

  #path(job: string, kind: string): string {
    return join(this.#daemon.confDir, `${job}.${kind}`);
  }

  #job(): string {
    return jobName(this.#random.below(JOBS));
  }

  #note(text: string): void {
    this.#last.push(text);
    if (this.#last.length > REMEMBERED) this.#last.shift();
  }

  #write(text: string, isGood: boolean): void {
    const job = this.#job();
    this.#note(`write ${job}: ${JSON.stringify(text)}`);
    this.#daemon.write(`${job}.conf`, text);
    if (isGood) this.#defined.add(job);
    else this.#defined.delete(job);
  }

  #override(): void {
    const job = this.#job();
    const text = overrideText(this.#random);
    this.#note(`override ${job}: ${JSON.stringify(text)}`);
    this.#daemon.write(`${job}.override`, text);
  }

  #remove(): void {
    const job = this.#job();
    this.#note(`remove ${job}`);
    rmSync(this.#path(job, 'conf'), { force: true });
    if (this.#random.next() < 0.5) rmSync(this.#path(job, 'override'), { force: true });
    this.#defined.delete(job);
  }

  /** A file is renamed over another, as editors do. */
  #moveAway(): void {
    const [from, to] = [this.#job(), this.#job()];
    let text: string;
    try {
      text = readFileSync(this.#path(from, 'conf'), 'utf8');
    } catch {
      return;
    }
    if (from === to || text === BROKEN_TEXT) return;
    this.#note(`rename ${from} ${to}`);
    renameSync(this.#path(from, 'conf'), this.#path(to, 'conf'));
    this.#defined.delete(from);
    this.#defined.add(to);
  }

  #emit(kind: string): void {
    const name = `${kind}${this.#random.below(EVENTS)}`;
    const wait = this.#random.next() < 0.3;
    this.#ask(`emit ${name}`, this.#client.emit(name, [`N=${this.#random.below(3)}`], { wait }));
  }

  #command(what: 'start' | 'stop' | 'restart'): void {
    const job = this.#job();
    const wait = this.#random.next() < 0.3;
    const env = [`N=${this.#random.below(3)}`];
    this.#ask(`${what} ${job} ${env}`, this.#client.job(job)[what](env, { wait }));
  }

  async #kill(): Promise<void> {
    const jobs = await this.#client.list();
    const mains = jobs.flatMap(({ instances }) =>
      instances.flatMap(({ status }) => status.processes.filter(({ role }) => role === 'main').map(({ pid }) => pid)),
    );
    const pid = this.#random.pick(mains);
    const signal = this.#random.pick(['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGSEGV', 'SIGSTOP', 'SIGCONT'] as const);
    if (pid === undefined || !this.#isOurs(pid)) return;
    this.#note(`${signal} ${pid}`);
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  }

  /** The number may be somebody else's by now. */
  #isOurs(pid: number): boolean {
    return processTable(this.#daemon.home).some((row) => row.pid === pid && row.job !== undefined);
  }

  #signal(signal: NodeJS.Signals): void {
    this.#note(signal);
    this.#daemon.signal(signal);
  }

  /** That it is refused is as good an answer as any: the jobs are asked for at random. */
  #ask(what: string, answer: Promise<unknown>): void {
    this.#note(what);
    const settled = answer.then(
      () => {},
      () => {},
    );
    this.#waiting.set(settled, what);
    void settled.then(() => this.#waiting.delete(settled));
  }
}
