import { closeSync, openSync } from 'node:fs';

/**
 * A descriptor that is kept for the moment when no other can be opened: who comes then can be turned away, instead of
 * waiting in a line that does not move.
 */
export class SpareDescriptor {
  private fd: number | undefined;

  constructor() {
    this.take();
  }

  /**
   * Give its place away, again and again as long as `use` says that it took it (and has let go of it), then take it back.
   * @returns false if there was none to give
   */
  lend(use: () => boolean): boolean {
    if (this.fd === undefined) this.take();
    if (this.fd === undefined) return false;
    this.close();
    try {
      while (use());
    } finally {
      this.take();
    }
    return true;
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }

  private take(): void {
    try {
      this.fd = openSync('/dev/null', 'r');
    } catch {
      // Others have been quicker; the next time there may be one.
    }
  }
}
