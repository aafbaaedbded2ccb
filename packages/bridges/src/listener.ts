import { fstatSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { closeFd, type FdWatch, type ListenSpec, listenSocket, setBlocking, watchFd } from '@maverick/spawner';

/** Which file a path is now. */
const identityOf = (path: string): string | undefined => {
  const status = lstatSync(path, { throwIfNoEntry: false });
  return status === undefined ? undefined : `${status.dev}:${status.ino}`;
};

const filePathOf = ({ address }: ListenSpec): string | undefined =>
  address.family === 'unix' && address.path.startsWith('/') ? address.path : undefined;

/** Whether a socket is still what its address leads to: a path may have been removed, or be another's now. */
const isThere = (fd: number, path: string | undefined): boolean =>
  fstatSync(fd).isSocket() && (path === undefined || lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true);

const bind = (spec: ListenSpec, path: string | undefined, useless: number | undefined): number => {
  if (useless !== undefined) closeFd(useless);
  if (path !== undefined) mkdirSync(dirname(path), { recursive: true });
  return listenSocket(spec);
};

/** A bound socket. Level-triggered: while armed, it tells as long as something waits there. */
export class Listener {
  readonly fd: number;
  readonly #path: string | undefined;
  readonly #file: string | undefined;
  readonly #watch: FdWatch;
  #armed = false;

  /**
   * @param forJobs jobs get the socket itself: calls on it wait, as programs expect
   * @param inherited the same socket as an earlier bridge had it, where there is one; ours to close
   * @throws SystemError see `listenSocket`; what making the directory of its path throws
   */
  constructor(spec: ListenSpec, forJobs: boolean, onReady: () => void, inherited?: number) {
    this.#path = filePathOf(spec);
    this.fd = inherited !== undefined && isThere(inherited, this.#path) ? inherited : bind(spec, this.#path, inherited);
    this.#file = this.#path === undefined ? undefined : identityOf(this.#path);
    const ready = (): void => {
      this.#armed = false;
      onReady();
    };
    this.#watch = watchFd(this.fd, {}, ready, { once: true });
    // After the watch, which has made it non-blocking.
    if (forJobs) setBlocking(this.fd);
  }

  /**
   * Tell once, when something waits; or do not.
   * @param onNothing called where nothing waits now
   */
  arm(armed: boolean, onNothing: () => void = () => {}): void {
    if (armed === this.#armed) return;
    this.#armed = armed;
    this.#watch.update(armed ? { readable: true } : {});
    if (!armed) return;
    // The first is before the event loop looks at descriptors again, the second after that.
    setImmediate(() =>
      setImmediate(() => {
        if (this.#armed) onNothing();
      }),
    );
  }

  /** @param keepsFile the socket lives on elsewhere. Else its file goes, too, unless somebody has put another in its place. */
  close(keepsFile: boolean): void {
    this.#watch.close();
    closeFd(this.fd);
    if (keepsFile) return;
    if (this.#path !== undefined && this.#file !== undefined && identityOf(this.#path) === this.#file) {
      unlinkSync(this.#path);
    }
  }
}
