import { lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { closeFd, type FdWatch, type ListenSpec, listenSocket, setBlocking, watchFd } from '@maverick/spawner';

/** Which file a path is now. */
const identityOf = (path: string): string | undefined => {
  const status = lstatSync(path, { throwIfNoEntry: false });
  return status === undefined ? undefined : `${status.dev}:${status.ino}`;
};

const filePathOf = ({ address }: ListenSpec): string | undefined =>
  address.family === 'unix' && address.path.startsWith('/') ? address.path : undefined;

/** A bound socket. Level-triggered: while armed, it tells as long as something waits there. */
export class Listener {
  readonly fd: number;
  readonly #path: string | undefined;
  readonly #file: string | undefined;
  readonly #watch: FdWatch;
  #armed = false;

  /**
   * @param forJobs jobs get the socket itself: calls on it wait, as programs expect
   * @throws SystemError see `listenSocket`; what making the directory of its path throws
   */
  constructor(spec: ListenSpec, forJobs: boolean, onReady: () => void) {
    this.#path = filePathOf(spec);
    if (this.#path !== undefined) mkdirSync(dirname(this.#path), { recursive: true });
    this.fd = listenSocket(spec);
    this.#file = this.#path === undefined ? undefined : identityOf(this.#path);
    const ready = (): void => {
      this.#armed = false;
      onReady();
    };
    this.#watch = watchFd(this.fd, {}, ready, { once: true });
    // After the watch, which has made it non-blocking.
    if (forJobs) setBlocking(this.fd);
  }

  /** Tell once, when something waits; or do not. */
  arm(armed: boolean): void {
    if (armed === this.#armed) return;
    this.#armed = armed;
    this.#watch.update(armed ? { readable: true } : {});
  }

  /** The file goes, too, unless somebody else has put another in its place. */
  close(): void {
    this.#watch.close();
    closeFd(this.fd);
    if (this.#path !== undefined && this.#file !== undefined && identityOf(this.#path) === this.#file) {
      unlinkSync(this.#path);
    }
  }
}
