import type { DBusError } from './dbus-error.js';
import type { Received, ReturnMessage } from './message.js';

interface PendingCall {
  resolve(answer: Received<ReturnMessage>): void;
  reject(error: DBusError): void;
}

/** The calls of a connection that wait for their answers, by the serial of each. */
export class PendingCalls {
  readonly #calls = new Map<number, PendingCall>();

  /** @param signal forgets the call: an answer that comes afterwards finds nobody */
  add(serial: number, call: PendingCall, signal?: AbortSignal): void {
    this.#calls.set(serial, signal ? this.#abortable(serial, call, signal) : call);
  }

  /** @returns whether there is such a call */
  resolve(serial: number, answer: Received<ReturnMessage>): boolean {
    return this.#settle(serial, (call) => call.resolve(answer));
  }

  /** @returns whether there is such a call */
  reject(serial: number, error: DBusError): boolean {
    return this.#settle(serial, (call) => call.reject(error));
  }

  /** No answer comes any more. @param error makes an error for each */
  rejectAll(error: () => DBusError): void {
    for (const call of this.#calls.values()) call.reject(error());
    this.#calls.clear();
  }

  #settle(serial: number, settle: (call: PendingCall) => void): boolean {
    const call = this.#calls.get(serial);
    if (!call) return false;
    this.#calls.delete(serial);
    settle(call);
    return true;
  }

  #abortable(serial: number, { resolve, reject }: PendingCall, signal: AbortSignal): PendingCall {
    const abort = (): void => {
      this.#calls.delete(serial);
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    const settled = (): void => signal.removeEventListener('abort', abort);
    return {
      resolve: (answer) => {
        settled();
        resolve(answer);
      },
      reject: (error) => {
        settled();
        reject(error);
      },
    };
  }
}
