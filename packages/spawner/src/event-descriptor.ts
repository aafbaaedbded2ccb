import { type FdWatch, watchFd } from './fd-watch.js';
import { native } from './native.js';

/** A descriptor of our own whose news are received as they come. Keeps the process alive until closed or unref'd. */
export abstract class EventDescriptor {
  protected readonly fd: number;
  readonly #watch: FdWatch;
  #open = true;

  /** @param fd closed in the end */
  protected constructor(fd: number) {
    this.fd = fd;
    this.#watch = watchFd(fd, { readable: true }, () => this.receive());
  }

  /** Something can be read. Not called before the constructor is done, nor after {@link close}. */
  protected abstract receive(): void;

  protected get isOpen(): boolean {
    return this.#open;
  }

  /** No call comes after this. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#watch.close();
    native.closeFd(this.fd);
  }

  ref(): this {
    this.#watch.ref();
    return this;
  }

  /** Let the process end though this is open. */
  unref(): this {
    this.#watch.unref();
    return this;
  }
}
