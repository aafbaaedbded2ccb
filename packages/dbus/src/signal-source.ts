import type { SignalMessage } from './message.js';
import type { UpstartEvent } from './upstart-client.js';

/** Who hears the daemon's signals. */
export interface SignalListener {
  signalled(signal: SignalMessage): void;
  /** The daemon has gone from the bus, or come. */
  changed?(event: UpstartEvent): void;
  /** The connection has ended: nothing more will come. */
  ended(): void;
}

/** Where a client hears the signals of its daemon. */
export interface SignalSource {
  /** Hear everything from now on. Returns what ends it. After the end of the connection, `ended` comes at once. */
  listen(listener: SignalListener): () => void;
}

/** Hands the signals of a connection to everybody who listens. */
export class SignalHub implements SignalSource {
  private readonly listeners = new Set<SignalListener>();
  private readonly onListener: () => void;
  private over = false;

  /** @param onListener hears of everybody who begins to listen */
  constructor(onListener: () => void = () => {}) {
    this.onListener = onListener;
  }

  listen(listener: SignalListener): () => void {
    if (this.over) {
      listener.ended();
      return () => {};
    }
    this.listeners.add(listener);
    this.onListener();
    return () => {
      this.listeners.delete(listener);
    };
  }

  signalled(signal: SignalMessage): void {
    for (const listener of this.listeners) listener.signalled(signal);
  }

  changed(event: UpstartEvent): void {
    for (const listener of this.listeners) listener.changed?.(event);
  }

  ended(): void {
    this.over = true;
    for (const listener of this.listeners) listener.ended();
    this.listeners.clear();
  }
}
