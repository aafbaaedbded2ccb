import { closeFd, connectSocket, sendUnix, watchFd } from '@maverick/spawner';
import type { DescriptorKeeper, Report } from './bridge.js';
import { HeldDescriptors } from './held-descriptors.js';

type Word = readonly [name: string, fd: number | undefined];

const text = (lines: readonly string[]): Buffer => Buffer.from(lines.join('\n'));

/**
 * Gives descriptors to the daemon to keep (`FDSTORE=1` of sd_notify(3)). It has them until the job is stopped, and passes
 * them to the next process of the job.
 */
export class NotifyKeeper implements DescriptorKeeper {
  readonly #address: string;
  readonly #report: Report;
  readonly #held: HeldDescriptors;
  /** What is to be told yet: to keep a descriptor, or not to keep the one of a name any more. */
  #untold: Word[] = [];
  #telling = false;

  /**
   * @param address the value of `NOTIFY_SOCKET`
   * @param left what was passed to this process
   */
  constructor(address: string, left: Iterable<readonly [name: string, fd: number]>, report: Report) {
    this.#address = address;
    this.#report = report;
    this.#held = new HeldDescriptors(left);
  }

  take(name: string): number | undefined {
    return this.#held.take(name);
  }

  closeOthers(names: ReadonlySet<string>): void {
    for (const name of this.#held.others(names)) this.#tell([name, undefined]);
    this.#held.closeOthers(names);
  }

  keep(name: string, fd: number): void {
    this.#held.keep(name, fd);
    this.#tell([name, fd]);
  }

  forget(name: string): void {
    this.#held.forget(name);
    // It is closed soon, and must not be sent after that.
    this.#untold = this.#untold.filter(([other]) => other !== name);
    this.#tell([name, undefined]);
  }

  /** What the daemon has already, it does not take twice. */
  renew(): void {
    for (const word of this.#held.all) this.#tell(word);
  }

  #tell(word: Word): void {
    this.#untold.push(word);
    if (!this.#telling) this.#tellAll();
  }

  #tellAll(): void {
    let socket: number | undefined;
    try {
      socket = connectSocket({ family: 'unix', path: this.#address }, 'dgram');
      for (let word = this.#untold[0]; word !== undefined; word = this.#untold[0]) {
        const [name, fd] = word;
        const message = text([fd === undefined ? 'FDSTOREREMOVE=1' : 'FDSTORE=1', `FDNAME=${name}`]);
        if (sendUnix(socket, message, 0, fd === undefined ? [] : [fd]) === undefined) {
          this.#tellLater(socket);
          return;
        }
        this.#untold.shift();
      }
    } catch (error) {
      this.#untold = [];
      this.#report('info', `Sockets are not kept over a restart: ${error instanceof Error ? error.message : error}`);
    }
    if (socket !== undefined) closeFd(socket);
  }

  /** The daemon has not read what it was told before. */
  #tellLater(socket: number): void {
    this.#telling = true;
    const watch = watchFd(socket, { writable: true }, () => {
      watch.close();
      closeFd(socket);
      this.#telling = false;
      this.#tellAll();
    });
  }
}

/**
 * What was passed to this process, by name.
 * @see sd_listen_fds_with_names(3)
 */
export const passedDescriptors = (env: NodeJS.ProcessEnv, pid: number): (readonly [name: string, fd: number])[] => {
  if (env['LISTEN_PID'] !== String(pid)) return [];
  const names = (env['LISTEN_FDNAMES'] ?? '').split(':');
  const count = Number(env['LISTEN_FDS']);
  return Number.isInteger(count) ? names.slice(0, count).map((name, index) => [name, 3 + index] as const) : [];
};
