import type { LogMessage } from './log-process.js';
import { encodeRequest } from './log-protocol.js';
import { native } from './native.js';

/**
 * What the log process has read and not written yet: kept here as well, for the log process that takes the place of one
 * that was killed.
 */
export class LogTray {
  #fds: readonly number[] = [];

  keep(fds: readonly number[]): void {
    this.close();
    this.#fds = fds;
  }

  /** Tells a new log process of the tray before it hears of the logs, and that it knows all of them after that. */
  pass(send: (message: LogMessage) => void, sendLogs: () => void): void {
    const fds = this.#fds;
    if (fds.length > 0) send(() => ({ bytes: encodeRequest('tray'), fds }));
    sendLogs();
    if (fds.length > 0) send(() => ({ bytes: encodeRequest('tray'), fds: [] }));
  }

  close(): void {
    for (const fd of this.#fds) native.closeFd(fd);
    this.#fds = [];
  }
}
