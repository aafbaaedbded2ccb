import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FdWatch } from '../../src/fd-watch.js';
import type { FollowSpec, TrackEvent } from '../../src/follow.js';
import { type ChildEvent, closeFd, type ProcessSpec, receiveUnix, watchFd } from '../../src/index.js';
import { Spawner, type SpawnerOptions } from '../../src/spawner.js';
import { socketPair } from './socket-pair.js';

const { SIGKILL } = constants.signals;

/** Compile a fixture once for a test file; `dispose` removes it. */
export const compileFixture = (fixture: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'maverick-fixture-'));
  const path = join(folder, fixture.replace('.c', ''));
  const source = fileURLToPath(new URL(`../fixtures/${fixture}`, import.meta.url));
  const [compiler = 'cc', ...options] = (process.env['CC'] ?? 'cc').split(' ');
  const args = [...options, '-Wall', '-Wextra', '-Werror', '-pthread', '-o', path, source];
  const { status, stderr } = spawnSync(compiler, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${fixture} can't be compiled: ${stderr}`);
  // An ordinary user may have to run it.
  chmodSync(folder, 0o755);
  return { path, dispose: () => rmSync(folder, { recursive: true }) };
};

let runs = 0;

/** A spawner whose processes fork away, with everything that it reported. */
export class ForkerRun {
  readonly events: ChildEvent[] = [];
  readonly tracked: TrackEvent[] = [];
  /** Everything in the order in which it was told. */
  readonly told: (ChildEvent | TrackEvent)[] = [];
  readonly spawner: Spawner;
  /** In the environment of everybody who descends from this run. */
  readonly mark = `MAVERICK_RUN=${process.pid}-${++runs}`;
  readonly #waiting: (() => void)[] = [];
  readonly #watches: FdWatch[] = [];
  readonly #fds: number[] = [];

  constructor(options: Partial<SpawnerOptions> = {}) {
    const tell = <T extends ChildEvent | TrackEvent>(list: T[]) => {
      return (event: T): void => {
        list.push(event);
        this.told.push(event);
        this.changed();
      };
    };
    this.spawner = new Spawner({ onChild: tell(this.events), onTrack: tell(this.tracked), ...options });
  }

  /** Start a command that is given a descriptor to report on; `served` is the pid that comes there. */
  start(command: (fd: number) => readonly string[], follow?: FollowSpec, more: Partial<ProcessSpec> = {}) {
    const [ours, theirs] = socketPair();
    this.#fds.push(ours);
    const result = this.spawner.spawn({
      argv: command(theirs),
      env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin', this.mark],
      console: { kind: 'none' },
      inheritFds: [theirs],
      ...(follow === undefined ? {} : { follow }),
      ...more,
    });
    closeFd(theirs);
    if (!result.ok) throw new Error(result.error.message);
    return { pid: result.pid, served: this.#line(ours) };
  }

  #line(fd: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const buffer = Buffer.alloc(64);
      const watch = watchFd(fd, { readable: true }, () => {
        const received = receiveUnix(fd, buffer);
        if (received === undefined) return;
        watch.close();
        if (received.bytes > 0) resolve(Number(buffer.toString('latin1', 0, received.bytes)));
        else reject(new Error('nobody serves'));
      });
      this.#watches.push(watch);
    });
  }

  changed(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Wait until something is the case; it is looked at after every report. */
  async until<T>(look: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  track<K extends TrackEvent['kind']>(kind: K): Promise<Extract<TrackEvent, { kind: K }>> {
    const isWanted = (event: TrackEvent): event is Extract<TrackEvent, { kind: K }> => event.kind === kind;
    return this.until(() => this.tracked.find(isWanted));
  }

  ended(pid: number): Promise<ChildEvent> {
    const ends: readonly ChildEvent['kind'][] = ['exited', 'signalled', 'vanished'];
    return this.until(() => this.events.find((event) => event.pid === pid && ends.includes(event.kind)));
  }

  /** Descendants that live, by the mark in their environment. */
  living(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .filter((name) => {
        try {
          return readFileSync(`/proc/${name}/environ`, 'latin1').includes(this.mark);
        } catch {
          return false;
        }
      })
      .map(Number);
  }

  close(): void {
    for (const watch of this.#watches.splice(0)) watch.close();
    for (const fd of this.#fds.splice(0)) closeFd(fd);
    for (const pid of this.living()) {
      try {
        process.kill(pid, SIGKILL);
      } catch {
        // It has ended by itself meanwhile.
      }
    }
    this.spawner.close();
  }
}
